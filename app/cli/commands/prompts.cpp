// SPDX-License-Identifier: GPL-3.0-or-later
// Prompts tried on a dataset: score, select, close.
#include "app/cli/commands/commands.h"
#include "app/cli/commands/prompts_kept.h"
#include "app/cli/commands/shared.h"
#include "app/cli/counted.h"
#include "core/base/file.h"
#include "core/metrics/metric_text.h"
#include "core/metrics/number_text.h"
#include "core/session/prompt_variants.h"
#include "core/session/prompt_workbench.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <functional>

namespace diptych::cli {
namespace {

struct Options {
    std::string workspace, dataset, model, split, judgeSplit, labels = "imported";
    std::string templates = "openai-imagenet-80", against, save;
    ComputeOptions compute;
    size_t resamples = 1000, most = 20;
    int64_t limit = 20;
    double least = 0;
    bool replace = false;
};

RunSpec specOf(const Options& options, const std::string& split) {
    RunSpec spec;
    spec.task = "zero-shot";
    spec.dataset = options.dataset;
    spec.model = options.model;
    spec.split = split;
    spec.labels = parseLabels(options.labels);
    const Compute compute = options.compute.compute();
    spec.device = compute.device;
    spec.precision = compute.precision;
    spec.alpha = compute.alpha;
    spec.threads = compute.threads;
    return spec;
}

/// Opened, with the images that are not encoded yet encoded.
struct Bench {
    std::shared_ptr<Session> session;
    std::shared_ptr<PromptWorkbench> workbench;
};

std::shared_ptr<PromptWorkbench> openBench(Session& session, const Options& options, const std::string& split,
                                           CommandContext& context) {
    context.run.threads = options.compute.threads;
    const OpenedWorkbench opened = session.openWorkbench(specOf(options, split), true, context.run);
    const WorkbenchImages& images = opened.workbench->images();
    if (images.unreadable > 0)
        context.console.warn(
            fmt::format("{} could not be read and count nowhere", countedImages(images.unreadable)));
    return opened.workbench;
}

Bench openBench(const Options& options, CommandContext& context) {
    Bench bench{openForCaching(options.workspace), nullptr};
    bench.workbench = openBench(*bench.session, options, options.split, context);
    return bench;
}

size_t shownOf(size_t count, int64_t limit) {
    return limit < 0 ? count : std::min(count, static_cast<size_t>(limit));
}

OrderedJson shareOrNull(const std::optional<double>& share) {
    return share ? OrderedJson(*share) : OrderedJson();
}

OrderedJson keysJson(const Workspace& workspace, const std::vector<SampleId>& ids) {
    OrderedJson list = OrderedJson::array();
    for (const Sample& sample : workspace.samples(ids, SampleDetail::Basic))
        list.push_back({{"sample", sample.id.value}, {"key", sample.key}});
    return list;
}

OrderedJson classesJson(const WorkbenchImages& images, const PromptSet& prompts, const PromptScore& score,
                        const PromptChange* change) {
    OrderedJson list = OrderedJson::array();
    for (size_t c = 0; c < images.classNames.size(); ++c) {
        OrderedJson& entry = list.emplace_back(OrderedJson{{"class", images.classNames[c]},
                                                           {"names", prompts.namesOf(images.classNames[c])},
                                                           {"images", score.classCount[c]},
                                                           {"right", score.classRight[c]}});
        if (change)
            entry["moved"] = change->classMoved[c];
    }
    return list;
}

OrderedJson changeJson(const Workspace& workspace, const std::string& against, const PromptScore& reference,
                       const PromptChange& change) {
    const auto& [difference, interval, pValue, n] = change.difference;
    return {{"reference", against},
            {"reference_metrics", metricsObject(reference.metrics)},
            {"difference",
             {{"value", difference}, {"low", interval.low}, {"high", interval.high}, {"p", pValue}}},
            {"mcnemar", {{"exact", change.mcNemar.exact}, {"p", change.mcNemar.pValue}}},
            {"gained", keysJson(workspace, change.gained)},
            {"lost", keysJson(workspace, change.lost)}};
}

void printTemplates(Console& console, const std::vector<TemplateRow>& rows) {
    using enum Table::Align;
    Table table({{"Template"}, {"Alone", Right}, {"Without it", Right}});
    for (const TemplateRow& row : rows)
        table.addRow(
            {row.text, row.alone ? shareText(*row.alone) : "", row.changed ? shareText(*row.changed) : ""});
    console.printRaw(table.text());
}

void printFlips(Console& console, const Workspace& workspace, const char* title,
                const std::vector<SampleId>& ids, int64_t limit) {
    console.print(fmt::format("{}: {}", title, formatCount(static_cast<int64_t>(ids.size()))));
    for (const Sample& sample :
         workspace.samples(std::span(ids).first(shownOf(ids.size(), limit)), SampleDetail::Basic))
        console.print(oneLine("  " + sample.key));
}

void printChange(Console& console, const Workspace& workspace, const WorkbenchImages& images,
                 const std::string& against, const PromptChange& change, int64_t limit) {
    const PairedDifference& difference = change.difference;
    console.print(oneLine(fmt::format(
        "Against {}: {:+.1f} points, 95 % interval {:+.1f} to {:+.1f}, {}; McNemar {}", against,
        difference.difference * 100, difference.interval.low * 100, difference.interval.high * 100,
        pValueText(difference.pValue), pValueText(change.mcNemar.pValue))));
    std::vector<size_t> moved;
    for (size_t c = 0; c < change.classMoved.size(); ++c)
        if (change.classMoved[c] != 0)
            moved.push_back(c);
    std::ranges::stable_sort(moved, std::greater<>(),
                             [&](size_t c) { return std::abs(change.classMoved[c]); });
    console.print(fmt::format("{} moved", counted(moved.size(), "class", "classes")));
    for (size_t i = 0; i < shownOf(moved.size(), limit); ++i)
        console.print(
            oneLine(fmt::format("  {}: {:+d}", images.classNames[moved[i]], change.classMoved[moved[i]])));
    printFlips(console, workspace, "Right now, wrong before", change.gained, limit);
    printFlips(console, workspace, "Wrong now, right before", change.lost, limit);
}

int scorePrompts(const Options& options, CommandContext& context) {
    const Bench bench = openBench(options, context);
    const Workspace& workspace = bench.session->workspace();
    const WorkbenchImages& images = bench.workbench->images();
    const PromptSet prompts = findPrompts(workspace, options.templates);
    const PromptScore score = bench.workbench->score(prompts, options.resamples, context.run);
    const auto rows =
        bench.workbench->templates(prompts, std::vector<uint8_t>(prompts.templates.size(), 1), context.run);
    std::optional<PromptScore> reference;
    std::optional<PromptChange> change;
    if (!options.against.empty()) {
        reference = bench.workbench->score(findPrompts(workspace, options.against), 0, context.run);
        change = changeFrom(images, score, *reference, options.resamples, context.run);
    }
    Console& console = context.console;
    if (console.json()) {
        OrderedJson templates = OrderedJson::array();
        for (const TemplateRow& row : rows)
            templates.push_back({{"template", row.text},
                                 {"alone", shareOrNull(row.alone)},
                                 {"without", shareOrNull(row.changed)}});
        OrderedJson object{{"dataset", images.dataset},
                           {"model", images.model},
                           {"split", images.split},
                           {"images", images.ids.size()},
                           {"metrics", metricsObject(score.metrics)},
                           {"templates", std::move(templates)},
                           {"classes", classesJson(images, prompts, score, change ? &*change : nullptr)}};
        if (change)
            object["change"] = changeJson(workspace, options.against, *reference, *change);
        console.printJson(object);
        return 0;
    }
    console.print(oneLine(
        fmt::format("{} of {} × {}", countedImages(images.ids.size()), images.dataset, images.model)));
    console.printRaw(metricsTable(score.metrics).text());
    if (!rows.empty())
        printTemplates(console, rows);
    if (change)
        printChange(console, workspace, images, options.against, *change, options.limit);
    return 0;
}

int selectPrompts(const Options& options, CommandContext& context) {
    const Bench bench = openBench(options, context);
    const PromptSet prompts = findPrompts(bench.session->workspace(), options.templates);
    const TemplateSelection selection = bench.workbench->select(prompts, options.most, context.run);
    PromptSet chosen = prompts;
    chosen.templates.clear();
    for (size_t i = 0; i < selection.best; ++i)
        chosen.templates.push_back(prompts.templates[selection.steps[i].template_]);
    const std::string judgedOn = options.judgeSplit.empty() ? options.split : options.judgeSplit;
    const auto judge =
        judgedOn == options.split ? bench.workbench : openBench(*bench.session, options, judgedOn, context);
    const PromptScore judged = judge->score(chosen, options.resamples, context.run);
    const std::string caution = selectionCaution(options.split, judgedOn);
    if (!options.save.empty())
        keepPrompts(bench.session->workspace(), options.save, chosen,
                    options.replace ? Workspace::IfTaken::Replace : Workspace::IfTaken::Refuse);
    Console& console = context.console;
    if (console.json()) {
        OrderedJson steps = OrderedJson::array();
        for (const SelectionStep& step : selection.steps)
            steps.push_back({{"template", prompts.templates[step.template_]}, {"accuracy", step.chosenOn}});
        console.printJson({{"chosen_on", options.split},
                           {"judged_on", judgedOn},
                           {"steps", std::move(steps)},
                           {"best", selection.best},
                           {"templates", chosen.templates},
                           {"judged", metricsObject(judged.metrics)},
                           {"caution", caution}});
        return 0;
    }
    const auto name = [](const std::string& split) {
        return split.empty() ? "all images" : "split " + split;
    };
    console.print(oneLine(fmt::format("Chosen on {}, judged on {}", name(options.split), name(judgedOn))));
    using enum Table::Align;
    Table table({{"", Right}, {"Template added"}, {"Right so far", Right}});
    for (size_t i = 0; i < selection.steps.size(); ++i)
        table.addRow({std::to_string(i + 1), prompts.templates[selection.steps[i].template_],
                      shareText(selection.steps[i].chosenOn) + (i + 1 == selection.best ? "  best" : "")});
    console.printRaw(table.text());
    console.print(fmt::format("The first {} judged on {}:", selection.best, name(judgedOn)));
    console.printRaw(metricsTable(judged.metrics).text());
    if (!caution.empty())
        console.print(caution);
    return 0;
}

int closePrompts(const Options& options, CommandContext& context) {
    const Bench bench = openBench(options, context);
    const WorkbenchImages& images = bench.workbench->images();
    const PromptSet prompts = findPrompts(bench.session->workspace(), options.templates);
    const PromptScore score = bench.workbench->score(prompts, 0, context.run);
    const auto pairs =
        closeNames(images, score, options.least, shownOf(SIZE_MAX, options.limit), context.run);
    if (context.console.json()) {
        OrderedJson list = OrderedJson::array();
        for (const CloseNames& pair : pairs)
            list.push_back({{"first", images.classNames[static_cast<size_t>(pair.first)]},
                            {"second", images.classNames[static_cast<size_t>(pair.second)]},
                            {"cosine", pair.cosine},
                            {"first_taken_for_second", pair.firstAsSecond},
                            {"second_taken_for_first", pair.secondAsFirst}});
        context.console.printJson(list);
        return 0;
    }
    using enum Table::Align;
    Table table({{"Class"}, {"Class"}, {"Cosine", Right}, {"1st as 2nd", Right}, {"2nd as 1st", Right}});
    for (const CloseNames& pair : pairs)
        table.addRow({images.classNames[static_cast<size_t>(pair.first)],
                      images.classNames[static_cast<size_t>(pair.second)], fmt::format("{:.4f}", pair.cosine),
                      std::to_string(pair.firstAsSecond), std::to_string(pair.secondAsFirst)});
    context.console.printRaw(table.empty() ? "No two classes are that close.\n" : table.text());
    return 0;
}

void addWorkbenchOptions(CLI::App* command, Options& options) {
    addWorkspaceOption(command, options.workspace);
    command->add_option("-d,--dataset", options.dataset, "Dataset of the workspace")
        ->type_name("NAME")
        ->required();
    command->add_option("-m,--model", options.model, "Model of the workspace, or a checkpoint folder")
        ->type_name("NAME|DIR")
        ->required();
    command
        ->add_option(
            "--templates", options.templates,
            "A prompt set, prompts kept in the workspace, a file, or templates written out with | between")
        ->capture_default_str()
        ->type_name("NAME|FILE|TEMPLATE");
    command->add_option("--split", options.split, "Only this split")->type_name("NAME");
    command->add_option("--labels", options.labels, "Labels as imported, or as corrected since")
        ->capture_default_str()
        ->type_name("imported|corrected")
        ->check(CLI::IsMember({"imported", "corrected"}));
    addComputeOptions(command, options.compute);
}

void addResamples(CLI::App* command, Options& options) {
    command->add_option("--resamples", options.resamples, "Draws behind the intervals")
        ->capture_default_str()
        ->type_name("N")
        ->check(wholeNumber(100, 100'000));
}

} // namespace

void definePrompts(CommandLine& line) {
    const auto options = std::make_shared<Options>();
    CLI::App* group = line.addGroup(
        "prompts", "Try prompts on a dataset, choose among templates, and keep prompts under names.");
    const auto bind = [options](int (*action)(const Options&, CommandContext&)) {
        return [options, action](CommandContext& context) { return action(*options, context); };
    };
    CLI::App* score = line.add(
        *group, "score",
        "What prompts come to as zero-shot classification has it: the ensemble, each template alone, the "
        "ensemble without each, and every class; and what they change against other prompts.",
        "prompts score -w work -d pets -m clip --templates openai-imagenet-7 --against simple\n"
        "prompts score -w work -d pets -m clip --templates 'a {}|the {}' --split val --json",
        bind(scorePrompts));
    CLI::App* select = line.add(
        *group, "select",
        "Choose templates one by one, each time the one with which most images are right (greedy forward "
        "selection), on one split, and judge the choice on another.",
        "prompts select -w work -d pets -m clip --split train --judge-split test --most 7 --save chosen",
        bind(selectPrompts));
    CLI::App* close =
        line.add(*group, "close",
                 "The classes whose prompts are nearest to each other, and how often the images "
                 "of one are taken for the other.",
                 "prompts close -w work -d pets -m clip --least 0.95", bind(closePrompts));
    for (CLI::App* command : {score, select, close})
        addWorkbenchOptions(command, *options);
    addResamples(score, *options);
    addResamples(select, *options);
    score->add_option("--against", options->against, "Prompts to compare with")
        ->type_name("NAME|FILE|TEMPLATE");
    for (CLI::App* command : {score, close})
        command->add_option("--limit", options->limit, "List at most so many of each kind; -1 lists all")
            ->capture_default_str()
            ->type_name("N")
            ->check(wholeNumber(-1));
    select
        ->add_option("--judge-split", options->judgeSplit,
                     "Judge on this split; that of --split where not given")
        ->type_name("NAME");
    select->add_option("--most", options->most, "Templates to add at most")
        ->capture_default_str()
        ->type_name("N")
        ->check(wholeNumber(1, 10'000));
    select->add_option("--save", options->save, "Keep the best ones in the workspace under this name")
        ->type_name("NAME");
    select->add_flag("--replace", options->replace, "Replace prompts kept under that name");
    close->add_option("--least", options->least, "Only pairs of at least this cosine")
        ->type_name("COSINE")
        ->check(CLI::Range(-1.0, 1.0));
    defineKeptPrompts(line, *group);
}

} // namespace diptych::cli
