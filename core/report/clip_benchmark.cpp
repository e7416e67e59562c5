// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/report/report_writers.h"

#include <array>
#include <cmath>
#include <string_view>

namespace diptych {
namespace {

/// One metric's name here and in CLIP_benchmark's files.
struct Renamed {
    std::string_view ours, theirs;
};

/// A task's name here and there, and those of its metrics that are called otherwise there.
struct TaskNames {
    std::string_view ours, theirs;
    std::array<Renamed, 2> metrics;
};

constexpr std::array<TaskNames, 3> kTasks = {{
    {"zero-shot", "zeroshot_classification", {{{"top1", "acc1"}, {"top5", "acc5"}}}},
    {"linear-probe", "linear_probe", {}},
    {"retrieval", "zeroshot_retrieval", {}},
}};

const TaskNames* namesOf(const std::string& task) {
    for (const auto& names : kTasks)
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
