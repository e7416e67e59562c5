// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/commands/shared.h"

#include "core/base/file.h"
#include "core/base/temporary_files.h"
#include "core/metrics/metric_text.h"
#include "core/store/run_warnings.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <thread>

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

/// Whether a path leads to the same place as standard output. A file that is there already is written through
/// the one descriptor then: beside it, the program's other words would overwrite the beginning.
bool isStandardOutput(const std::string& path) {
    struct stat there {
    }, output{};
    if (path == "-")
        return true;
    return ::stat(path.c_str(), &there) == 0 && ::fstat(STDOUT_FILENO, &output) == 0 &&
           there.st_dev == output.st_dev && there.st_ino == output.st_ino;
}

} // namespace

CLI::Validator wholeNumber(int64_t minimum, int64_t maximum) {
    const auto check = [minimum, maximum](const std::string& text) -> std::string {
        int64_t value = 0;
        const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), value);
        if (failed == std::errc() && end == text.data() + text.size() && value >= minimum && value <= maximum)
            return "";
        return maximum == INT64_MAX
                   ? fmt::format("{} is not a whole number from {} on", text, minimum)
                   : fmt::format("{} is not a whole number from {} to {}", text, minimum, maximum);
    };
    return CLI::Validator(check, "");
}

CLI::Option* addSeedOption(CLI::App* command, uint64_t& seed, const std::string& help) {
    return command->add_option("--seed", seed, help)->type_name("N")->check(wholeNumber(0));
}

CLI::Option* addThreadsOption(CLI::App* command, unsigned& threads) {
    constexpr unsigned kMostThreads = 256;
    return command->add_option("--threads", threads, "CPU threads; 0 takes all")
        ->type_name("N")
        ->check(wholeNumber(0, std::max(kMostThreads, std::thread::hardware_concurrency())));
}

CLI::Option* addVerifyFlag(CLI::App* command, bool& verify) {
    return command->add_flag(
        "--verify", verify,
        "Read every image again to see whether it changed, instead of trusting size, times "
        "and inode number");
}

void readImagesAgain(Workspace& workspace, const std::string& dataset) {
    workspace.forgetContentHashes(datasetByName(workspace, dataset).id);
}

CLI::Option* addWorkspaceOption(CLI::App* command, std::string& path) {
    return command->add_option("-w,--workspace", path, "Workspace folder ($DIPTYCH_WORKSPACE)")
        ->type_name("DIR")
        ->envname("DIPTYCH_WORKSPACE")
        ->required();
}

Compute ComputeOptions::compute() const {
    return {parseDevice(device), parsePrecision(precision), threads, parseAlpha(alpha)};
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
    command
        ->add_option(
            "--alpha", options.alpha,
            "What the model sees of transparent pixels: drop, the colours stored there, as OpenAI and "
            "OpenCLIP; white, blended over white, as transformers from 5.24 on")
        ->type_name("drop|white")
        ->check(CLI::IsMember({"drop", "white"}));
    addThreadsOption(command, options.threads);
}

bool writeOutput(Console& console, const std::string& output, std::string_view content) {
    if (isStandardOutput(output)) {
        if (console.json())
            throw UsageError("--json and --output - exclude each other: both write to standard output");
        console.printRaw(content);
        return true;
    }
    writeFileAtomically(output, content);
    sweepTemporaryFiles(std::filesystem::path(output).parent_path());
    return false;
}

std::shared_ptr<Session> openForCaching(const std::string& workspace) {
    try {
        return Session::open(workspace, WorkspaceMode::ReadWrite);
    } catch (const Error& error) {
        if (error.code() != ErrorCode::Locked && error.code() != ErrorCode::DiskFull &&
            error.code() != ErrorCode::Unreadable)
            throw;
        return Session::open(workspace, WorkspaceMode::ReadOnly);
    }
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
    object["name"] = run.marks.name;
    object["note"] = run.marks.note;
    object["starred"] = run.marks.starred;
    object["task"] = run.task;
    object["dataset"] = run.datasetName;
    object["model"] = run.modelName;
    object["status"] = runStatusName(run.status);
    if (run.status == RunStatus::Damaged)
        object["message"] = run.title;
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
    for (const RunWarning& warning : runWarnings(run))
        object["warnings"].push_back(warning.text);
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
