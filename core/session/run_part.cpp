// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/session/run_part.h"

#include "core/results/json_read.h"
#include "core/tasks/classification_details.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

namespace diptych {
namespace {

/// Of the examples that the run judged. @param confidences whether the scores are probabilities of the run
ClassificationResults resultsOf(std::span<const ExampleResult> examples, std::span<const uint32_t> part,
                                size_t classCount, bool confidences) {
    ClassificationResults results;
    for (const uint32_t place : part) {
        const ExampleResult& example = examples[place];
        if (example.status != ExampleStatus::Ok || example.target < 0 || example.predictions.empty() ||
            static_cast<size_t>(example.target) >= classCount ||
            static_cast<size_t>(example.predictions.front().index) >= classCount)
            continue;
        results.labels.push_back(example.target);
        results.predictions.push_back(example.predictions.front().index);
        results.correct.push_back(example.target == results.predictions.back() ? 1 : 0);
        if (confidences)
            results.confidences.push_back(static_cast<double>(example.predictions.front().score));
    }
    return results;
}

/// Numbers that went through a float may differ in their last digits.
bool sameTables(const Json& a, const Json& b) {
    if (a.is_number_float() || b.is_number_float())
        return a.is_number() && b.is_number() && std::abs(a.get<double>() - b.get<double>()) < 1e-6;
    if (!a.is_structured() || a.type() != b.type() || a.size() != b.size())
        return a == b;
    if (a.is_array())
        return std::equal(a.begin(), a.end(), b.begin(), sameTables);
    for (const auto& [name, value] : a.items())
        if (!b.contains(name) || !sameTables(value, b.at(name)))
            return false;
    return true;
}

/// Of no examples at all, which no metric is defined on.
Json emptied(Json details) {
    for (Json& entry : details["classes"]) {
        entry["support"] = entry["predicted"] = entry["f1"] = 0;
        entry["recall"] = entry["precision"] = nullptr;
    }
    details["confusion"]["cells"] = Json::array();
    details.erase("calibration");
    return details;
}

} // namespace

std::optional<Json> classDetailsOn(const RunRecord& run, std::span<const ExampleResult> examples,
                                   std::span<const uint32_t> part) {
    std::vector<uint32_t> all(examples.size());
    std::iota(all.begin(), all.end(), 0U);
    const size_t classes = run.classNames.size();
    bool calibrated = !memberOf(run.details, "calibration").is_null();
    const ClassificationResults everything = resultsOf(examples, all, classes, calibrated);
    if (everything.labels.empty())
        return std::nullopt;
    const Json whole = classificationDetails(everything, run.classNames);
    for (const char* table : {"classes", "confusion"})
        if (!sameTables(memberOf(whole, table), memberOf(run.details, table)))
            return std::nullopt;
    Json stored = memberOf(run.details, "calibration");
    if (stored.is_object())
        stored.erase("temperature"); // fitted on all classes' scores, which examples do not keep
    calibrated = calibrated && sameTables(memberOf(whole, "calibration"), stored);
    const ClassificationResults results = resultsOf(examples, part, classes, calibrated);
    return results.labels.empty() ? emptied(whole) : classificationDetails(results, run.classNames);
}

} // namespace diptych
