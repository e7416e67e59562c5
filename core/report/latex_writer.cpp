// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/file.h"
#include "core/metrics/metric_text.h"
#include "core/report/protocol_card.h"
#include "core/report/report_tables.h"
#include "core/report/report_writers.h"

#include <fmt/format.h>

#include <algorithm>

namespace diptych {
namespace {

constexpr size_t kMostColumns = 4, kTableRowsListed = 100;

/// A character of UTF-8 that LaTeX's fonts lack or that changes the direction of what follows.
bool isFormatting(std::string_view character) {
    // U+200B to U+200F, U+202A to U+202E, U+2060 to U+206F, U+FEFF
    return (character >= "\u200B" && character <= "\u200F") ||
           (character >= "\u202A" && character <= "\u202E") ||
           (character >= "\u2060" && character <= "\u206F") || character == "\uFEFF";
}

size_t lengthOf(char first) {
    const auto byte = static_cast<unsigned char>(first);
    return byte < 0x80 ? 1 : byte < 0xE0 ? 2 : byte < 0xF0 ? 3 : 4;
}

std::string_view named(char c) {
    switch (c) {
    case '\\':
        return "\\textbackslash{}";
    case '~':
        return "\\textasciitilde{}";
    case '^':
        return "\\textasciicircum{}";
    case '<':
        return "\\textless{}";
    case '>':
        return "\\textgreater{}";
    case '|':
        return "\\textbar{}";
    case '"':
        return "\\textquotedbl{}";
    case '`':
        return "\\textasciigrave{}";
    case '\'':
        return "\\textquotesingle{}";
    default:
        return "";
    }
}

void appendAscii(std::string& out, char c) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F)
        out += ' ';
    else if (const std::string_view command = named(c); !command.empty())
        out += command;
    else if (std::string_view("#$%&_{}").find(c) != std::string_view::npos)
        out += std::string("\\") + c;
    else if (c == '-' && out.ends_with('-')) // no dash out of two hyphens
        out += "{}-";
    else
        out += c;
}

} // namespace

std::string latexText(std::string_view text) {
    const std::string valid = toValidUtf8(text);
    std::string out;
    for (size_t i = 0; i < valid.size();) {
        const size_t length = std::min(lengthOf(valid[i]), valid.size() - i);
        const std::string_view character(valid.data() + i, length);
        i += length;
        if (length == 1)
            appendAscii(out, character[0]);
        else if (character == "–")
            out += "--";
        else if (character == "…")
            out += "\\dots{}";
        else if (!isFormatting(character))
            out += character;
    }
    return out;
}

namespace {

std::string cellOf(const RunRecord& run, const std::string& name) {
    const Metric* metric = findMetric(run.metrics, name);
    if (!metric)
        return "--";
    std::string text = latexText(metricValueText(*metric));
    if (metric->interval)
        text += " {\\footnotesize(" + latexText(metricIntervalText(*metric)) + ")}";
    return text;
}

std::string rowOf(const std::vector<std::string>& cells) {
    std::string line;
    for (size_t i = 0; i < cells.size(); ++i)
        line += (i > 0 ? " & " : "") + cells[i];
    return line + " \\\\\n";
}

std::string tableOf(const std::string& columns, const std::vector<std::string>& head,
                    const std::vector<std::vector<std::string>>& rows, const std::string& caption) {
    std::string out = "\\begin{table}[ht]\n\\centering\n\\begin{tabular}{" + columns + "}\n\\hline\n" +
                      rowOf(head) + "\\hline\n";
    for (const auto& row : rows)
        out += rowOf(row);
    return out + "\\hline\n\\end{tabular}\n\\caption{" + caption + "}\n\\end{table}\n";
}

/// Few runs stand beside each other, many below.
std::string numbersTable(const ReportModel& report) {
    const auto names = reportMetricNames(report);
    const bool beside = report.runs.size() <= kMostColumns;
    std::vector<std::string> head = {beside ? "Metric" : "Run"};
    std::vector<std::vector<std::string>> rows;
    const auto label = [](const RunRecord& run) {
        return latexText(run.modelName) + " on " + latexText(run.datasetName);
    };
    if (beside) {
        for (const ReportRun& run : report.runs)
            head.push_back(label(run.record));
        for (const std::string& name : names) {
            std::vector<std::string>& row = rows.emplace_back(std::vector{latexText(metricTitle(name))});
            for (const ReportRun& run : report.runs)
                row.push_back(cellOf(run.record, name));
        }
    } else {
        for (const std::string& name : names)
            head.push_back(latexText(metricTitle(name)));
        for (const ReportRun& run : report.runs) {
            std::vector<std::string>& row =
                rows.emplace_back(std::vector{latexText(run.record.task) + ", " + label(run.record)});
            for (const std::string& name : names)
                row.push_back(cellOf(run.record, name));
        }
    }
    return tableOf("l" + std::string(head.size() - 1, 'r'), head, rows,
                   latexText(report.title) + ". In brackets: 95\\,\\% intervals.");
}

std::string tableOf(const ReportTable& table) {
    std::string columns;
    std::vector<std::string> head;
    for (const auto& column : table.columns) {
        columns += column.isText ? 'l' : 'r';
        head.push_back(latexText(column.title));
    }
    std::vector<std::vector<std::string>> rows;
    for (size_t r = 0; r < std::min(table.rows.size(), kTableRowsListed); ++r) {
        std::vector<std::string>& row = rows.emplace_back();
        for (const std::string& cell : table.rows[r])
            row.push_back(latexText(cell));
    }
    std::string caption = latexText(table.title) + ".";
    if (!table.note.empty())
        caption += " " + latexText(table.note);
    if (table.rows.size() > kTableRowsListed)
        caption += fmt::format(" {} more rows are not shown.", table.rows.size() - kTableRowsListed);
    return tableOf(columns, head, rows, caption);
}

std::string commentOf(const ReportModel& report, std::string_view section) {
    const std::string text = report.comment(section);
    return text.empty() ? "" : "\n" + latexText(text) + "\n";
}

} // namespace

std::string reportLatex(const ReportModel& report) {
    std::string out = "% Written by Diptych, " + latexText(report.createdAt) +
                      ". Needs \\usepackage[T1]{fontenc} and "
                      "\\usepackage{textcomp}.\n";
    if (report.shows("summary"))
        out += numbersTable(report) + commentOf(report, "summary");
    for (const ReportRun& run : report.runs) {
        if (report.shows("protocol")) {
            const ProtocolCard card = protocolCard(run.record);
            out += fmt::format("\n\\paragraph{{Run {}: {}, {} on {}.}} {}. {}.\n", run.record.id.value,
                               latexText(run.record.task), latexText(run.record.modelName),
                               latexText(run.record.datasetName), latexText(compactText(card)),
                               latexText(clipBenchmarkSentence(card)));
        }
        if (report.shows("tables"))
            for (const ReportTable& table : reportTables(run.record.details))
                out += "\n" + tableOf(table);
        for (const ReportPart& part : run.parts)
            if (report.shows(part.section))
                for (const ReportTable& table : part.tables)
                    out += "\n" + tableOf(table);
    }
    for (const ReportPart& part : report.parts)
        if (report.shows(part.section))
            for (const ReportTable& table : part.tables)
                out += "\n" + tableOf(table);
    for (const ReportSection& section : reportSections())
        if (section.id != "summary" && report.shows(section.id))
            out += commentOf(report, section.id);
    return out;
}

} // namespace diptych
