// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/json.h"
#include "core/report/report_model.h"

#include <span>
#include <string>
#include <string_view>

namespace diptych {

/// One file that needs nothing beside it: styles, charts (SVG) and pictures are inside; no scripts. Light or
/// dark as the reader's system, and fit for print.
std::string reportHtml(const ReportModel& report);
std::string reportMarkdown(const ReportModel& report);
/// A line per run and metric.
std::string reportCsv(const ReportModel& report);
/// The run's protocol card by itself, as reportMarkdown() has it.
std::string protocolMarkdown(const RunRecord& run);
OrderedJson reportJson(const ReportModel& report);
/// The numbers as a table, the protocol of each run as a paragraph, and the tables chosen: for \\input into a
/// document; without packages of tables.
std::string reportLatex(const ReportModel& report);
/// Any text for LaTeX's text mode: nothing in it is a command, control and direction characters are left out.
std::string latexText(std::string_view text);
/// One of the above by its file extension: "html", "md", "tex", "csv", "json". @throws Error InvalidArgument
/// for others
std::string reportDocument(const ReportModel& report, std::string_view format);

/// What becomes of text in a CSV that a spreadsheet would run as a formula when the file is opened: Escape
/// puts an apostrophe before a cell that begins with =, +, -, @, a tab or a line break and is no number
/// (https://owasp.org/www-community/attacks/CSV_Injection).
enum class CsvFormulas { Escape, Keep };

/// A field of a CSV line, quoted where it must be.
std::string csvField(const std::string& text, CsvFormulas formulas = CsvFormulas::Escape);
/// A line per run and metric: run, task, dataset, model, split, metric, value, low, high, n, chance, ...
std::string runsCsv(std::span<const RunRecord> runs, CsvFormulas formulas = CsvFormulas::Escape);
/// "id,proba,label": a line per example of a run that keeps a probability for each (ProbabilityPart), the
/// form in which the Hateful Memes Challenge takes predictions, and which tasks with
/// "predictions-csv" among their exports offer. @throws Error InvalidArgument if it keeps none
std::string predictionsCsv(const RunRecord& run, std::span<const ExampleResult> examples,
                           CsvFormulas formulas = CsvFormulas::Escape);
/// A list of objects with everything the workspace keeps of each run, per-example results left out.
OrderedJson runsJson(std::span<const RunRecord> runs);
/// A list of objects with the field names of CLIP_benchmark's result files (dataset, model, pretrained, task,
/// language, metrics), so that tools for those read them. Metrics it has no name for keep ours.
OrderedJson clipBenchmarkJson(std::span<const RunRecord> runs);

} // namespace diptych
