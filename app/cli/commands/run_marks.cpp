// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/commands/run_marks.h"

#include "app/cli/commands/shared.h"
#include "core/base/file.h"
#include "core/metrics/metric_text.h"
#include "core/session/run_columns.h"
#include "core/session/session.h"
#include "core/tasks/run_task.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace diptych::cli {
namespace {

struct MarkOptions {
    std::string workspace, text;
    int64_t run = 0;
    std::vector<int64_t> runs; ///< where several can be given
    bool off = false;
};

int markRuns(const MarkOptions& options, const RunMarksEdit& edit, CommandContext& context) {
    const auto session = Session::open(options.workspace, WorkspaceMode::ReadWrite);
    Workspace& workspace = session->workspace();
    const std::vector<int64_t> runs = options.runs.empty() ? std::vector{options.run} : options.runs;
    for (const int64_t run : runs)
        workspace.run({run}); // says so if there is none, before any is changed
    OrderedJson list = OrderedJson::array();
    for (const int64_t run : runs) {
        workspace.editRunMarks({run}, edit);
        const RunMarks marks = workspace.run({run}).marks;
        list.push_back(
            {{"run", run}, {"name", marks.name}, {"note", marks.note}, {"starred", marks.starred}});
    }
    if (context.console.json())
        context.console.printJson(list);
    else
        context.console.print(fmt::format("Changed run {}", fmt::join(runs, ", ")));
    return 0;
}

std::string primaryMetricText(const RunRecord& run) {
    if (run.status == RunStatus::Damaged)
        return "damaged";
    const Metric* metric = headlineMetric(run);
    return metric ? metric->name + " " + metricValueText(*metric) : "";
}

/// "360", or "360 (2 unreadable)"
std::string examplesText(const RunRecord& run) {
    std::string text = formatCount(run.exampleCount);
    if (run.failureCount > 0)
        text += fmt::format(" ({} unreadable)", formatCount(run.failureCount));
    return text;
}

struct ShownColumns {
    std::vector<std::string> titles;
    std::vector<std::vector<std::string>> cells; ///< by run
};

/// What people added to runs, where any has it.
void addMarks(ShownColumns& shown, const std::vector<RunRecord>& runs) {
    constexpr size_t kMostOfNote = 60;
    const auto add = [&](const char* title, auto&& textOf) {
        if (std::ranges::all_of(runs, [&](const RunRecord& run) { return textOf(run).empty(); }))
            return;
        shown.titles.emplace_back(title);
        for (size_t i = 0; i < runs.size(); ++i)
            shown.cells[i].push_back(textOf(runs[i]));
    };
    add("Star", [](const RunRecord& run) { return std::string(run.marks.starred ? "★" : ""); });
    add("Name", [](const RunRecord& run) { return run.marks.name; });
    add("Note", [](const RunRecord& run) {
        const std::string& note = run.marks.note;
        return note.size() <= kMostOfNote ? note : toValidUtf8(note.substr(0, kMostOfNote)) + "…";
    });
}

ShownColumns shownColumns(const std::vector<RunRecord>& runs, const std::string& wanted) {
    ShownColumns shown;
    shown.cells.resize(runs.size());
    addMarks(shown, runs);
    const std::vector<RunColumn> columns = runColumns(runs);
    std::vector<std::string> ids, known;
    for (const RunColumn& column : columns) {
        const bool first = column.id == "prompts" || column.id == "split" || column.id == "labels";
        known.push_back(column.id);
        if (wanted == "all" || (column.differs && (wanted == "differing" || (wanted.empty() && first))))
            ids.push_back(column.id);
    }
    if (!wanted.empty() && wanted != "all" && wanted != "differing" && wanted != "none")
        for (size_t from = 0; from <= wanted.size();) {
            const size_t comma = std::min(wanted.find(',', from), wanted.size());
            ids.push_back(wanted.substr(from, comma - from));
            from = comma + 1;
        }
    for (const std::string& id : ids) {
        const auto column = std::ranges::find(columns, id, &RunColumn::id);
        if (column == columns.end())
            throw UsageError(
                fmt::format("--columns: no run here has '{}'; they have: {}", id, fmt::join(known, ", ")));
        shown.titles.push_back(column->title);
        for (size_t i = 0; i < runs.size(); ++i)
            shown.cells[i].push_back(column->values[i]);
    }
    return shown;
}

} // namespace

Table runTable(const std::vector<RunRecord>& runs, const std::string& columns) {
    using enum Table::Align;
    std::vector<Table::Column> titles{{"Run", Right}, {"Task"}, {"Dataset"}, {"Model"}, {"Result"}};
    titles.insert(titles.end(), {{"Examples", Right}, {"Precision"}, {"Started"}});
    const ShownColumns shown = shownColumns(runs, columns);
    for (const std::string& title : shown.titles)
        titles.push_back({title});
    Table table(titles);
    for (size_t i = 0; i < runs.size(); ++i) {
        const RunRecord& run = runs[i];
        std::vector<std::string> cells{
            std::to_string(run.id.value), run.task,          run.datasetName, run.modelName,
            primaryMetricText(run),       examplesText(run), run.precision,   run.startedAt};
        cells.insert(cells.end(), shown.cells[i].begin(), shown.cells[i].end());
        table.addRow(std::move(cells));
    }
    return table;
}

void defineRunMarks(CommandLine& line, CLI::App& group) {
    const auto options = std::make_shared<MarkOptions>();
    CLI::App* rename =
        line.add(group, "rename", "Give a run a name; an empty one takes it away.",
                 "runs rename 3 baseline --workspace work", [options](CommandContext& context) {
                     return markRuns(*options, {.name = options->text}, context);
                 });
    CLI::App* note = line.add(
        group, "note", "Write a note on a run; an empty one takes it away.",
        "runs note 3 'before the labels were corrected' --workspace work",
        [options](CommandContext& context) { return markRuns(*options, {.note = options->text}, context); });
    CLI::App* star = line.add(group, "star", "Give runs a star, or with --off take it away.",
                              "runs star 3 5 --workspace work\nruns star 3 --off --workspace work",
                              [options](CommandContext& context) {
                                  return markRuns(*options, {.starred = !options->off}, context);
                              });
    for (CLI::App* command : {rename, note, star})
        addWorkspaceOption(command, options->workspace);
    const char* help = "Number, as 'diptych runs list' shows it";
    for (CLI::App* command : {rename, note})
        command->add_option("RUN", options->run, help)->required()->type_name("");
    star->add_option("RUN", options->runs, help)->required()->type_name("");
    rename->add_option("NAME", options->text, "The name")->required()->type_name("");
    note->add_option("TEXT", options->text, "The note")->required()->type_name("");
    star->add_flag("--off", options->off, "Take the star away");
}

} // namespace diptych::cli
