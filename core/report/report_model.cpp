// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/report/report_model.h"

#include "core/base/file.h"
#include "core/report/report_examples.h"
#include "core/results/json_read.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <set>

namespace diptych {
namespace {

constexpr int64_t kFailuresListed = 50;

double numberAt(const Json& object, const char* key) {
    const double value = numberOf(memberOf(object, key));
    return std::isfinite(value) ? value : 0;
}

std::optional<double> shareAt(const Json& object, const char* key) {
    const Json& found = memberOf(object, key);
    return found.is_number() ? std::optional(found.get<double>()) : std::nullopt;
}

void readDetails(const Json& details, ReportRun& run) {
    for (const Json& entry : listOf(details, "classes"))
        if (memberOf(entry, "name").is_string())
            run.classes.push_back({entry["name"].get<std::string>(),
                                   static_cast<int64_t>(numberAt(entry, "support")), shareAt(entry, "recall"),
                                   shareAt(entry, "precision"), numberAt(entry, "f1")});
    for (const Json& cell : listOf(memberOf(details, "confusion"), "cells"))
        if (cell.is_array() && cell.size() == 3 && cell[0].is_number_integer() &&
            cell[1].is_number_integer() && cell[2].is_number_integer())
            run.confusion.push_back({cell[0].get<int>(), cell[1].get<int>(), cell[2].get<int64_t>()});
    for (const Json& bin : listOf(memberOf(details, "calibration"), "bins"))
        if (bin.is_object())
            run.calibration.push_back({numberAt(bin, "low"), numberAt(bin, "high"),
                                       numberAt(bin, "confidence"), numberAt(bin, "accuracy"),
                                       static_cast<int64_t>(numberAt(bin, "count"))});
    run.curves = report::readCurves(details);
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

/// What somebody calls the run and has noted of it, first of all.
void addMarks(ReportRun& run) {
    const RunMarks& marks = run.record.marks;
    if (marks.name.empty() && marks.note.empty())
        return;
    ReportPart part;
    part.section = "summary";
    part.title = marks.name.empty() ? "Note" : marks.name;
    if (!marks.note.empty())
        part.text.push_back(marks.note);
    run.parts.insert(run.parts.begin(), std::move(part));
}

} // namespace

bool ReportModel::shows(std::string_view section) const {
    return sections.empty() || std::ranges::find(sections, section) != sections.end();
}

std::string ReportModel::comment(std::string_view section) const {
    const auto found = comments.find(std::string(section));
    return found != comments.end() && shows(section) ? found->second : std::string();
}

std::vector<std::string> reportMetricNames(const ReportModel& report) {
    std::vector<std::string> names;
    for (const auto& run : report.runs)
        for (const auto& metric : run.record.metrics)
            if (std::ranges::find(names, metric.name) == names.end())
                names.push_back(metric.name);
    return names;
}

ReportModel buildReport(const Workspace& workspace, std::span<const RunId> runs, const ReportOptions& options,
                        const RunContext& context) {
    ReportModel model;
    model.sections = options.sections;
    model.comments = options.comments;
    model.workspace = displayPath(workspace.path());
    model.createdAt =
        fmt::format("{:%Y-%m-%dT%H:%M:%SZ}",
                    fmt::gmtime(std::chrono::system_clock::to_time_t(std::chrono::system_clock::now())));
    context.begin("Writing the report", 0);
    for (const RunId id : runs) {
        context.throwIfCancelled();
        ReportRun run;
        run.record = workspace.run(id);
        readDetails(run.record.details, run);
        addMarks(run);
        if (model.shows("examples")) {
            run.galleries = options.sheets.empty()
                                ? report::galleriesOf(workspace, run.record, options, context)
                                : report::sheetsOf(workspace, run.record, options, context);
            report::readGroups(workspace, options, context, run);
        }
        listFailures(workspace, run);
        model.runs.push_back(std::move(run));
    }
    context.end();
    model.title = options.title.empty() ? titleOf(model.runs) : options.title;
    return model;
}

} // namespace diptych
