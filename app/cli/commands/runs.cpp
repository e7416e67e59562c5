// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/commands/commands.h"
#include "app/cli/commands/positives.h"
#include "app/cli/commands/protocol_text.h"
#include "app/cli/commands/protocols.h"
#include "app/cli/commands/run_compare.h"
#include "app/cli/commands/run_marks.h"
#include "app/cli/commands/sample_choice.h"
#include "app/cli/commands/shared.h"
#include "app/cli/commands/slices.h"
#include "app/cli/commands/thresholds.h"
#include "app/cli/counted.h"
#include "core/base/file.h"
#include "core/metrics/metric_text.h"
#include "core/metrics/number_text.h"
#include "core/report/report_writers.h"
#include "core/report/result_import.h"
#include "core/session/run_columns.h"
#include "core/store/run_warnings.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <unordered_map>
#include <unordered_set>

namespace diptych::cli {
namespace {

struct Options {
    std::string workspace, task, dataset, model, format = "json", output;
    std::string correct, status, target, predicted, view, sort = "position", formulas = "escape";
    std::vector<int64_t> runs;
    std::vector<std::string> files;
    int64_t run = 0, limit = -1;
    bool protocol = false;
    std::string columns;
    bool starred = false;
};

std::vector<RunRecord> filteredRuns(Workspace& workspace, const Options& options) {
    RunFilter filter;
    filter.task = options.task;
    filter.starred = options.starred;
    if (!options.dataset.empty())
        filter.dataset = datasetByName(workspace, options.dataset).id;
    auto runs = workspace.runs(filter);
    if (!options.model.empty())
        std::erase_if(runs, [&](const RunRecord& run) { return run.modelName != options.model; });
    if (options.limit >= 0 && static_cast<size_t>(options.limit) < runs.size())
        runs.resize(static_cast<size_t>(options.limit));
    return runs;
}

int listRuns(const Options& options, CommandContext& context) {
    const auto session = Session::open(options.workspace, WorkspaceMode::ReadOnly);
    const auto runs = filteredRuns(session->workspace(), options);
    if (context.console.json()) {
        const std::vector<RunColumn> columns = runColumns(runs);
        OrderedJson list = OrderedJson::array();
        for (size_t i = 0; i < runs.size(); ++i) {
            OrderedJson& object = list.emplace_back(runObject(runs[i]));
            for (const RunColumn& column : columns)
                if (!column.values[i].empty())
                    object["columns"][column.id] = column.values[i];
        }
        context.console.printJson(list);
        return 0;
    }
    for (const auto& run : runs)
        if (run.status == RunStatus::Damaged)
            context.console.warn(run.title);
    const Table table = runTable(runs, options.columns);
    const char* none = options.starred ? "No such run has a star; 'diptych runs star' gives one.\n"
                                       : "No runs yet; 'diptych eval' makes one.\n";
    context.console.printRaw(table.empty() ? none : table.text());
    return 0;
}

int showRun(const Options& options, CommandContext& context) {
    const auto session = Session::open(options.workspace, WorkspaceMode::ReadOnly);
    const RunRecord run = session->workspace().run({options.run});
    if (options.protocol) {
        printProtocol(context.console, run);
        return 0;
    }
    if (context.console.json()) {
        OrderedJson object = runObject(run);
        object["class_names"] = run.classNames;
        object["details"] = run.details;
        context.console.printJson(object);
        return 0;
    }
    Console& console = context.console;
    console.print(oneLine(runHeadline(run)));
    if (!run.marks.name.empty() || run.marks.starred)
        console.print(oneLine(fmt::format("Name: {}{}", run.marks.starred ? "★ " : "", run.marks.name)));
    if (!run.marks.note.empty())
        console.print(oneLine("Note: " + run.marks.note));
    console.printRaw(metricsTable(run.metrics).text());
    for (const RunWarning& warning : runWarnings(run))
        console.print(oneLine("Warning: " + warning.text));
    console.print(fmt::format("Examples: {}, of which {} could not be used", formatCount(run.exampleCount),
                              formatCount(run.failureCount)));
    console.print(oneLine("Model fingerprint: " + run.modelFingerprint));
    console.print(oneLine("Dataset fingerprint: " + run.datasetFingerprint));
    console.print(
        fmt::format("Started {}, Diptych {}, seed {}", run.startedAt, run.programVersion, run.seed));
    console.print(oneLine("Command: " + run.command));
    return 0;
}

/// A class by name or by index.
std::optional<int> classFrom(const std::string& text, const std::vector<std::string>& names,
                             const char* option) {
    if (text.empty())
        return std::nullopt;
    const auto found = std::find(names.begin(), names.end(), text);
    if (found != names.end())
        return static_cast<int>(found - names.begin());
    if (text.size() <= 9 && text.find_first_not_of("0123456789") == std::string::npos)
        return std::stoi(text);
    throw UsageError(fmt::format("{}: there is no class '{}' in this run", option, text));
}

ExampleFilter exampleFilter(const Options& options, const RunRecord& run) {
    ExampleFilter filter;
    filter.target = classFrom(options.target, run.classNames, "--target");
    filter.predicted = classFrom(options.predicted, run.classNames, "--predicted");
    if (!options.correct.empty())
        filter.correct = options.correct == "yes";
    for (const auto status : {ExampleStatus::Ok, ExampleStatus::Unreadable, ExampleStatus::Skipped})
        if (options.status == exampleStatusName(status))
            filter.status = status;
    return filter;
}

std::string className(const RunRecord& run, int index) {
    if (index < 0)
        return "";
    return static_cast<size_t>(index) < run.classNames.size() ? run.classNames[static_cast<size_t>(index)]
                                                              : std::to_string(index);
}

OrderedJson exampleObject(const RunRecord& run, const ExampleResult& result, const Sample& sample) {
    OrderedJson object;
    object["sample"] = result.sample.value;
    object["key"] = sample.key;
    object["path"] = displayPath(sample.path);
    object["status"] = exampleStatusName(result.status);
    if (!result.message.empty())
        object["message"] = toValidUtf8(result.message);
    object["target"] = result.target < 0 ? OrderedJson() : OrderedJson(className(run, result.target));
    object["correct"] = result.correct ? OrderedJson(*result.correct) : OrderedJson();
    object["predictions"] = OrderedJson::array();
    for (const auto& prediction : result.predictions)
        object["predictions"].push_back({{"class", className(run, prediction.index)},
                                         {"index", prediction.index},
                                         {"score", prediction.score}});
    object["score"] = result.score ? OrderedJson(*result.score) : OrderedJson();
    object["cluster"] = result.cluster;
    if (!result.parts.is_null())
        object["parts"] = result.parts;
    return object;
}

/// Those asked for, of the saved view where there is one.
std::vector<ExampleResult> chosenExamples(const Options& options, const Workspace& workspace,
                                          const RunRecord& run) {
    const ExampleSort sort{options.sort == "position" ? ExampleOrder::Position : ExampleOrder::Confidence,
                           options.sort == "confidence"};
    const ExampleFilter filter = exampleFilter(options, run);
    if (options.view.empty())
        return workspace.examples(run.id, filter, sort, 0, options.limit);
    SampleChoice choice;
    choice.view = options.view;
    const auto inView = chosenSamples(choice, workspace, run.datasetId);
    const std::unordered_set<SampleId> members(inView.begin(), inView.end());
    std::vector<ExampleResult> results = workspace.examples(run.id, filter, sort);
    std::erase_if(results, [&](const ExampleResult& result) { return !members.contains(result.sample); });
    if (options.limit >= 0 && static_cast<size_t>(options.limit) < results.size())
        results.resize(static_cast<size_t>(options.limit));
    return results;
}

int showExamples(const Options& options, CommandContext& context) {
    const auto session = Session::open(options.workspace, WorkspaceMode::ReadOnly);
    const Workspace& workspace = session->workspace();
    const RunRecord run = workspace.run({options.run});
    const auto results = chosenExamples(options, workspace, run);
    std::vector<SampleId> ids;
    for (const auto& result : results)
        ids.push_back(result.sample);
    std::unordered_map<SampleId, Sample> samples;
    for (auto& sample : workspace.samples(ids, SampleDetail::Basic))
        samples.emplace(sample.id, std::move(sample));
    if (context.console.json()) {
        OrderedJson list = OrderedJson::array();
        for (const auto& result : results)
            list.push_back(exampleObject(run, result, samples[result.sample]));
        context.console.printJson(list);
        return 0;
    }
    using enum Table::Align;
    Table table({{"Image"}, {"Is"}, {"Taken for"}, {"Score", Right}, {""}});
    for (const auto& result : results) {
        const bool predicted = !result.predictions.empty();
        std::string verdict = result.status == ExampleStatus::Ok ? "" : result.message;
        if (result.correct)
            verdict = *result.correct ? "right" : "wrong";
        table.addRow({samples[result.sample].key, className(run, result.target),
                      predicted ? className(run, result.predictions[0].index) : "",
                      predicted ? shareText(static_cast<double>(result.predictions[0].score)) : "", verdict});
    }
    context.console.printRaw(table.empty() ? "No such examples.\n" : table.text());
    return 0;
}

std::vector<std::string> tasksThatExport(const std::string& form) {
    std::vector<std::string> ids;
    for (const auto& task : tasks())
        if (canExport(task.info.id, form))
            ids.push_back(task.info.id);
    return ids;
}

int exportRuns(const Options& options, CommandContext& context) {
    const auto session = Session::open(options.workspace, WorkspaceMode::ReadOnly);
    const Workspace& workspace = session->workspace();
    std::vector<RunRecord> runs;
    for (const int64_t run : options.runs)
        runs.push_back(workspace.run({run}));
    if (options.runs.empty())
        for (const auto& run : filteredRuns(session->workspace(), options))
            runs.push_back(options.format == "json" ? workspace.run(run.id) : run);
    std::string document;
    const CsvFormulas formulas = options.formulas == "keep" ? CsvFormulas::Keep : CsvFormulas::Escape;
    if (context.console.json() && options.format.ends_with("csv"))
        throw UsageError(fmt::format("--json and --format {} exclude each other", options.format));
    if (options.format == "csv") {
        document = runsCsv(runs, formulas);
    } else if (options.format == "predictions-csv") {
        if (runs.size() != 1)
            throw UsageError("--format predictions-csv writes one run: say which");
        if (!canExport(runs.front().task, options.format))
            throw Error(ErrorCode::InvalidArgument,
                        fmt::format("run {} ({}) keeps no predictions to export; runs of these tasks do: {}",
                                    runs.front().id.value, runs.front().task,
                                    fmt::join(tasksThatExport(options.format), ", ")));
        document = predictionsCsv(runs.front(), workspace.examples(runs.front().id), formulas);
    } else {
        const OrderedJson json = options.format == "json" ? runsJson(runs) : clipBenchmarkJson(runs);
        document = json.dump(2, ' ', false, OrderedJson::error_handler_t::replace) + "\n";
    }
    if (options.output.empty()) {
        context.console.printRaw(document);
        return 0;
    }
    if (!writeOutput(context.console, options.output, document))
        context.console.note(
            fmt::format("Wrote {} to {}", counted(runs.size(), "run", "runs"), displayPath(options.output)));
    return 0;
}

int importRuns(const Options& options, CommandContext& context) {
    const std::vector<std::filesystem::path> files(options.files.begin(), options.files.end());
    auto results = readClipBenchmarkResults(files); // all before the workspace is touched
    const auto session = Session::openOrCreate(options.workspace);
    OrderedJson list = OrderedJson::array();
    for (RunRecord& run : results.runs) {
        run.id = session->workspace().addRun(run, {});
        list.push_back(runObject(run));
    }
    for (const Error& problem : results.problems)
        context.console.warn(std::string(problem.what()) + "; not imported");
    if (context.console.json())
        context.console.printJson(list);
    else
        context.console.print(fmt::format("Imported {}", counted(results.runs.size(), "result", "results")));
    return results.problems.empty() ? 0 : 1;
}

int removeRun(const Options& options, CommandContext& context) {
    const auto session = Session::open(options.workspace, WorkspaceMode::ReadWrite);
    session->workspace().run({options.run}); // says so if there is none
    session->workspace().removeRun({options.run});
    if (context.console.json())
        context.console.printJson({{"removed", options.run}});
    else
        context.console.print(fmt::format("Removed run {}", options.run));
    return 0;
}

void addFilters(CLI::App* command, Options& options) {
    command->add_option("--task", options.task, "Only runs of this task")->type_name("TASK");
    command->add_option("-d,--dataset", options.dataset, "Only runs on this dataset")->type_name("NAME");
    command->add_option("-m,--model", options.model, "Only runs of this model")->type_name("NAME");
    command->add_option("--limit", options.limit, "At most so many, the newest")
        ->type_name("N")
        ->check(wholeNumber(0));
}

void addExampleOptions(CLI::App* command, Options& options) {
    command->add_option("--correct", options.correct, "Only right or only wrong ones")
        ->type_name("yes|no")
        ->check(CLI::IsMember({"yes", "no"}));
    command->add_option("--status", options.status, "Only those of this status")
        ->type_name("ok|unreadable|skipped")
        ->check(CLI::IsMember({"ok", "unreadable", "skipped"}));
    command->add_option("--target", options.target, "Only examples of this class")->type_name("CLASS");
    command->add_option("--predicted", options.predicted, "Only examples taken for this class")
        ->type_name("CLASS");
    command
        ->add_option("--sort", options.sort, "In the dataset's order, or the most or least confident first")
        ->capture_default_str()
        ->type_name("position|confidence|least-confidence")
        ->check(CLI::IsMember({"position", "confidence", "least-confidence"}));
    command->add_option("--limit", options.limit, "At most so many")->type_name("N")->check(wholeNumber(0));
    addViewOption(command, options.view);
}

void addExportOptions(CLI::App* command, Options& options) {
    command->add_option("RUN", options.runs, "Numbers of runs; all where none is given")->type_name("");
    command->add_option("-f,--format", options.format, "What to write")
        ->capture_default_str()
        ->type_name("json|csv|clip-benchmark-json|predictions-csv")
        ->check(CLI::IsMember({"json", "csv", "clip-benchmark-json", "predictions-csv"}));
    command
        ->add_option(
            "--formulas", options.formulas,
            "In CSV, put an apostrophe before names that a spreadsheet would run as formulas, or keep "
            "them as they are")
        ->capture_default_str()
        ->type_name("escape|keep")
        ->check(CLI::IsMember({"escape", "keep"}));
    command
        ->add_option("-o,--output", options.output,
                     "File to write; standard output for '-' and where not given")
        ->type_name("FILE");
}

} // namespace

void defineRuns(CommandLine& line) {
    const auto options = std::make_shared<Options>();
    CLI::App* group = line.addGroup(
        "runs", "List, show, name, compare, slice, export, import or remove the runs of a workspace.");
    const auto bind = [options](int (*action)(const Options&, CommandContext&)) {
        return [options, action](CommandContext& context) { return action(*options, context); };
    };
    CLI::App* list =
        line.add(*group, "list", "List the runs of a workspace, newest first.",
                 "runs list --workspace work\nruns list --workspace work --dataset pets --columns differing\n"
                 "runs list --workspace work --starred --json",
                 bind(listRuns));
    CLI::App* show =
        line.add(*group, "show", "Show a run: its metrics and how it came about.",
                 "runs show 3 --workspace work\nruns show 3 --workspace work --protocol", bind(showRun));
    show->add_flag(
        "--protocol", options->protocol,
        "Its protocol card instead: everything that could make another program get another number, "
        "and where CLIP_benchmark does otherwise");
    CLI::App* examples =
        line.add(*group, "examples", "Show what a run found for each example.",
                 "runs examples 3 --workspace work --correct no --sort confidence --limit 20\n"
                 "runs examples 3 --workspace work --view night --target cat --predicted dog --json",
                 bind(showExamples));
    defineRunCompare(line, *group);
    defineRunMarks(line, *group);
    defineRunSlices(line, *group);
    defineRunPositives(line, *group);
    defineRunThresholds(line, *group);
    defineRunProtocols(line, *group);
    defineRunPublished(line, *group);
    defineRunCalibration(line, *group);
    CLI::App* exported =
        line.add(*group, "export",
                 "Write runs for other programs: everything kept of them (json), a line per metric "
                 "(csv), with the field names of CLIP_benchmark's result files, or a line per example "
                 "(predictions-csv: id, proba, label, as the Hateful Memes Challenge takes them).",
                 "runs export --workspace work --format csv --output runs.csv\n"
                 "runs export 3 5 --workspace work --format clip-benchmark-json\n"
                 "runs export 7 --workspace work --format predictions-csv --output test_seen.csv",
                 bind(exportRuns));
    CLI::App* imported = line.add(*group, "import",
                                  "Take numbers others measured into the workspace, to stand beside yours: "
                                  "JSON result files of CLIP_benchmark.",
                                  "runs import results/*.json --workspace work", bind(importRuns));
    imported->add_option("FILE", options->files, "Result files")->required()->type_name("");
    CLI::App* remove =
        line.add(*group, "remove", "Remove a run and its per-example results; embeddings stay.",
                 "runs remove 3 --workspace work", bind(removeRun));
    for (CLI::App* command : {list, show, examples, exported, imported, remove})
        addWorkspaceOption(command, options->workspace);
    for (CLI::App* command : {show, examples, remove})
        command->add_option("RUN", options->run, "Number of the run, as 'diptych runs list' shows it")
            ->required()
            ->type_name("");
    addFilters(list, *options);
    list->add_flag("--starred", options->starred, "Only runs with a star");
    list->add_option(
            "--columns", options->columns,
            "What they were asked for: all of it, what differs, none, or ids with commas (prompts, split, "
            "labels, samples, alpha, seed, parameters); where not given, prompts, split and labels where "
            "they differ")
        ->type_name("all|differing|none|ID,...");
    addFilters(exported, *options);
    addExampleOptions(examples, *options);
    addExportOptions(exported, *options);
}

} // namespace diptych::cli
