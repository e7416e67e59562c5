// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/commands/shared.h"

#include "core/base/file.h"
#include "core/metrics/metric_text.h"
#include "core/store/run_warnings.h"

#include <fmt/format.h>

#include <cmath>

namespace diptych::cli {
namespace {

OrderedJson finiteOrNull(double value) {
    return std::isfinite(value) ? OrderedJson(value) : OrderedJson();
}

template<class Record>
std::string namesOf(const std::vector<Record>& records) {
    std::string names;
    for (const auto& record : records)
        names += (names.empty() ? "" : ", ") + record.name;
    return names.empty() ? "it has none yet" : "it has: " + names;
}

} // namespace

CLI::Option* addWorkspaceOption(CLI::App* command, std::string& path) {
    return command->add_option("-w,--workspace", path, "Workspace folder ($DIPTYCH_WORKSPACE)")
        ->type_name("DIR")
        ->envname("DIPTYCH_WORKSPACE")
        ->required();
}

Compute ComputeOptions::compute() const {
    return {parseDevice(device), parsePrecision(precision), threads};
}

void addComputeOptions(CLI::App* command, ComputeOptions& options) {
    command->add_option("--device", options.device, "auto takes CUDA where it can be used")
        ->type_name("auto|cpu|cuda")
        ->check(CLI::IsMember({"auto", "cpu", "cuda"}));
    command
        ->add_option(
            "--precision", options.precision,
            "auto: fp16 on CUDA, fp32 on the CPU, whose numbers are the same on every machine; bf16 is about "
            "twice as fast where the CPU has the instructions")
        ->type_name("auto|fp32|bf16|fp16")
        ->check(CLI::IsMember({"auto", "fp32", "bf16", "fp16"}));
    command->add_option("--threads", options.threads, "CPU threads; 0 takes all")
        ->type_name("N")
        ->check(CLI::Range(0, 4096));
}

DatasetInfo datasetByName(Workspace& workspace, const std::string& name) {
    if (auto found = workspace.findDataset(name))
        return *found;
    throw Error(ErrorCode::NotFound,
                fmt::format("there is no dataset '{}' in {}; {}", name, displayPath(workspace.path()),
                            namesOf(workspace.datasets())));
}

ModelRecord modelByName(Workspace& workspace, const std::string& name) {
    if (auto found = workspace.findModel(name))
        return *found;
    throw Error(ErrorCode::NotFound, fmt::format("there is no model '{}' in {}; {}", name,
                                                 displayPath(workspace.path()), namesOf(workspace.models())));
}

OrderedJson metricsObject(const std::vector<Metric>& metrics) {
    OrderedJson object = OrderedJson::object();
    for (const auto& metric : metrics) {
        OrderedJson entry;
        entry["value"] = finiteOrNull(metric.value);
        if (metric.interval) {
            entry["low"] = finiteOrNull(metric.interval->low);
            entry["high"] = finiteOrNull(metric.interval->high);
        }
        entry["n"] = metric.n;
        if (metric.chance)
            entry["chance"] = finiteOrNull(*metric.chance);
        object[metric.name] = std::move(entry);
    }
    return object;
}

Table metricsTable(const std::vector<Metric>& metrics) {
    using enum Table::Align;
    Table table({{"Metric"}, {"Value", Right}, {"95 % interval", Right}, {"n", Right}, {"Chance", Right}});
    for (const auto& metric : metrics)
        table.addRow({metricTitle(metric.name), metricValueText(metric), metricIntervalText(metric),
                      formatCount(static_cast<int64_t>(metric.n)), metricChanceText(metric)});
    return table;
}

OrderedJson runObject(const RunRecord& run) {
    OrderedJson object;
    object["run"] = run.id.value;
    object["task"] = run.task;
    object["dataset"] = run.datasetName;
    object["model"] = run.modelName;
    object["status"] = runStatusName(run.status);
    object["metrics"] = metricsObject(run.metrics);
    object["examples"] = run.exampleCount;
    object["failures"] = run.failureCount;
    object["device"] = run.device;
    object["precision"] = run.precision;
    object["seed"] = run.seed;
    object["started_at"] = run.startedAt;
    object["wall_seconds"] = run.wallSeconds;
    object["dataset_fingerprint"] = run.datasetFingerprint;
    object["model_fingerprint"] = run.modelFingerprint;
    object["program_version"] = run.programVersion;
    object["spec"] = run.spec;
    object["command"] = run.command;
    if (const auto warnings = runWarnings(run); !warnings.empty())
        object["warnings"] = warnings;
    return object;
}

std::string runHeadline(const RunRecord& run) {
    return fmt::format("Run {}: {}, {} × {}, {} on {}, {}", run.id.value, run.task, run.datasetName,
                       run.modelName, run.precision, run.device, formatSeconds(run.wallSeconds));
}

std::string formatSeconds(double seconds) {
    if (seconds < 0.1)
        return fmt::format("{:.3f} s", seconds);
    return seconds < 60 ? fmt::format("{:.1f} s", seconds) : formatDuration(seconds);
}

} // namespace diptych::cli
