// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/file.h"
#include "core/metrics/metric_text.h"
#include "core/metrics/number_text.h"
#include "core/report/protocol_card.h"
#include "core/report/report_tables.h"
#include "core/report/report_writers.h"
#include "core/store/run_warnings.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

namespace diptych {
namespace {

constexpr size_t kClassesListed = 20, kTableRowsListed = 100;

/// For a table cell or a line of text: on one line, with Markdown's and HTML's own characters made harmless.
std::string cell(const std::string& text) {
    std::string out;
    for (const char c : toValidUtf8(text)) {
        if (c == '\n' || c == '\r' || c == '\t') {
            out += ' ';
            continue;
        }
        if (std::string_view("|\\`*_<>[]#").find(c) != std::string_view::npos)
            out += '\\';
        out += c;
    }
    return out;
}

/// A fence longer than any run of backticks inside.
std::string codeBlock(const std::string& text) {
    size_t longest = 2, run = 0;
    for (const char c : text) {
        run = c == '`' ? run + 1 : 0;
        longest = std::max(longest, run);
    }
    const std::string fence(longest + 1, '`');
    return fence + "\n" + toValidUtf8(text) + "\n" + fence + "\n";
}

std::string deviations(const char* title, const std::vector<Deviation>& list) {
    if (list.empty())
        return "";
    std::string out = fmt::format("\n{}:\n\n| What | Here | There |\n|:--|:--|:--|\n", title);
    for (const Deviation& each : list)
        out += fmt::format("| {} | {} | {} |\n", cell(each.what), cell(each.here), cell(each.there));
    return out;
}

std::string share(std::optional<double> value) {
    return shareText(value.value_or(std::nan("")));
}

std::string metricsTable(const RunRecord& run) {
    std::string out = "| Metric | Value | 95 % interval | Chance | n |\n|:--|--:|--:|--:|--:|\n";
    for (const auto& metric : run.metrics)
        out += fmt::format("| {} | {} | {} | {} | {} |\n", cell(metricTitle(metric.name)),
                           metricValueText(metric), metricIntervalText(metric), metricChanceText(metric),
                           metric.n);
    return out;
}

std::string classesTable(const ReportRun& run) {
    if (run.classes.empty())
        return "";
    auto classes = run.classes;
    std::stable_sort(classes.begin(), classes.end(), [](const auto& a, const auto& b) {
        return a.recall.value_or(2) < b.recall.value_or(2);
    });
    std::string out =
        "\nClasses, worst first:\n\n| Class | Examples | Recall | Precision | F1 |\n|:--|--:|--:|--:|--:|\n";
    for (size_t i = 0; i < std::min(classes.size(), kClassesListed); ++i)
        out += fmt::format("| {} | {} | {} | {} | {} |\n", cell(classes[i].name), classes[i].support,
                           share(classes[i].recall), share(classes[i].precision), share(classes[i].f1));
    if (classes.size() > kClassesListed)
        out += fmt::format("\nand {} more.\n", classes.size() - kClassesListed);
    return out;
}

std::string tableText(const ReportTable& table) {
    std::string head, line;
    for (const auto& column : table.columns) {
        head += fmt::format(" {} |", cell(column.title));
        line += column.isText ? ":--|" : "--:|";
    }
    std::string out = "\n" + cell(table.title) + ":\n\n|" + head + "\n|" + line + "\n";
    for (size_t r = 0; r < std::min(table.rows.size(), kTableRowsListed); ++r) {
        out += "|";
        for (const std::string& value : table.rows[r])
            out += " " + cell(value) + " |";
        out += "\n";
    }
    if (table.rows.size() > kTableRowsListed)
        out += fmt::format("\nand {} more rows.\n", table.rows.size() - kTableRowsListed);
    return table.note.empty() ? out : out + "\n" + cell(table.note) + "\n";
}

std::string mark(ReportLine::Verdict verdict) {
    return verdict == ReportLine::Verdict::Right ? "✓ " : verdict == ReportLine::Verdict::Wrong ? "✗ " : "";
}

/// One example as an item of a list, what the run says of it below.
std::string exampleItem(const ReportExample& example) {
    std::vector<std::string> names;
    for (const ReportPicture& picture : example.pictures)
        names.push_back(cell(picture.key));
    std::string out = "- " + fmt::format("{}", fmt::join(names, ", "));
    if (!example.truth.empty())
        out += fmt::format(", is {}", cell(fmt::format("{}", fmt::join(example.truth, ", "))));
    std::string separator = ": ";
    for (const auto& [name, score] : example.predictions) {
        out += separator + cell(name) + " " + shareText(score);
        separator = ", ";
    }
    out += "\n";
    for (const ReportBlock& block : example.blocks) {
        const char* indent = block.title.empty() ? "  " : "    ";
        if (!block.title.empty())
            out += "  - " + cell(block.title) + "\n";
        for (const ReportLine& line : block.lines)
            out += fmt::format("{}- {}{}{}{}\n", indent, mark(line.verdict), cell(line.text),
                               line.value.empty() ? "" : ": ", cell(line.value));
    }
    return out;
}

std::string groupsList(const ReportRun& run) {
    if (run.groupCount == 0)
        return "";
    std::string out =
        fmt::format("\nConfounder groups: {}, of which {} wholly right.\n", run.groupCount, run.groupsRight);
    for (const ReportGroup& group : run.groups) {
        out += fmt::format("\n{} {}:\n\n", group.allRight ? "✓" : "✗", group.shared);
        for (const ReportExample& member : group.members)
            out += exampleItem(member);
    }
    return out;
}

std::string galleries(const std::vector<ReportGallery>& list) {
    std::string out;
    for (const ReportGallery& gallery : list) {
        out += "\n" + cell(gallery.title) + (gallery.examples.empty() ? ": none.\n" : ":\n\n");
        for (const ReportExample& example : gallery.examples)
            out += exampleItem(example);
    }
    return out;
}

std::string partText(const ReportPart& part) {
    std::string out = part.title.empty() ? "" : "\n### " + cell(part.title) + "\n";
    for (const std::string& paragraph : part.text)
        out += "\n" + cell(paragraph) + "\n";
    for (const ReportTable& table : part.tables)
        out += tableText(table);
    return out + galleries(part.galleries);
}

std::string partsOf(const std::vector<ReportPart>& parts, std::string_view section) {
    std::string out;
    for (const ReportPart& part : parts)
        if (part.section == section)
            out += partText(part);
    return out;
}

std::string summaryOf(const RunRecord& record) {
    std::string out = metricsTable(record);
    for (const RunWarning& warning : runWarnings(record))
        out += "\n**Warning:** " + cell(warning.text) + "\n";
    out += fmt::format("\n- Examples: {}, of which {} could not be used\n- Started: {}, took {:.1f} s\n",
                       record.exampleCount, record.failureCount, record.startedAt, record.wallSeconds);
    if (const std::string samples = runSamplesText(record.details); !samples.empty())
        out += "- Samples: " + cell(samples) + "\n";
    return record.command.empty() ? out : out + "\n" + codeBlock(record.command);
}

/// What the run has for a section that Markdown can show.
std::string contentOf(const ReportRun& run, std::string_view section) {
    if (section == "summary")
        return summaryOf(run.record);
    if (section == "protocol")
        return protocolMarkdown(run.record);
    if (section == "classes")
        return classesTable(run);
    if (section == "examples")
        return groupsList(run) + galleries(run.galleries);
    std::string out;
    if (section == "tables")
        for (const ReportTable& table : reportTables(run.record.details))
            out += tableText(table);
    return out;
}

std::string commentOf(const ReportModel& report, std::string_view section) {
    const std::string text = report.comment(section);
    return text.empty() ? "" : "\n> " + cell(text) + "\n";
}

} // namespace

std::string protocolMarkdown(const RunRecord& run) {
    const ProtocolCard card = protocolCard(run);
    std::string out = "\nProtocol:\n\n| | |\n|:--|:--|\n";
    for (const ProtocolGroup& group : card.groups)
        for (const ProtocolRow& row : group.rows)
            out += fmt::format("| {} | {} |\n", cell(row.name), cell(row.value));
    for (const std::string& prompt : card.prompts)
        out += fmt::format("| Prompt | {} |\n", cell(prompt));
    if (card.clipBenchmark.empty())
        return out + "\n" + clipBenchmarkSentence(card) + ".\n";
    return out + deviations("Differs from CLIP_benchmark in", card.differs) +
           deviations("To be checked against CLIP_benchmark", card.check);
}

std::string reportMarkdown(const ReportModel& report) {
    std::string out = "# " + cell(report.title) + "\n\nWritten " + report.createdAt + " by Diptych.\n";
    for (const ReportSection& section : reportSections())
        if (report.shows(section.id))
            out += partsOf(report.parts, section.id);
    out += commentOf(report, "compare");
    bool first = true;
    for (const auto& run : report.runs) {
        const RunRecord& record = run.record;
        out += fmt::format("\n## Run {}: {}, {} on {}\n\n", record.id.value, cell(record.task),
                           cell(record.modelName), cell(record.datasetName));
        for (const ReportSection& section : reportSections()) {
            if (!report.shows(section.id))
                continue;
            out += contentOf(run, section.id) + partsOf(run.parts, section.id);
            if (first && section.id != "compare")
                out += commentOf(report, section.id);
        }
        first = false;
    }
    return out;
}

} // namespace diptych
