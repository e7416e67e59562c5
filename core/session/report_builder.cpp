// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/session/report_builder.h"

#include "core/metrics/metric_text.h"
#include "core/metrics/number_text.h"
#include "core/results/json_read.h"
#include "core/session/comparison.h"
#include "core/session/embedding_map.h"
#include "core/session/run_positives.h"
#include "core/session/slice_tables.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <unordered_map>

namespace diptych {
namespace {

constexpr size_t kMostPairs = 10, kMostPoints = 5000, kResamples = 1000;

// Maps

MapSpec mapSpecOf(const RunRecord& run, bool make) {
    MapSpec spec;
    spec.dataset = run.datasetName;
    spec.model = run.modelName;
    spec.encodeMissing = false;
    spec.keptOnly = !make;
    spec.precision = parsePrecision(run.precision);
    spec.device = parseDevice(run.device);
    if (const std::string alpha = textOf(memberOf(run.spec, "alpha")); !alpha.empty())
        spec.alpha = parseAlpha(alpha);
    return spec;
}

/// Every so many of the points, so that a page stays light.
ReportMap mapOf(const EmbeddingMap& map, const Workspace& workspace, const RunRecord& run) {
    std::unordered_map<SampleId, ExampleResult> results;
    for (ExampleResult& result : workspace.examples(run.id))
        results.emplace(result.sample, std::move(result));
    const size_t step = (map.points.size() + kMostPoints - 1) / kMostPoints;
    ReportMap out;
    out.title = "Map of the data set";
    double preserved = 0;
    for (const float share : map.preservation)
        preserved += static_cast<double>(share) / static_cast<double>(map.preservation.size());
    out.note = fmt::format(
        "UMAP of the image embeddings. Of the {} nearest neighbours of a point in the embeddings, {} are "
        "among its nearest here on average; distances between groups mean little.",
        neighboursCompared(map), shareText(preserved));
    for (size_t i = 0; i < map.points.size(); i += step) {
        const MapPoint& point = map.points[i];
        const auto found = results.find(point.sample);
        ReportMap::Point& drawn = out.points.emplace_back(
            ReportMap::Point{map.positions(i, 0), map.positions(i, 1), point.label, std::nullopt});
        if (found != results.end()) {
            drawn.correct = found->second.correct;
            if (found->second.target >= 0)
                drawn.label = found->second.target; // as the run had it
        }
    }
    if (step > 1)
        out.note += fmt::format(" Every {}th of {} points is drawn.", step, map.points.size());
    return out;
}

void addMaps(ReportModel& report, Session& session, bool make, const RunContext& context) {
    for (ReportRun& run : report.runs) {
        if (!run.record.datasetId || run.record.exampleCount == 0)
            continue;
        try {
            const EmbeddingMap map = session.embeddingMap(mapSpecOf(run.record, make), context);
            if (map.answer == Answer::Ready && !map.points.empty())
                run.map = mapOf(map, session.workspace(), run.record);
            else if (make)
                run.parts.push_back({"map",
                                     "Map of the data set",
                                     {"The images' embeddings are not kept any more."},
                                     {},
                                     {},
                                     {}});
        } catch (
            const Error& error) { // the model or the data set is gone: the report is of the run, not of these
            if (make)
                run.parts.push_back({"map", "Map of the data set", {error.what()}, {}, {}, {}});
        }
    }
}

// Pairs of runs

std::string sentenceOf(const RunComparison& c) {
    std::string text =
        fmt::format("Run {} ({}) less run {} ({}) on {} examples both judge: {}, 95 % interval {} to {}.",
                    c.first.id.value, c.first.modelName, c.second.id.value, c.second.modelName, c.common,
                    c.differenceText(c.difference.difference), c.differenceText(c.difference.interval.low),
                    c.differenceText(c.difference.interval.high));
    if (c.difference.interval.low <= 0 && c.difference.interval.high >= 0)
        text += " The interval holds 0: which of the two is better is not decided.";
    return text;
}

std::vector<std::string> rowOf(const RunComparison& c) {
    return {fmt::format("{}, {}", c.first.id.value, c.second.id.value),
            fmt::format("{}", c.common),
            c.meanText(c.firstMean),
            c.meanText(c.secondMean),
            c.differenceText(c.difference.difference),
            fmt::format("{} to {}", c.differenceText(c.difference.interval.low),
                        c.differenceText(c.difference.interval.high)),
            fmt::format("{}", c.firstHigher.size()),
            fmt::format("{}", c.secondHigher.size()),
            pValueText(c.mcNemar ? c.mcNemar->pValue : c.difference.pValue)};
}

ReportGallery flipsOf(const Workspace& workspace, const RunComparison& c, bool first,
                      const ReportOptions& options) {
    const RunRecord run = workspace.run(first ? c.first.id : c.second.id);
    const auto& samples = first ? c.firstHigher : c.secondHigher;
    const int64_t other = (first ? c.second : c.first).id.value;
    ReportGallery gallery{
        "flips",
        c.rightOrWrong()
            ? fmt::format("Right in run {} and wrong in run {}, in the data set's order: the first {} of {}",
                          run.id.value, other, std::min(options.examples, samples.size()), samples.size())
            : fmt::format("Higher in run {} than in run {}, in the data set's order: the first {} of {}",
                          run.id.value, other, std::min(options.examples, samples.size()), samples.size()),
        {}};
    for (size_t i = 0; i < std::min(options.examples, samples.size()); ++i)
        if (const auto result = workspace.exampleFor(run.id, samples[i]))
            gallery.examples.push_back(describedExample(workspace, run, *result, options));
    return gallery;
}

// Sheets

/// Fills in the samples of rules that name a view, of every data set of the runs that has one of that name.
std::vector<SheetRule> resolvedSheets(const Workspace& workspace, std::span<const RunId> runs,
                                      std::vector<SheetRule> sheets) {
    for (SheetRule& rule : sheets) {
        if (rule.by != SheetRule::By::Samples || !rule.samples.empty())
            continue;
        std::set<DatasetId> datasets;
        for (const RunId run : runs)
            if (const DatasetId dataset = workspace.run(run).datasetId)
                datasets.insert(dataset);
        bool found = false;
        for (const DatasetId dataset : datasets)
            for (const SavedView& view : workspace.views(dataset))
                if (view.name == rule.name) {
                    found = true;
                    const auto samples = workspace.sampleIds(dataset, workspace.viewFilter(view));
                    rule.samples.insert(rule.samples.end(), samples.begin(), samples.end());
                }
        if (!found)
            throw Error(ErrorCode::NotFound,
                        fmt::format("No data set of these runs has a view '{}'", rule.name));
        rule.name = "the view '" + rule.name + "'";
    }
    return sheets;
}

} // namespace

void addComparisons(ReportModel& report, const Workspace& workspace, const ReportOptions& options,
                    const RunContext& context) {
    ReportPart part{"compare", "Comparison on shared examples", {}, {}, {}, {}};
    ReportTable table;
    table.title = "Pairs of runs";
    for (const auto& [title, isText] : {std::pair{"Runs", true},
                                        {"Shared", false},
                                        {"First", false},
                                        {"Second", false},
                                        {"First less second", false},
                                        {"95 % interval", false},
                                        {"First alone", false},
                                        {"Second alone", false},
                                        {"p", false}})
        table.columns.push_back({title, isText});
    for (size_t a = 0; a < report.runs.size(); ++a)
        for (size_t b = a + 1; b < report.runs.size() && table.rows.size() < kMostPairs; ++b) {
            const RunRecord &first = report.runs[a].record, &second = report.runs[b].record;
            if (!first.datasetId || first.datasetId != second.datasetId || first.exampleCount == 0 ||
                second.exampleCount == 0)
                continue;
            try {
                const RunComparison found = compareRuns(workspace, first.id, second.id, kResamples, context);
                table.rows.push_back(rowOf(found));
                part.text.push_back(sentenceOf(found));
                if (report.runs.size() == 2)
                    for (const bool ofFirst : {true, false})
                        part.galleries.push_back(flipsOf(workspace, found, ofFirst, options));
            } catch (const Error& error) {
                if (error.code() != ErrorCode::InvalidArgument) // no example that both judge
                    throw;
            }
        }
    if (table.rows.empty())
        return;
    table.note = "Intervals by paired bootstrap; p by McNemar's test where examples are right or wrong, else "
                 "by that bootstrap.";
    if (table.rows.size() > 1)
        table.note +=
            fmt::format(" p is of each pair by itself, not corrected for there being {}.", table.rows.size());
    part.tables.push_back(std::move(table));
    report.parts.push_back(std::move(part));
}

void addCorrectedRetrieval(ReportModel& report, const Workspace& workspace) {
    for (ReportRun& run : report.runs) {
        if (run.record.task != "retrieval" || !run.record.datasetId || run.record.exampleCount == 0 ||
            workspace.positives(run.record.datasetId).empty())
            continue;
        const RunPositives found = runWithPositives(workspace, run.record.id);
        ReportTable table;
        table.title = fmt::format("With {} captions marked as right for other images", found.retrieval.used);
        table.columns = {{"Metric", true},
                         {"Without", false},
                         {"With", false},
                         {"Change", false},
                         {"Queries changed", false}};
        for (const CorrectedMetric& metric : found.retrieval.metrics)
            table.rows.push_back({metricTitle(metric.stored.name), metricValueText(metric.stored),
                                  correctedText(metric), correctedChangeText(metric),
                                  fmt::format("{}", metric.changed)});
        table.note = found.note;
        run.parts.push_back({"tables", "", {}, {std::move(table)}, {}, {}});
    }
}

ReportModel buildFullReport(Session& session, std::span<const RunId> runs, const FullReportOptions& options,
                            const RunContext& context) {
    Workspace& workspace = session.workspace();
    ReportOptions resolved = options.report;
    resolved.sheets = resolvedSheets(workspace, runs, std::move(resolved.sheets));
    ReportModel report = buildReport(workspace, runs, resolved, context);
    if (report.shows("tables"))
        addCorrectedRetrieval(report, workspace);
    if (report.shows("slices"))
        addSlices(report, workspace, options.slices, context);
    if (report.shows("map"))
        addMaps(report, session, options.makeMaps, context);
    if (report.shows("compare"))
        addComparisons(report, workspace, options.report, context);
    return report;
}

} // namespace diptych
