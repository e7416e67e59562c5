// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/metrics/metric_text.h"
#include "core/report/report_writers.h"
#include "core/session/run_table.h"

#include <fmt/format.h>

#include <functional>

namespace diptych {
namespace {

/// Letters that a format would read as its own, by what stands for them; line breaks as blanks.
std::string escaped(std::string_view text, const std::function<std::string(char)>& other) {
    std::string out;
    for (const char c : text)
        out += c == '\n' || c == '\r' ? " " : other(c);
    return out;
}

std::string markdownText(std::string_view text) {
    return escaped(text, [](char c) -> std::string {
        constexpr std::string_view kSpecial = "\\`*_{}[]<>()#+!|~&";
        return kSpecial.find(c) != std::string_view::npos ? std::string{'\\', c} : std::string(1, c);
    });
}

std::string latexText(std::string_view text) {
    return escaped(text, [](char c) -> std::string {
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
        case '&':
        case '%':
        case '$':
        case '#':
        case '_':
        case '{':
        case '}':
            return std::string{'\\', c};
        default:
            return std::string(1, c);
        }
    });
}

std::string valueText(const RunTableCell& cell) {
    return cell.run ? metricValueText(cell.metric) : "–";
}

std::string markdown(const RunTable& table) {
    std::string out = "| Model |", rule = "|---|";
    for (const RunTableColumn& column : table.columns) {
        out += " " + markdownText(column.title()) + " |";
        rule += "---:|";
    }
    out += "\n" + rule + "\n";
    for (size_t row = 0; row < table.rows.size(); ++row) {
        out += "| " + markdownText(table.rows[row]) + " |";
        for (const RunTableCell& cell : table.cells[row])
            out += cell.tied ? " **" + valueText(cell) + "** |" : " " + valueText(cell) + " |";
        out += "\n";
    }
    out +=
        "\nBold: the best of its column and all that no test tells from it (paired tests against the best, "
        "Holm at 5 %).\n";
    for (const std::string& note : table.notes)
        out += "\n" + markdownText(note) + "\n";
    return out;
}

std::string latex(const RunTable& table) {
    std::string out = "% \\usepackage{booktabs}\n\\begin{tabular}{l" +
                      std::string(table.columns.size(), 'r') + "}\n\\toprule\nModel";
    for (const RunTableColumn& column : table.columns)
        out += " & " + latexText(column.title());
    out += " \\\\\n\\midrule\n";
    for (size_t row = 0; row < table.rows.size(); ++row) {
        out += latexText(table.rows[row]);
        for (const RunTableCell& cell : table.cells[row]) {
            const std::string value = cell.run ? latexText(valueText(cell)) : "--";
            out += " & " + (cell.tied ? "\\textbf{" + value + "}" : value);
        }
        out += " \\\\\n";
    }
    out += "\\bottomrule\n\\end{tabular}\n% Bold: the best of its column and all that no test tells from it "
           "(paired tests against the best, Holm at 5 %).\n";
    for (const std::string& note : table.notes)
        out += "% " + latexText(note) + "\n";
    return out;
}

std::string csv(const RunTable& table) {
    std::string out = "model,run,dataset,split,task,metric,value,low,high,n,best,tied_with_best,adjusted_p\n";
    for (size_t row = 0; row < table.rows.size(); ++row)
        for (size_t i = 0; i < table.columns.size(); ++i) {
            const RunTableCell& cell = table.cells[row][i];
            const RunTableColumn& column = table.columns[i];
            if (!cell.run)
                continue;
            const auto& interval = cell.metric.interval;
            out += fmt::format(
                "{},{},{},{},{},{},{},{},{},{},{},{},{}\n", csvField(table.rows[row]), cell.run.value,
                csvField(column.dataset), csvField(column.split), csvField(column.task),
                csvField(column.metric), cell.metric.value, interval ? fmt::format("{}", interval->low) : "",
                interval ? fmt::format("{}", interval->high) : "", cell.metric.n, cell.best ? "yes" : "no",
                cell.tied ? "yes" : "no", cell.adjustedP ? fmt::format("{}", *cell.adjustedP) : "");
        }
    return out;
}

} // namespace

std::string runTableDocument(const RunTable& table, const std::string& format) {
    if (format == "markdown")
        return markdown(table);
    if (format == "latex")
        return latex(table);
    if (format == "csv")
        return csv(table);
    throw Error(ErrorCode::InvalidArgument,
                fmt::format("A table of runs is written as markdown, latex or csv, not as '{}'", format));
}

OrderedJson runTableJson(const RunTable& table) {
    OrderedJson columns = OrderedJson::array(), rows = OrderedJson::array();
    for (const RunTableColumn& column : table.columns)
        columns.push_back({{"dataset", column.dataset},
                           {"split", column.split},
                           {"task", column.task},
                           {"metric", column.metric}});
    for (size_t row = 0; row < table.rows.size(); ++row) {
        OrderedJson cells = OrderedJson::array();
        for (const RunTableCell& cell : table.cells[row]) {
            OrderedJson one;
            if (cell.run)
                one = {{"run", cell.run.value},
                       {"metric", OrderedJson(toJson(cell.metric))},
                       {"best", cell.best},
                       {"tied", cell.tied},
                       {"adjusted_p", cell.adjustedP ? OrderedJson(*cell.adjustedP) : OrderedJson()}};
            cells.push_back(std::move(one));
        }
        rows.push_back({{"model", table.rows[row]}, {"cells", std::move(cells)}});
    }
    OrderedJson wrong = OrderedJson::array();
    for (const AllWrong& one : table.allWrong) {
        OrderedJson runs = OrderedJson::array(), samples = OrderedJson::array();
        for (const RunId run : one.runs)
            runs.push_back(run.value);
        for (const SampleId sample : one.samples)
            samples.push_back(sample.value);
        wrong.push_back({{"dataset", one.datasetName},
                         {"runs", std::move(runs)},
                         {"judged", one.judged},
                         {"samples", std::move(samples)}});
    }
    return {{"columns", std::move(columns)},
            {"rows", std::move(rows)},
            {"all_wrong", std::move(wrong)},
            {"notes", table.notes}};
}

} // namespace diptych
