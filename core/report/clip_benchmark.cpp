// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/report/clip_benchmark_names.h"
#include "core/report/report_writers.h"

#include <cmath>

namespace diptych {
namespace {

using clip_benchmark::TaskNames;

const TaskNames* namesOf(const std::string& task) {
    for (const auto& names : clip_benchmark::kTasks)
        if (names.ours == task)
            return &names;
    return nullptr;
}

std::string metricName(const TaskNames* names, const std::string& ours) {
    if (names)
        for (const auto& renamed : names->metrics)
            if (renamed.ours == ours)
                return std::string(renamed.theirs);
    return ours;
}

} // namespace

OrderedJson clipBenchmarkJson(std::span<const RunRecord> runs) {
    OrderedJson list = OrderedJson::array();
    for (const auto& run : runs) {
        const TaskNames* names = namesOf(run.task);
        OrderedJson metrics = OrderedJson::object();
        for (const auto& metric : run.metrics)
            metrics[metricName(names, metric.name)] =
                std::isfinite(metric.value) ? OrderedJson(metric.value) : OrderedJson();
        OrderedJson object;
        object["dataset"] = run.datasetName;
        object["model"] = run.modelName;
        object["pretrained"] = run.modelFingerprint;
        object["task"] = names ? std::string(names->theirs) : run.task;
        object["language"] = "en";
        object["metrics"] = std::move(metrics);
        list.push_back(std::move(object));
    }
    return list;
}

} // namespace diptych
