// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/results/metric.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

namespace diptych {

namespace {

Json number(double value) {
    return std::isfinite(value) ? Json(value) : Json(nullptr);
}

double numberOrNaN(const Json& object, const char* key, std::string_view where) {
    return jsonNumber(object, key, std::numeric_limits<double>::quiet_NaN(), where);
}

} // namespace

std::string_view unitName(Unit unit) {
    return unit == Unit::Share ? "share" : "number";
}

Unit guessUnit(std::string_view name, double value) {
    constexpr std::array<std::string_view, 6> kNumbers = {"ece",      "mce",       "median_rank",
                                                          "log_loss", "clipscore", "nll"};
    const bool number =
        std::ranges::any_of(kNumbers, [&](std::string_view ending) { return name.ends_with(ending); });
    // NaN is undefined in either unit.
    return number || value < 0 || value > 1 ? Unit::Number : Unit::Share;
}

Json toJson(const Metric& metric) {
    Json json{{"name", metric.name},
              {"value", number(metric.value)},
              {"n", metric.n},
              {"higher_is_better", metric.higherIsBetter},
              {"unit", unitName(metric.unit)}};
    if (metric.interval)
        json["interval"] = Json::array({number(metric.interval->low), number(metric.interval->high)});
    if (metric.chance)
        json["chance"] = number(*metric.chance);
    return json;
}

Json toJson(const std::vector<Metric>& metrics) {
    Json json = Json::array();
    for (const Metric& metric : metrics)
        json.push_back(toJson(metric));
    return json;
}

Metric metricFromJson(const Json& json, std::string_view where) {
    Metric metric;
    metric.name = jsonString(json, "name", where);
    metric.value = numberOrNaN(json, "value", where);
    const int64_t n = jsonInt(json, "n", 0, where);
    if (n < 0)
        throw Error(ErrorCode::Corrupt, fmt::format("{}: 'n' should not be negative, it is {}", where, n));
    metric.n = static_cast<size_t>(n);
    metric.higherIsBetter = jsonBool(json, "higher_is_better", true, where);
    if (const auto found = json.find("interval"); found != json.end() && !found->is_null()) {
        const auto isBound = [](const Json& bound) { return bound.is_number() || bound.is_null(); };
        if (!found->is_array() || found->size() != 2 || !isBound((*found)[0]) || !isBound((*found)[1]))
            throw Error(ErrorCode::Corrupt,
                        fmt::format("{}: 'interval' should be two numbers [low, high]", where));
        const auto bound = [&](size_t i) {
            return (*found)[i].is_null() ? std::numeric_limits<double>::quiet_NaN()
                                         : (*found)[i].get<double>();
        };
        metric.interval = Interval{bound(0), bound(1)};
    }
    if (const auto found = json.find("chance"); found != json.end() && !found->is_null())
        metric.chance = jsonNumber(json, "chance", 0, where);
    const std::string unit = jsonString(json, "unit", "", where);
    metric.unit = unit.empty()                     ? guessUnit(metric.name, metric.value)
                  : unit == unitName(Unit::Number) ? Unit::Number
                                                   : Unit::Share;
    return metric;
}

std::vector<Metric> metricsFromJson(const Json& json, std::string_view where) {
    if (!json.is_array())
        throw Error(ErrorCode::Corrupt, fmt::format("{}: a list of metrics is expected here", where));
    std::vector<Metric> metrics;
    for (const Json& item : json)
        metrics.push_back(metricFromJson(item, where));
    return metrics;
}

const Metric* findMetric(const std::vector<Metric>& metrics, std::string_view name) {
    const auto found = std::ranges::find(metrics, name, &Metric::name);
    return found == metrics.end() ? nullptr : &*found;
}

} // namespace diptych
