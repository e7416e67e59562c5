// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/report/report_model.h"

#include "core/base/file.h"
#include "core/image/image.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <set>

namespace diptych {
namespace {

constexpr int kThumbnailQuality = 82;
constexpr int64_t kGalleryCandidates = 400, kFailuresListed = 50;
constexpr size_t kPredictionsShown = 3;

std::string base64(std::span<const std::byte> bytes) {
    static constexpr char kDigits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string out;
    out.reserve((bytes.size() + 2) / 3 * 4);
    for (size_t i = 0; i < bytes.size(); i += 3) {
        const size_t left = bytes.size() - i;
        const auto byteAt = [&](size_t k) { return k < left ? std::to_integer<uint32_t>(bytes[i + k]) : 0u; };
        const uint32_t group = byteAt(0) << 16 | byteAt(1) << 8 | byteAt(2);
        out += kDigits[group >> 18];
        out += kDigits[group >> 12 & 63];
        out += left > 1 ? kDigits[group >> 6 & 63] : '=';
        out += left > 2 ? kDigits[group & 63] : '=';
    }
    return out;
}

std::string thumbnailUri(const std::filesystem::path& path, int side) {
    const auto image = decodeImage(path);
    if (!image)
        return {};
    return "data:image/jpeg;base64," + base64(encodeJpeg(makeThumbnail(*image, side), kThumbnailQuality));
}

std::string nameAt(const std::vector<std::string>& names, int index) {
    return index >= 0 && static_cast<size_t>(index) < names.size() ? names[static_cast<size_t>(index)] : "";
}

double numberAt(const Json& object, const char* key) {
    const auto found = object.find(key);
    return found != object.end() && found->is_number() ? found->get<double>() : 0;
}

std::optional<double> shareAt(const Json& object, const char* key) {
    const auto found = object.find(key);
    if (found == object.end() || !found->is_number())
        return std::nullopt;
    return found->get<double>();
}

const Json* memberOf(const Json& object, const char* key) {
    if (!object.is_object())
        return nullptr;
    const auto found = object.find(key);
    return found != object.end() ? &*found : nullptr;
}

/// Details come from a database that other versions write too: what does not fit is left out.
void readDetails(const Json& details, ReportRun& run) {
    if (const Json* classes = memberOf(details, "classes"); classes && classes->is_array())
        for (const Json& entry : *classes)
            if (entry.is_object() && entry.contains("name") && entry["name"].is_string())
                run.classes.push_back(
                    {entry["name"].get<std::string>(), static_cast<int64_t>(numberAt(entry, "support")),
                     shareAt(entry, "recall"), shareAt(entry, "precision"), numberAt(entry, "f1")});
    if (const Json* confusion = memberOf(details, "confusion"))
        if (const Json* cells = memberOf(*confusion, "cells"); cells && cells->is_array())
            for (const Json& cell : *cells)
                if (cell.is_array() && cell.size() == 3 && cell[0].is_number_integer() &&
                    cell[1].is_number_integer() && cell[2].is_number_integer())
                    run.confusion.push_back({cell[0].get<int>(), cell[1].get<int>(), cell[2].get<int64_t>()});
    if (const Json* calibration = memberOf(details, "calibration"))
        if (const Json* bins = memberOf(*calibration, "bins"); bins && bins->is_array())
            for (const Json& bin : *bins)
                if (bin.is_object())
                    run.calibration.push_back({numberAt(bin, "low"), numberAt(bin, "high"),
                                               numberAt(bin, "confidence"), numberAt(bin, "accuracy"),
                                               static_cast<int64_t>(numberAt(bin, "count"))});
    const Json* templates = memberOf(details, "templates");
    if (const Json* prompts = memberOf(details, "prompts"))
        templates = prompts->is_object() ? memberOf(*prompts, "templates") : prompts;
    if (templates && templates->is_array())
        for (const Json& text : *templates)
            if (text.is_string())
                run.templates.push_back(text.get<std::string>());
}

/// The most confident examples, but from as many classes as there are: one each in turn.
std::vector<ExampleResult> chooseExamples(const Workspace& workspace, RunId run, bool correct, size_t count) {
    ExampleFilter filter;
    filter.correct = correct;
    const auto candidates =
        workspace.examples(run, filter, {ExampleOrder::Confidence, true}, 0, kGalleryCandidates);
    std::map<int, size_t> taken;
    std::vector<std::pair<size_t, size_t>> order; ///< round, position
    for (size_t i = 0; i < candidates.size(); ++i)
        order.emplace_back(taken[candidates[i].target]++, i);
    std::sort(order.begin(), order.end());
    std::vector<ExampleResult> chosen;
    for (size_t i = 0; i < std::min(count, order.size()); ++i)
        chosen.push_back(candidates[order[i].second]);
    return chosen;
}

std::vector<ReportExample> gallery(const Workspace& workspace, const RunRecord& run, bool correct,
                                   const ReportOptions& options, const RunContext& context) {
    std::vector<ReportExample> examples;
    for (const auto& result : chooseExamples(workspace, run.id, correct, options.examples)) {
        context.throwIfCancelled();
        const SampleId id = result.sample;
        const auto samples = workspace.samples(std::span(&id, 1), SampleDetail::Basic);
        if (samples.empty())
            continue;
        ReportExample example;
        example.key = samples.front().key;
        example.target = nameAt(run.classNames, result.target);
        example.correct = correct;
        example.thumbnail = thumbnailUri(samples.front().path, options.thumbnailSide);
        for (size_t i = 0; i < std::min(kPredictionsShown, result.predictions.size()); ++i)
            example.predictions.emplace_back(nameAt(run.classNames, result.predictions[i].index),
                                             result.predictions[i].score);
        examples.push_back(std::move(example));
        context.advance();
    }
    return examples;
}

void listFailures(const Workspace& workspace, ReportRun& run) {
    ExampleFilter filter;
    filter.status = ExampleStatus::Unreadable;
    run.failureCount = run.record.failureCount;
    for (const auto& result : workspace.examples(run.record.id, filter, {}, 0, kFailuresListed)) {
        const SampleId id = result.sample;
        const auto samples = workspace.samples(std::span(&id, 1), SampleDetail::Basic);
        run.failures.emplace_back(samples.empty() ? "" : samples.front().key, result.message);
    }
}

std::string titleOf(const std::vector<ReportRun>& runs) {
    std::set<std::string> datasets, models, tasks;
    for (const auto& run : runs) {
        datasets.insert(run.record.datasetName);
        models.insert(run.record.modelName);
        tasks.insert(run.record.task);
    }
    if (runs.size() == 1)
        return fmt::format("{}: {} on {}", runs[0].record.task, runs[0].record.modelName,
                           runs[0].record.datasetName);
    return fmt::format("{} of {} on {}", fmt::join(tasks, ", "), fmt::join(models, ", "),
                       fmt::join(datasets, ", "));
}

} // namespace

ReportModel buildReport(const Workspace& workspace, std::span<const RunId> runs, const ReportOptions& options,
                        const RunContext& context) {
    ReportModel report;
    report.workspace = displayPath(workspace.path());
    report.createdAt =
        fmt::format("{:%Y-%m-%dT%H:%M:%SZ}",
                    fmt::gmtime(std::chrono::system_clock::to_time_t(std::chrono::system_clock::now())));
    context.begin("Writing the report", 0);
    for (const RunId id : runs) {
        context.throwIfCancelled();
        ReportRun run;
        run.record = workspace.run(id);
        readDetails(run.record.details, run);
        run.wrong = gallery(workspace, run.record, false, options, context);
        run.right = gallery(workspace, run.record, true, options, context);
        listFailures(workspace, run);
        report.runs.push_back(std::move(run));
    }
    context.end();
    report.title = options.title.empty() ? titleOf(report.runs) : options.title;
    return report;
}

} // namespace diptych
