// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/json.h"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace diptych {

/// A confidence interval, 95 % unless said otherwise.
struct Interval {
    double low = 0, high = 0;
    friend bool operator==(const Interval&, const Interval&) = default;
};

/// What a metric's value is measured in, and so how it is written.
enum class Unit {
    Share, ///< of something, written in percent: 0.931 is "93.1 %"; may leave [0, 1] (mean differences)
    Number ///< written as it is: ranks, losses, calibration errors, CLIPScore
};
std::string_view unitName(Unit unit); ///< "share", "number"

/// A named number of a run, as tasks return it, the store keeps it and the window, reports and exports show
/// it.
struct Metric {
    std::string name; ///< stable key: "top1", "image_retrieval_recall@5", "group_Object"
    double value = 0; ///< NaN = undefined on this data
    std::optional<Interval> interval;
    size_t n = 0; ///< examples (or queries, pairs, classes) behind the value
    bool higherIsBetter = true;
    std::optional<double> chance; ///< what guessing gets, where that is known
    Unit unit = Unit::Share;
};

/// The unit of a metric that was stored before units were, or that comes from somewhere else: by its name,
/// and for a name that is not known by its value (a share lies in [0, 1]).
Unit guessUnit(std::string_view name, double value);

/// {"name", "value", "n", "higher_is_better", "unit"} and, where known, "interval": [low, high] and "chance".
/// A value that is not finite is written as null.
Json toJson(const Metric& metric);
Json toJson(const std::vector<Metric>& metrics);
/// @param where names the source in messages. @throws Error Corrupt
Metric metricFromJson(const Json& json, std::string_view where);
std::vector<Metric> metricsFromJson(const Json& json, std::string_view where);

/// The metric of that name; null if there is none.
const Metric* findMetric(const std::vector<Metric>& metrics, std::string_view name);

} // namespace diptych
