// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/report/result_import.h"

#include "core/base/file.h"
#include "core/base/json_stream.h"
#include "core/report/clip_benchmark_names.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <chrono>
#include <cmath>

namespace diptych {
namespace {

using clip_benchmark::TaskNames;

constexpr uint64_t kMaxFileBytes = uint64_t{1} << 30;

std::string lastWritten(const std::filesystem::path& file) {
    std::error_code ignored;
    const auto written = std::filesystem::last_write_time(file, ignored);
    const auto system = ignored ? std::chrono::system_clock::now() : std::chrono::file_clock::to_sys(written);
    return fmt::format("{:%Y-%m-%dT%H:%M:%SZ}",
                       fmt::gmtime(std::chrono::system_clock::to_time_t(
                           std::chrono::time_point_cast<std::chrono::system_clock::duration>(system))));
}

const TaskNames* namesOf(const std::string& theirs) {
    for (const auto& names : clip_benchmark::kTasks)
        if (names.theirs == theirs)
            return &names;
    return nullptr;
}

std::string metricName(const TaskNames* names, const std::string& theirs) {
    if (names)
        for (const auto& renamed : names->metrics)
            if (renamed.theirs == theirs)
                return std::string(renamed.ours);
    return theirs;
}

RunRecord readEntry(const Json& entry, const std::string& where) {
    if (!entry.is_object())
        throw Error(ErrorCode::Corrupt,
                    where + ": should be an object with dataset, model, task and metrics");
    RunRecord run;
    const std::string task = jsonString(entry, "task", where);
    const TaskNames* names = namesOf(task);
    run.task = names ? std::string(names->ours) : task;
    run.title = "Imported result";
    run.datasetName = jsonString(entry, "dataset", where);
    run.modelName = jsonString(entry, "model", where);
    const std::string pretrained = jsonString(entry, "pretrained", "", where);
    if (!pretrained.empty())
        run.modelName += " (" + pretrained + ")";
    run.spec = {{"imported_from", "CLIP_benchmark"},
                {"language", jsonString(entry, "language", "en", where)}};
    run.programVersion = "CLIP_benchmark";
    const auto metrics = entry.find("metrics");
    if (metrics == entry.end() || !metrics->is_object())
        throw Error(ErrorCode::Corrupt, where + ": 'metrics' should be an object of numbers");
    for (const auto& [name, value] : metrics->items())
        if (value.is_number() && std::isfinite(value.get<double>())) {
            const std::string ours = metricName(names, name);
            const double number = value.get<double>();
            run.metrics.push_back({ours, number, {}, 0, true, {}, guessUnit(ours, number)});
        }
    if (run.metrics.empty())
        throw Error(ErrorCode::Corrupt, where + ": there is no number among its metrics");
    return run;
}

} // namespace

std::vector<RunRecord> readClipBenchmarkResults(const std::filesystem::path& file) {
    const Json json = readJsonFile(file, kMaxFileBytes, JsonDialect::Python);
    const Json entries = json.is_array() ? json : Json::array({json});
    if (entries.empty())
        throw Error(ErrorCode::Corrupt, displayPath(file) + ": the list of results is empty");
    const std::string started = lastWritten(file);
    std::vector<RunRecord> runs;
    for (size_t i = 0; i < entries.size(); ++i) {
        const std::string where =
            json.is_array() ? fmt::format("{}, entry {}", displayPath(file), i + 1) : displayPath(file);
        runs.push_back(readEntry(entries[i], where));
        runs.back().startedAt = started;
    }
    return runs;
}

std::string ImportedResults::failures(size_t files) const {
    if (problems.empty())
        return {};
    return fmt::format("{} of {} files {} not imported: {}", problems.size(), files,
                       problems.size() == 1 ? "was" : "were", problems.front().what());
}

ImportedResults readClipBenchmarkResults(std::span<const std::filesystem::path> files) {
    ImportedResults results;
    for (const auto& file : files) {
        try {
            for (RunRecord& run : readClipBenchmarkResults(file))
                results.runs.push_back(std::move(run));
        } catch (const Error& error) {
            results.problems.push_back(error);
        }
    }
    if (results.runs.empty() && !results.problems.empty())
        throw results.problems.front();
    return results;
}

} // namespace diptych
