// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/commands/commands.h"
#include "app/cli/commands/shared.h"
#include "core/base/file.h"
#include "core/metrics/metric_text.h"
#include "core/report/report_writers.h"

#include <fmt/format.h>

#include <algorithm>

namespace diptych::cli {
namespace {

struct Options {
    std::string workspace, output;
};

/// The demo can be run any number of times: of runs with one spec the newest stays.
void removeSuperseded(Workspace& workspace, const RunRecord& newest) {
    RunFilter filter;
    filter.task = newest.task;
    filter.modelFingerprint = newest.modelFingerprint;
    for (const auto& run : workspace.runs(filter))
        if (run.id != newest.id && run.spec == newest.spec)
            workspace.removeRun(run.id);
}

const Metric* primaryMetric(const RunRecord& run) {
    const Metric* metric = findMetric(run.metrics, findTask(run.task).info.primaryMetric);
    return metric || run.metrics.empty() ? metric : &run.metrics.front();
}

Table resultTable(const std::vector<RunRecord>& runs) {
    using enum Table::Align;
    Table table({{"Run", Right},
                 {"Task"},
                 {"Dataset"},
                 {"Metric"},
                 {"Value", Right},
                 {"95 % interval", Right},
                 {"Chance", Right},
                 {"n", Right},
                 {"Time", Right}});
    for (const auto& run : runs)
        if (const Metric* metric = primaryMetric(run))
            table.addRow({std::to_string(run.id.value), run.task, run.datasetName, metricTitle(metric->name),
                          metricValueText(*metric), metricIntervalText(*metric), metricChanceText(*metric),
                          formatCount(static_cast<int64_t>(metric->n)), formatSeconds(run.wallSeconds)});
    return table;
}

/// @return where it is; nothing if it went to standard output
std::optional<std::filesystem::path> writeReport(const Workspace& workspace,
                                                 const std::vector<RunRecord>& runs,
                                                 const std::string& output, CommandContext& context) {
    std::vector<RunId> ids;
    for (const auto& run : runs)
        ids.push_back(run.id);
    ReportOptions options;
    options.title = "The Diptych demo";
    options.examples = 5;
    const std::string document = reportHtml(buildReport(workspace, ids, options, context.run));
    const std::filesystem::path path =
        output.empty() ? workspace.reportsDirectory() / "demo.html" : std::filesystem::path(output);
    std::filesystem::create_directories(std::filesystem::absolute(path).parent_path());
    if (writeOutput(context.console, path.native(), document))
        return std::nullopt;
    return path;
}

int runDemo(const Options& options, CommandContext& context) {
    const DemoWorkspace demo = prepareDemoWorkspace(options.workspace, context.run);
    const auto session = Session::open(demo.path, WorkspaceMode::ReadWrite);
    std::vector<RunRecord> runs;
    for (const RunSpec& spec : demo.evaluations) {
        runs.push_back(session->workspace().run(session->run(spec, context.run)));
        removeSuperseded(session->workspace(), runs.back());
    }
    const auto report = writeReport(session->workspace(), runs, options.output, context);
    if (!report)
        return 0;
    if (context.console.json()) {
        OrderedJson object = {{"workspace", displayPath(demo.path)}, {"report", displayPath(*report)}};
        object["runs"] = OrderedJson::array();
        for (const auto& run : runs)
            object["runs"].push_back(runObject(run));
        context.console.printJson(object);
        return 0;
    }
    context.console.printRaw(resultTable(runs).text());
    context.console.print("Report:    " + displayPath(*report));
    context.console.print("Workspace: " + displayPath(demo.path));
    return 0;
}

} // namespace

void defineDemo(CommandLine& line) {
    const auto options = std::make_shared<Options>();
    CLI::App* command = line.add(line.root(), "demo",
                                 "Evaluate the demo model that comes with the program on scenes it has not "
                                 "seen, print the results beside "
                                 "chance, and write a report.",
                                 "demo\ndemo --workspace demo/ --json",
                                 [options](CommandContext& context) { return runDemo(*options, context); });
    command
        ->add_option("-w,--workspace", options->workspace,
                     "Folder for the demo's workspace; the user's data folder where not given")
        ->type_name("DIR");
    command
        ->add_option("-o,--output", options->output,
                     "The report, '-' for standard output; the workspace's reports folder where not given")
        ->type_name("FILE.html");
}

} // namespace diptych::cli
