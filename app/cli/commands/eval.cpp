// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/commands/commands.h"
#include "app/cli/commands/sample_choice.h"
#include "app/cli/commands/shared.h"
#include "core/store/run_warnings.h"
#include "core/tasks/task.h"

#include <fmt/format.h>

#include <algorithm>
#include <unordered_set>
#include <utility>

namespace diptych::cli {
namespace {

/// A task's parameter as given on the command line, still text.
struct GivenParam {
    const ParamSpec* spec = nullptr;
    CLI::Option* option = nullptr;
    std::string text;
};

struct Options {
    std::string task, workspace, dataset, model, samples, labels = "imported";
    SampleChoice choice;
    uint64_t seed = 0;
    bool verify = false;
    ComputeOptions compute;
    std::vector<GivenParam> params;
};

std::string optionName(const std::string& id) {
    std::string name = "--" + id;
    std::replace(name.begin() + 2, name.end(), '_', '-');
    return name;
}

std::string typeName(const ParamSpec& spec) {
    switch (spec.type) {
    case ParamSpec::Type::Bool:
        return "true|false";
    case ParamSpec::Type::Int:
        return "N";
    case ParamSpec::Type::Float:
        return "X";
    case ParamSpec::Type::Choice:
        return fmt::format("{}", fmt::join(spec.choices, "|"));
    case ParamSpec::Type::Prompts:
        return "NAME|FILE|TEMPLATE";
    case ParamSpec::Type::Text:
        break;
    }
    return "TEXT";
}

Json numberFrom(const GivenParam& given) {
    try {
        size_t used = 0;
        const Json value = given.spec->type == ParamSpec::Type::Int ? Json(std::stoll(given.text, &used))
                                                                    : Json(std::stod(given.text, &used));
        if (used == given.text.size())
            return value;
    } catch (const std::logic_error&) { // not a number, or too large for one: said below
    }
    throw UsageError(fmt::format("{}: '{}' is not a {}number", optionName(given.spec->id), given.text,
                                 given.spec->type == ParamSpec::Type::Int ? "whole " : ""));
}

Json boolFrom(const GivenParam& given) {
    if (given.text.empty() || given.text == "true" || given.text == "yes" || given.text == "1")
        return true;
    if (given.text == "false" || given.text == "no" || given.text == "0")
        return false;
    throw UsageError(
        fmt::format("{}: '{}' is neither true nor false", optionName(given.spec->id), given.text));
}

Json valueOf(const GivenParam& given) {
    switch (given.spec->type) {
    case ParamSpec::Type::Bool:
        return boolFrom(given);
    case ParamSpec::Type::Int:
    case ParamSpec::Type::Float:
        return numberFrom(given);
    case ParamSpec::Type::Prompts:
        // A run's stored command gives templates that have no name as a JSON list.
        if (given.text.starts_with('['))
            return parseJson(given.text, optionName(given.spec->id));
        break;
    case ParamSpec::Type::Choice:
    case ParamSpec::Type::Text:
        break;
    }
    return given.text;
}

void addParams(CLI::App* command, const TaskInfo& info, Options& options) {
    options.params.resize(info.params.size());
    for (size_t i = 0; i < info.params.size(); ++i) {
        GivenParam& given = options.params[i];
        given.spec = &info.params[i];
        std::string help = given.spec->help;
        if (given.spec->minimum < given.spec->maximum)
            help += fmt::format(" ({:g} to {:g})", given.spec->minimum, given.spec->maximum);
        given.option = command->add_option(optionName(given.spec->id), given.text, help)
                           ->type_name(typeName(*given.spec))
                           ->group("Parameters of the task");
        const Json& fallback = given.spec->defaultValue;
        const bool isBool = given.spec->type == ParamSpec::Type::Bool;
        if (isBool) // CLI11 would take a default it knows for what an option without a value says
            given.option->type_name(fmt::format("{} [{}]", typeName(*given.spec), fallback.dump()));
        else if (!fallback.is_null())
            given.option->default_str(fallback.is_string() ? fallback.get<std::string>() : fallback.dump());
        if (given.spec->type == ParamSpec::Type::Choice)
            given.option->check(CLI::IsMember(given.spec->choices));
        if (isBool)
            given.option->expected(0, 1);
    }
}

/// One split alone is the run's split; all else its choice of samples.
void chooseSamples(RunSpec& spec, const Options& options, Workspace& workspace) {
    SampleChoice choice = options.choice;
    if (choice.splits.size() == 1) {
        spec.split = choice.splits.front();
        choice.splits.clear();
    }
    if (choice.view.empty() && !choice.hasConditions() && options.samples.empty())
        return;
    const DatasetId dataset = datasetByName(workspace, options.dataset).id;
    if (!options.samples.empty())
        spec.samples = readSampleList(options.samples, workspace, dataset);
    spec.samples.filter = conditionsOf(choice, workspace, dataset);
    if (choice.view.empty())
        return;
    spec.samples = resolved(std::move(spec.samples), workspace, dataset);
    const SampleFilter view = workspace.viewFilter(viewByName(workspace, dataset, choice.view));
    if (!view.selection) {
        spec.samples.filter = view;
        return;
    }
    // A saved selection becomes names; with a list of names beside it, what is in both.
    spec.samples.ids = workspace.sampleIds(dataset, view);
    spec.samples.title = fmt::format("saved selection “{}”", choice.view);
    if (!spec.samples.keys.empty()) {
        const auto listed = runSampleIds(workspace, dataset, {}, {{}, std::exchange(spec.samples.keys, {})});
        const std::unordered_set<SampleId> members(listed.begin(), listed.end());
        std::erase_if(spec.samples.ids, [&](SampleId id) { return !members.contains(id); });
    }
    if (spec.samples.ids.empty())
        throw Error(ErrorCode::NotFound, fmt::format("The view '{}' leaves no sample", choice.view));
}

int runEval(const Options& options, CommandContext& context) {
    RunSpec spec;
    spec.task = options.task;
    spec.dataset = options.dataset;
    spec.model = options.model;
    spec.labels = parseLabels(options.labels);
    spec.seed = options.seed;
    spec.device = parseDevice(options.compute.device);
    spec.precision = parsePrecision(options.compute.precision);
    spec.alpha = parseAlpha(options.compute.alpha);
    spec.threads = options.compute.threads;
    for (const auto& given : options.params)
        if (given.option->count() > 0)
            spec.params[given.spec->id] = valueOf(given);
    context.run.threads = options.compute.threads;
    context.run.seed = options.seed;

    const auto session = Session::open(options.workspace, WorkspaceMode::ReadWrite);
    if (options.verify)
        readImagesAgain(session->workspace(), options.dataset);
    chooseSamples(spec, options, session->workspace());
    const RunRecord run = session->workspace().run(session->run(spec, context.run));
    if (context.console.json()) {
        context.console.printJson(runObject(run));
        return 0;
    }
    context.console.print(oneLine(runHeadline(run)));
    context.console.printRaw(metricsTable(run.metrics).text());
    for (const RunWarning& warning : runWarnings(run)) {
        const std::string lists = warning.examples
                                      ? fmt::format("; 'diptych runs examples {} --status {}' lists them",
                                                    run.id.value, exampleStatusName(*warning.examples))
                                      : "";
        context.console.warn(oneLine(warning.text + lists));
    }
    return 0;
}

} // namespace

void defineEval(CommandLine& line) {
    CLI::App* group =
        line.addGroup("eval", "Evaluate a model on a dataset; the result is kept in the workspace.");
    for (const auto& task : tasks()) {
        const auto options = std::make_shared<Options>();
        options->task = task.info.id;
        std::string examples =
            fmt::format("eval {} --workspace work --dataset pets --model clip/", task.info.id);
        for (const auto& param : task.info.params)
            if (param.type == ParamSpec::Type::Prompts)
                examples += fmt::format(
                    "\neval {0} --workspace work --dataset pets --model clip/ {1} simple --json\n"
                    "eval {0} --workspace work --dataset pets --model clip/ {1} 'a photo of a {{}}.'",
                    task.info.id, optionName(param.id));
        CLI::App* command =
            line.add(*group, task.info.id, task.info.title + ". " + task.info.summary, examples,
                     [options](CommandContext& context) { return runEval(*options, context); });
        addWorkspaceOption(command, options->workspace);
        command->add_option("-d,--dataset", options->dataset, "Dataset of the workspace")
            ->type_name("NAME")
            ->required();
        command->add_option("-m,--model", options->model, "Model of the workspace, or a checkpoint folder")
            ->type_name("NAME|DIR")
            ->required();
        addSampleChoice(command, options->choice);
        command
            ->add_option("--samples", options->samples,
                         "Only the images named in this file, by name in the dataset or by path, one a line")
            ->type_name("FILE");
        command
            ->add_option(
                "--labels", options->labels,
                "Labels as imported, or as corrected since (samples relabel); the run's title says so")
            ->capture_default_str()
            ->type_name("imported|corrected")
            ->check(CLI::IsMember({"imported", "corrected"}));
        addSeedOption(command, options->seed, "Seed of everything random");
        addVerifyFlag(command, options->verify);
        addComputeOptions(command, options->compute);
        addParams(command, task.info, *options);
    }
}

} // namespace diptych::cli
