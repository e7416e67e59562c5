// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/session/slice_tables.h"

#include "core/metrics/metric_text.h"
#include "core/metrics/number_text.h"
#include "core/tasks/detail_tables.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

namespace diptych {
namespace {

constexpr size_t kRowsInReport = 30;

std::string signedText(double value, Unit unit) {
    if (!std::isfinite(value))
        return "";
    if (unit == Unit::Share)
        return pointsText(value);
    return (value > 0 ? "+" : "") + numberText(value);
}

/// Shortest text that reads back as the same number; empty where there is none.
std::string csvNumber(double value) {
    return std::isfinite(value) ? fmt::format("{}", value) : "";
}

void addInterval(std::vector<std::string>& fields, const std::optional<Interval>& interval) {
    fields.push_back(interval ? csvNumber(interval->low) : "");
    fields.push_back(interval ? csvNumber(interval->high) : "");
}

std::vector<std::string> otherNames(const RunSlices& slices) {
    std::vector<std::string> names;
    for (const std::string& name : slices.metrics)
        if (name != slices.whole.name)
            names.push_back(name);
    return names;
}

std::string csvLine(const std::vector<std::string>& fields, CsvFormulas formulas) {
    std::string line;
    for (size_t i = 0; i < fields.size(); ++i)
        line += (i > 0 ? "," : "") + csvField(fields[i], formulas);
    return line + "\n";
}

} // namespace

std::string differenceText(const Slice& slice) {
    const std::string text = signedText(slice.difference.difference, slice.metric.unit);
    return text.empty() || slice.metric.unit == Unit::Number ? text : text + " points";
}

std::string differenceIntervalText(const Slice& slice) {
    if (!slice.difference.interval)
        return "";
    return fmt::format("{} to {}", signedText(slice.difference.interval->low, slice.metric.unit),
                       signedText(slice.difference.interval->high, slice.metric.unit));
}

std::string verdictText(const Slice& slice) {
    if (slice.tooFew)
        return "too few to say";
    if (slice.rest == 0)
        return "everything";
    if (!slice.tested)
        return "undefined";
    return slice.differs ? "differs" : "";
}

std::string adjustedPText(const Slice& slice) {
    if (!slice.tested)
        return "";
    const std::string text = pValueText(slice.adjustedP); // "p = 0.012", "p < 0.001"
    return text.substr(text.starts_with("p = ") ? 4 : 2);
}

std::string slicesNote(const RunSlices& slices) {
    std::string note = slices.note.empty() ? "" : slices.note + ". ";
    note += fmt::format("Differences are to all that is not in the slice; p by Holm's method over {} slices.",
                        slices.tested);
    for (const std::string& about : slices.keyNotes)
        note += " " + about + ".";
    if (slices.hidden > 0)
        note += fmt::format(" The {} smallest slices are not shown.", slices.hidden);
    return note;
}

Json sliceTable(const RunSlices& slices, size_t rows) {
    using enum ColumnKind;
    const bool share = slices.whole.unit == Unit::Share;
    std::vector<DetailColumn> columns;
    for (const std::string& title : slices.by)
        columns.push_back({title, Text});
    for (const DetailColumn& column :
         std::initializer_list<DetailColumn>{{"n", Count},
                                             {metricTitle(slices.whole.name), share ? Share : Number},
                                             {"95 % interval", Text},
                                             {"Less the rest", Text},
                                             {"95 % interval of that", Text},
                                             {"p (Holm)", Text},
                                             {"Verdict", Text}})
        columns.push_back(column);
    Json table = Json::array();
    for (size_t i = 0; i < std::min(rows, slices.slices.size()); ++i) {
        const Slice& slice = slices.slices[i];
        Json row = slice.values;
        row.push_back(slice.metric.n);
        row.push_back(std::isfinite(slice.metric.value) ? Json(slice.metric.value) : Json());
        for (const std::string& text :
             {metricIntervalText(slice.metric), differenceText(slice), differenceIntervalText(slice),
              adjustedPText(slice), verdictText(slice)})
            row.push_back(text);
        table.push_back(std::move(row));
    }
    Json out = detailTable(fmt::format("By {}, worst first{}", fmt::join(slices.by, " and "),
                                       rows < slices.slices.size()
                                           ? fmt::format(" ({} of {})", rows, slices.slices.size())
                                           : ""),
                           columns, std::move(table));
    out["note"] = slicesNote(slices);
    return out;
}

std::string slicesCsv(const RunSlices& slices, CsvFormulas formulas) {
    std::vector<std::string> header = slices.by;
    for (const char* name : {"n", "metric", "value", "low", "high", "difference", "difference_low",
                             "difference_high", "p", "p_holm", "differs", "too_few"})
        header.push_back(name);
    const std::vector<std::string> others = otherNames(slices);
    for (const std::string& name : others)
        for (const char* part : {"", "_low", "_high"})
            header.push_back(name + part);
    std::string out = csvLine(header, formulas);
    for (const Slice& slice : slices.slices) {
        std::vector<std::string> fields = slice.values;
        fields.push_back(fmt::format("{}", slice.metric.n));
        fields.push_back(slice.metric.name);
        fields.push_back(csvNumber(slice.metric.value));
        addInterval(fields, slice.metric.interval);
        fields.push_back(csvNumber(slice.difference.difference));
        addInterval(fields, slice.difference.interval);
        fields.push_back(slice.tested ? csvNumber(slice.difference.pValue) : "");
        fields.push_back(slice.tested ? csvNumber(slice.adjustedP) : "");
        fields.push_back(slice.differs ? "yes" : "no");
        fields.push_back(slice.tooFew ? "yes" : "no");
        for (const std::string& name : others) {
            const Metric* metric = findMetric(slice.others, name);
            fields.push_back(metric ? csvNumber(metric->value) : "");
            addInterval(fields, metric ? metric->interval : std::nullopt);
        }
        out += csvLine(fields, formulas);
    }
    return out;
}

std::string slicesDocument(Workspace& workspace, const SliceSpec& spec, const std::string& format,
                           const RunContext& context) {
    if (format != "csv" && format != "html" && format != "md")
        throw Error(ErrorCode::InvalidArgument,
                    fmt::format("Slices are written as .html, .md or .csv, not '{}'", format));
    SliceSpec wanted = spec;
    wanted.others = format == "csv"; // the table has no room for them
    const RunSlices slices = sliceRun(workspace, wanted, context);
    if (format == "csv")
        return slicesCsv(slices);
    ReportOptions options;
    options.title = fmt::format("Slices of run {} by {}", spec.run.value, fmt::join(slices.by, " and "));
    options.examples = 0;
    ReportModel report = buildReport(workspace, std::span(&spec.run, 1), options, context);
    report.sections = {"summary", "protocol", "tables"};
    ReportRun& run = report.runs.front();
    RunRecord record = std::move(run.record);
    Json details = {{"tables", Json::array({sliceTable(slices, slices.slices.size())})}};
    for (const char* kept : {"samples", "warnings", "preprocessing", "protocol"})
        if (record.details.contains(kept))
            details[kept] = record.details[kept];
    record.details = std::move(details);
    run = {};
    run.record = std::move(record);
    run.failureCount = run.record.failureCount;
    return reportDocument(report, format);
}

void addSlices(ReportModel& report, Workspace& workspace, std::span<const std::string> by,
               const RunContext& context) {
    const bool several = report.runs.size() > 1;
    for (ReportRun& run : report.runs)
        for (const std::string& key : by) {
            if (several && run.record.exampleCount == 0)
                continue;
            SliceSpec spec;
            spec.run = run.record.id;
            spec.by = {key};
            spec.others = false;
            const Json details = {
                {"tables", Json::array({sliceTable(sliceRun(workspace, spec, context), kRowsInReport)})}};
            run.parts.push_back({"slices", "", {}, reportTables(details), {}, {}});
        }
}

} // namespace diptych
