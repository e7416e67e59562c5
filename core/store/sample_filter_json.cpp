// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/store/sample_filter_json.h"

#include <fmt/format.h>

#include <algorithm>

namespace diptych {
namespace {

Json rangeJson(const NumberRange& range) {
    return Json::array({range.least ? Json(*range.least) : Json(), range.most ? Json(*range.most) : Json()});
}

Json outcomeJson(const OutcomeFilter& outcome) {
    Json json = {{"id", outcome.run.value}};
    if (outcome.verdict != Verdict::Any)
        json["correct"] = outcome.verdict == Verdict::Right;
    if (!outcome.predicted.empty())
        json["predicted"] = outcome.predicted;
    if (outcome.confidence != NumberRange())
        json["confidence"] = rangeJson(outcome.confidence);
    return json;
}

NumberRange readRange(const Json& json) {
    NumberRange range;
    if (!json.at(0).is_null())
        range.least = json.at(0).get<double>();
    if (!json.at(1).is_null())
        range.most = json.at(1).get<double>();
    return range;
}

OutcomeFilter readOutcome(const Json& json) {
    OutcomeFilter outcome;
    outcome.run = {json.at("id").get<int64_t>()};
    if (json.contains("correct"))
        outcome.verdict = json.at("correct").get<bool>() ? Verdict::Right : Verdict::Wrong;
    if (json.contains("predicted"))
        outcome.predicted = json.at("predicted").get<std::vector<int>>();
    if (json.contains("confidence"))
        outcome.confidence = readRange(json.at("confidence"));
    return outcome;
}

int readLabel(const Json& json, const std::vector<std::string>& classNames, std::string_view where) {
    if (json.is_null())
        return -1;
    const std::string name = json.get<std::string>();
    const auto found = std::find(classNames.begin(), classNames.end(), name);
    if (found == classNames.end())
        throw Error(ErrorCode::NotFound,
                    fmt::format("{} asks for the class '{}', which its dataset does not have. Save it anew",
                                where, name));
    return static_cast<int>(found - classNames.begin());
}

void readInto(SampleFilter& filter, const std::string& name, const Json& value,
              const std::vector<std::string>& classNames, std::string_view where) {
    if (name == "classes")
        for (const Json& label : value)
            filter.labels.push_back(readLabel(label, classNames, where));
    else if (name == "text")
        filter.text = value.get<std::string>();
    else if (name == "tags")
        filter.tags = value.get<std::vector<std::string>>();
    else if (name == "splits")
        filter.splits = value.get<std::vector<std::string>>();
    else if (name == "columns")
        for (const auto& [column, values] : value.get_ref<const Json::object_t&>())
            filter.columns.push_back({column, values.get<std::vector<std::string>>()});
    else if (name == "ranges")
        for (const auto& [column, range] : value.get_ref<const Json::object_t&>())
            filter.ranges.push_back({column, readRange(range)});
    else if (name == "noted")
        filter.noted = value.get<bool>();
    else if (name == "selection")
        filter.selection = {value.get<int64_t>()};
    else if (name == "run")
        filter.outcome = readOutcome(value);
    else
        throw Error(ErrorCode::Corrupt, fmt::format("{} has an unknown condition '{}'", where, name));
}

} // namespace

Json sampleFilterJson(const SampleFilter& filter, const std::vector<std::string>& classNames) {
    Json json = Json::object();
    for (const int label : filter.labels) {
        const bool named = label >= 0 && static_cast<size_t>(label) < classNames.size();
        json["classes"].push_back(named ? Json(classNames[static_cast<size_t>(label)]) : Json());
    }
    if (!filter.text.empty())
        json["text"] = filter.text;
    if (!filter.tags.empty())
        json["tags"] = filter.tags;
    if (!filter.splits.empty())
        json["splits"] = filter.splits;
    for (const ColumnFilter& column : filter.columns)
        json["columns"][column.column] = column.values;
    for (const ColumnRange& range : filter.ranges)
        json["ranges"][range.column] = rangeJson(range.range);
    if (filter.noted)
        json["noted"] = true;
    if (filter.selection)
        json["selection"] = filter.selection.value;
    if (filter.outcome)
        json["run"] = outcomeJson(*filter.outcome);
    return json;
}

SampleFilter sampleFilterFromJson(const Json& json, const std::vector<std::string>& classNames,
                                  std::string_view where) {
    SampleFilter filter;
    try {
        for (const auto& [name, value] : json.get_ref<const Json::object_t&>())
            readInto(filter, name, value, classNames, where);
    } catch (const Json::exception& error) {
        throw Error(ErrorCode::Corrupt, fmt::format("{} is not a filter: {}", where, error.what()));
    }
    return filter;
}

} // namespace diptych
