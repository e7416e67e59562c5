// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/commands/commands.h"
#include "app/cli/commands/shared.h"
#include "core/base/file.h"
#include "core/report/report_writers.h"
#include "core/session/slice_tables.h"

#include <fmt/format.h>

namespace diptych::cli {
namespace {

struct Options {
    std::string workspace, format = "html", output, title;
    std::vector<int64_t> runs;
    std::vector<std::string> slices;
    size_t examples = 10;
};

std::vector<RunId> chosenRuns(const Workspace& workspace, const Options& options) {
    std::vector<RunId> ids;
    for (const int64_t run : options.runs)
        ids.push_back({run});
    if (ids.empty())
        for (const auto& run : workspace.runs({"", std::nullopt, "", 1}))
            ids.push_back(run.id);
    if (ids.empty())
        throw Error(ErrorCode::NotFound,
                    displayPath(workspace.path()) + " holds no run yet; 'diptych eval' makes one");
    return ids;
}

int runReport(const Options& options, CommandContext& context) {
    const auto session = Session::open(options.workspace, WorkspaceMode::ReadOnly);
    Workspace& workspace = session->workspace();
    const auto ids = chosenRuns(workspace, options);
    ReportOptions reportOptions;
    reportOptions.title = options.title;
    reportOptions.examples = options.examples;
    ReportModel report = buildReport(workspace, ids, reportOptions, context.run);
    addSlices(report, workspace, options.slices, context.run);
    const std::string document = reportDocument(report, options.format);
    std::filesystem::path path = options.output;
    if (path.empty()) {
        std::string name = "runs";
        for (const RunId id : ids)
            name += fmt::format("-{}", id.value);
        path = workspace.reportsDirectory() / (name + "." + options.format);
        std::filesystem::create_directories(path.parent_path());
    }
    if (writeOutput(context.console, path.native(), document))
        return 0;
    if (context.console.json()) {
        OrderedJson object = {{"report", displayPath(path)}, {"format", options.format}};
        object["runs"] = options.runs;
        context.console.printJson(object);
    } else {
        context.console.print("Wrote " + displayPath(path));
    }
    return 0;
}

} // namespace

void defineReport(CommandLine& line) {
    const auto options = std::make_shared<Options>();
    CLI::App* command = line.add(
        line.root(), "report",
        "Write a report of one run, or of several side by side, as one file that needs nothing beside it.",
        "report 3 --workspace work\n"
        "report 3 5 --workspace work --output comparison.html --title \"Two models on pets\"\n"
        "report 3 --workspace work --slices class --slices camera\n"
        "report 3 --workspace work --format md --output -",
        [options](CommandContext& context) { return runReport(*options, context); });
    command
        ->add_option("RUN", options->runs,
                     "Numbers of runs, as 'diptych runs list' shows them; the newest "
                     "where none is given")
        ->type_name("");
    addWorkspaceOption(command, options->workspace);
    command->add_option("-f,--format", options->format, "What to write")
        ->capture_default_str()
        ->type_name("html|md|csv|json")
        ->check(CLI::IsMember({"html", "md", "csv", "json"}));
    command
        ->add_option("-o,--output", options->output,
                     "File to write, '-' for standard output; the workspace's reports folder where not given")
        ->type_name("FILE");
    command->add_option("--title", options->title, "Heading of the report")->type_name("TEXT");
    command
        ->add_option("--examples", options->examples, "Pictures of right and of wrong examples each, per run")
        ->capture_default_str()
        ->type_name("N")
        ->check(wholeNumber(0, 500));
    command
        ->add_option(
            "--slices", options->slices,
            "Also the worst slices by class, split, tag, view or a column; once for each ('diptych runs "
            "slices --help')")
        ->type_name("KEY")
        ->take_all();
}

} // namespace diptych::cli
