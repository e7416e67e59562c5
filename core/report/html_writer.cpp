// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/metrics/metric_text.h"
#include "core/metrics/number_text.h"
#include "core/report/html_parts.h"
#include "core/report/report_tables.h"
#include "core/report/report_writers.h"
#include "core/store/run_warnings.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>

namespace diptych {
namespace {

using html::escape;

constexpr size_t kMostColumns = 4;
constexpr size_t kMistakesListed = 12, kClassesListed = 1000;

std::string runLabel(const ReportRun& run) {
    return fmt::format("{} on {}", run.record.modelName, run.record.datasetName);
}

std::string comparisonCell(const RunRecord& run, const std::string& name) {
    const Metric* metric = findMetric(run.metrics, name);
    if (!metric)
        return "<td class=\"n soft\">–</td>";
    return fmt::format(R"(<td class="n"><b>{}</b><br><span class="soft">{}</span></td>)",
                       escape(metricValueText(*metric)), escape(metricIntervalText(*metric)));
}

/// A row a run, for more runs than fit beside each other.
std::string runsTable(const ReportModel& report) {
    const auto names = reportMetricNames(report);
    std::string out =
        "<div class=\"scroll\"><table class=\"sortable\"><thead><tr><th>Run</th><th>Task</th><th>Model</th>"
        "<th>Dataset</th>";
    for (const auto& name : names)
        out += "<th class=\"n\">" + escape(metricTitle(name)) + "</th>";
    out += "</tr></thead><tbody>";
    for (const auto& run : report.runs) {
        out += fmt::format("<tr><td><a href=\"#run{0}\">{0}</a></td><td>{1}</td><td>{2}</td><td>{3}</td>",
                           run.record.id.value, escape(run.record.task), escape(run.record.modelName),
                           escape(run.record.datasetName));
        for (const auto& name : names)
            out += comparisonCell(run.record, name);
        out += "</tr>";
    }
    return out + "</tbody></table></div>";
}

/// All runs beside each other: a row a metric, a column a run.
std::string comparison(const ReportModel& report) {
    if (report.runs.size() > kMostColumns)
        return runsTable(report);
    std::string out = "<div class=\"scroll\"><table><thead><tr><th>Metric</th>";
    for (const auto& run : report.runs)
        out += fmt::format(R"(<th class="n"><a href="#run{0}">Run {0}</a><br>{1}<br>{2}</th>)",
                           run.record.id.value, escape(run.record.task), escape(runLabel(run)));
    out += "</tr></thead><tbody>";
    for (const auto& name : reportMetricNames(report)) {
        out += "<tr><td>" + escape(metricTitle(name)) + "</td>";
        for (const auto& run : report.runs)
            out += comparisonCell(run.record, name);
        out += "</tr>";
    }
    return out + "</tbody></table></div>";
}

std::string metricsSection(const RunRecord& run) {
    std::string out =
        "<div class=\"scroll\"><table><thead><tr><th>Metric</th><th class=\"n\">Value</th><th></th>"
        "<th class=\"n\">95 % interval</th><th class=\"n\">Chance</th><th class=\"n\">n</th></tr>"
        "</thead><tbody>";
    for (const auto& metric : run.metrics)
        out += fmt::format("<tr><td>{}</td><td class=\"n big\">{}</td><td>{}</td><td class=\"n\">{}</td>"
                           "<td class=\"n\">{}</td><td class=\"n\">{}</td></tr>",
                           escape(metricTitle(metric.name)), escape(metricValueText(metric)),
                           metric.unit == Unit::Share ? html::metricBar(metric) : "",
                           escape(metricIntervalText(metric)), escape(metricChanceText(metric)), metric.n);
    return out + "</tbody></table></div>";
}

std::string provenance(const ReportRun& run) {
    const RunRecord& record = run.record;
    std::string out = "<dl>";
    const auto field = [&](const char* name, const std::string& value) {
        if (!value.empty())
            out += fmt::format("<dt>{}</dt><dd>{}</dd>", name, escape(value));
    };
    field("Samples", runSamplesText(record.details));
    field("Examples", record.failureCount == 0 ? fmt::format("{}", record.exampleCount)
                                               : fmt::format("{}, of which {} could not be used",
                                                             record.exampleCount, record.failureCount));
    field("Started", fmt::format("{}, took {:.2f} s", record.startedAt, record.wallSeconds));
    out += "</dl>";
    if (!record.command.empty())
        out += "<p class=\"soft\">This command repeats the run:</p><pre>" + escape(record.command) + "</pre>";
    return out;
}

std::string warningsSection(const RunRecord& record) {
    std::string out;
    for (const RunWarning& warning : runWarnings(record))
        out += "<p><b>Warning:</b> " + escape(warning.text) + "</p>";
    return out;
}

std::string share(std::optional<double> value) {
    return shareText(value.value_or(std::nan("")));
}

std::string classesSection(const ReportRun& run) {
    if (run.classes.empty())
        return "";
    auto classes = run.classes;
    std::stable_sort(classes.begin(), classes.end(), [](const auto& a, const auto& b) {
        return a.recall.value_or(2) < b.recall.value_or(2);
    });
    std::string out =
        "<h3>Classes, worst first</h3><div class=\"scroll\"><table "
        "class=\"sortable\"><thead><tr><th>Class</th>"
        "<th class=\"n\">Examples</th><th class=\"n\">Recall</th><th></th><th class=\"n\">Precision</th>"
        "<th class=\"n\">F1</th></tr></thead><tbody>";
    for (size_t i = 0; i < std::min(classes.size(), kClassesListed); ++i) {
        const auto& entry = classes[i];
        Metric recall;
        recall.value = entry.recall.value_or(std::nan(""));
        out += fmt::format("<tr><td>{}</td><td class=\"n\">{}</td><td class=\"n\">{}</td><td>{}</td>"
                           "<td class=\"n\">{}</td><td class=\"n\">{}</td></tr>",
                           escape(entry.name), entry.support, share(entry.recall), html::metricBar(recall),
                           share(entry.precision), share(entry.f1));
    }
    out += "</tbody></table></div>";
    if (classes.size() > kClassesListed)
        out += fmt::format("<p class=\"soft\">and {} more classes.</p>", classes.size() - kClassesListed);
    return classes.size() > 20 ? "<details open><summary>Classes</summary>" + out + "</details>" : out;
}

/// The tables the task keeps: scores by tag, average precision by class, ...
std::string tablesSection(const RunRecord& record) {
    std::string out;
    for (const ReportTable& table : reportTables(record.details))
        out += html::tableSection(table);
    return out;
}

std::string mistakesList(const ReportRun& run) {
    std::vector<ReportConfusion> mistakes;
    for (const auto& cell : run.confusion)
        if (cell.target != cell.prediction)
            mistakes.push_back(cell);
    std::stable_sort(mistakes.begin(), mistakes.end(),
                     [](const auto& a, const auto& b) { return a.count > b.count; });
    if (mistakes.empty())
        return "<p>No mistakes.</p>";
    const auto& names = run.record.classNames;
    const auto name = [&](int index) {
        return index >= 0 && static_cast<size_t>(index) < names.size() ? names[static_cast<size_t>(index)]
                                                                       : std::string("?");
    };
    std::string out = "<table class=\"small\"><thead><tr><th>Is</th><th>Taken for</th><th "
                      "class=\"n\">Times</th></tr></thead><tbody>";
    for (size_t i = 0; i < std::min(mistakes.size(), kMistakesListed); ++i)
        out += fmt::format("<tr><td>{}</td><td>{}</td><td class=\"n\">{}</td></tr>",
                           escape(name(mistakes[i].target)), escape(name(mistakes[i].prediction)),
                           mistakes[i].count);
    return out + "</tbody></table>";
}

std::string confusionSection(const ReportRun& run) {
    if (run.confusion.empty())
        return "";
    return "<h3>Confusion</h3><p class=\"soft\">Rows are what an image is, columns what it was taken for; "
           "the shade "
           "is the share of the row.</p><div class=\"columns\"><figure class=\"scroll\">" +
           html::confusionChart(run) + "</figure><div><b>Most frequent mistakes</b>" + mistakesList(run) +
           "</div></div>";
}

std::string calibrationSection(const ReportRun& run) {
    const std::string chart = html::reliabilityChart(run);
    if (chart.empty())
        return "";
    return "<h3>Calibration</h3><div class=\"columns\"><figure>" + chart +
           "</figure><p class=\"soft\" style=\"max-width:320px\">How often predictions of one confidence are "
           "right "
           "(above) and how many there are (below). On the dashed line confidence is exactly the chance of "
           "being "
           "right; bars below it are overconfident.</p></div>";
}

std::string failuresSection(const ReportRun& run) {
    if (run.failures.empty())
        return "";
    std::string out =
        fmt::format("<details><summary>{} images could not be used</summary><ul>", run.failureCount);
    for (const auto& [key, reason] : run.failures)
        out += "<li>" + escape(key) + ": " + escape(reason) + "</li>";
    if (run.failureCount > static_cast<int64_t>(run.failures.size()))
        out +=
            fmt::format("<li>and {} more</li>", run.failureCount - static_cast<int64_t>(run.failures.size()));
    return out + "</ul></details>";
}

/// What somebody wrote of a section, as plain text.
std::string commentOf(const ReportModel& report, std::string_view section) {
    const std::string text = report.comment(section);
    return text.empty() ? "" : "<p class=\"comment\">" + escape(text) + "</p>";
}

std::string partsOf(const std::vector<ReportPart>& parts, std::string_view section) {
    std::string out;
    for (const ReportPart& part : parts)
        if (part.section == section)
            out += html::partSection(part);
    return out;
}

std::string examplesSection(const ReportRun& run) {
    std::string out = html::groupsSection(run);
    for (const ReportGallery& gallery : run.galleries)
        out += html::gallerySection(gallery);
    return out;
}

/// What the run has for a section; empty where it has nothing.
std::string contentOf(const ReportRun& run, std::string_view section) {
    if (section == "summary")
        return metricsSection(run.record) + warningsSection(run.record) + provenance(run) +
               failuresSection(run);
    if (section == "protocol")
        return html::protocolSection(run.record);
    if (section == "tables")
        return tablesSection(run.record);
    if (section == "classes")
        return classesSection(run);
    if (section == "confusion")
        return confusionSection(run);
    if (section == "calibration")
        return calibrationSection(run);
    if (section == "curves")
        return html::curvesSection(run);
    if (section == "map")
        return html::mapSection(run);
    return section == "examples" ? examplesSection(run) : "";
}

/// The only run of a report needs no heading of its own: the report's says the same. A comment stands once,
/// with the first run.
std::string runSection(const ReportModel& report, const ReportRun& run, bool heading, bool comments) {
    std::string out = fmt::format("<section id=\"run{}\">", run.record.id.value);
    if (heading)
        out += fmt::format("<h2>Run {}: {}, {}</h2>", run.record.id.value, escape(run.record.task),
                           escape(runLabel(run)));
    for (const ReportSection& section : reportSections()) {
        if (!report.shows(section.id))
            continue;
        out += contentOf(run, section.id) + partsOf(run.parts, section.id);
        if (comments && section.id != "compare")
            out += commentOf(report, section.id);
    }
    return out + "</section>";
}

/// What is said of several runs together.
std::string togetherSection(const ReportModel& report) {
    std::string out;
    for (const ReportSection& section : reportSections())
        if (report.shows(section.id))
            out += partsOf(report.parts, section.id);
    return out + commentOf(report, "compare");
}

/// Nothing may be fetched, and no script runs but the one above.
std::string policy() {
    return fmt::format(
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src &#39;none&#39;; img-src data:; "
        "style-src &#39;unsafe-inline&#39;; script-src &#39;{}&#39;; base-uri &#39;none&#39;; "
        "form-action &#39;none&#39;\">",
        html::sortScriptDigest());
}

std::string subtitle(const ReportModel& report) {
    const std::string runs = report.runs.size() == 1 ? fmt::format("Run {}", report.runs[0].record.id.value)
                                                     : fmt::format("{} runs", report.runs.size());
    return runs + ", written " + escape(report.createdAt);
}

} // namespace

std::string reportHtml(const ReportModel& report) {
    std::string out = "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">" + policy() +
                      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">"
                      "<meta name=\"generator\" content=\"Diptych\"><title>" +
                      escape(report.title) + "</title><style>" + std::string(html::styleSheet()) +
                      "</style></head><body><main><h1>" + escape(report.title) + "</h1><p class=\"soft\">" +
                      subtitle(report) + "</p>";
    const bool several = report.runs.size() > 1;
    if (several && report.shows("summary"))
        out += comparison(report);
    out += togetherSection(report);
    bool first = true;
    for (const auto& run : report.runs) {
        out += runSection(report, run, several, first);
        first = false;
    }
    return out +
           "<footer>Bars: value, 95 % interval (whisker) and chance (dashed). Made with Diptych from what is "
           "stored with the runs.</footer></main><script>" +
           std::string(html::sortScript()) + "</script></body></html>\n";
}

} // namespace diptych
