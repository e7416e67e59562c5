// SPDX-License-Identifier: GPL-3.0-or-later
// Captions that are right for another image too: false negatives of a dataset's annotation.
#include "app/cli/commands/positives.h"

#include "app/cli/commands/findings.h"
#include "app/cli/commands/sample_choice.h"
#include "app/cli/commands/shared.h"
#include "app/cli/counted.h"
#include "core/base/file.h"
#include "core/metrics/metric_text.h"
#include "core/session/run_positives.h"

#include <fmt/format.h>

#include <cmath>
#include <unordered_map>

namespace diptych::cli {
namespace {

struct Options {
    std::string workspace, dataset, captionOf, caption;
    std::vector<std::string> images;
    int64_t run = 0;
    bool all = false;
    FindingsOptions list;
};

int listPositives(const Options& options, CommandContext& context) {
    const auto session = Session::open(options.workspace, WorkspaceMode::ReadOnly);
    Workspace& workspace = session->workspace();
    const auto pairs = workspace.positives(datasetByName(workspace, options.dataset).id);
    std::vector<SampleId> owners;
    for (const PositivePair& pair : pairs)
        owners.push_back(pair.captionOf);
    std::unordered_map<SampleId, std::string> keys;
    for (const Sample& sample : workspace.samples(owners, SampleDetail::Basic))
        keys.emplace(sample.id, toValidUtf8(sample.key));
    std::vector<Finding> findings;
    for (const PositivePair& pair : pairs)
        findings.push_back({pair.image,
                            {{"caption_of", keys[pair.captionOf]},
                             {"caption", toValidUtf8(pair.caption)},
                             {"marked_at", pair.markedAt}}});
    printFindings(context.console, workspace, options.list,
                  {{"dataset", options.dataset}, {"pairs", pairs.size()}},
                  fmt::format("'{}': {} marked as right beside the annotation", options.dataset,
                              counted(pairs.size(), "image and caption", "images and captions")),
                  findings, {});
    return 0;
}

/// The caption that is meant: the only one, or the one of these words.
std::string captionOf(const Sample& sample, const Options& options) {
    if (!options.caption.empty())
        return options.caption;
    if (sample.captions.size() == 1)
        return sample.captions.front();
    throw UsageError(fmt::format("'{}' has {} captions; give the words of one with --caption",
                                 options.captionOf, sample.captions.size()));
}

std::vector<PositivePair> chosenPairs(const Options& options, const Workspace& workspace, DatasetId dataset) {
    const Sample owner = sampleByKey(workspace, dataset, options.dataset, options.captionOf);
    const std::string caption = captionOf(owner, options);
    std::vector<PositivePair> pairs;
    for (const std::string& key : options.images)
        pairs.push_back({sampleByKey(workspace, dataset, options.dataset, key).id, owner.id, caption, {}});
    return pairs;
}

int report(CommandContext& context, size_t changed, const char* what) {
    if (context.console.json())
        context.console.printJson({{"changed", changed}});
    else
        context.console.print(fmt::format("{}: {}", what, formatCount(static_cast<int64_t>(changed))));
    return 0;
}

int addPositives(const Options& options, CommandContext& context) {
    const auto session = Session::open(options.workspace, WorkspaceMode::ReadWrite);
    Workspace& workspace = session->workspace();
    const DatasetId dataset = datasetByName(workspace, options.dataset).id;
    return report(context, workspace.addPositives(chosenPairs(options, workspace, dataset)).size(),
                  "Marked as right");
}

int removePositives(const Options& options, CommandContext& context) {
    if (options.all == !options.images.empty() || options.all == !options.captionOf.empty())
        throw UsageError("say which mark with --image and --caption-of, or --all");
    const auto session = Session::open(options.workspace, WorkspaceMode::ReadWrite);
    Workspace& workspace = session->workspace();
    const DatasetId dataset = datasetByName(workspace, options.dataset).id;
    const auto pairs = options.all ? workspace.positives(dataset) : chosenPairs(options, workspace, dataset);
    return report(context, workspace.removePositives(pairs).size(), "Marks taken back");
}

OrderedJson correctedObject(const CorrectedMetric& metric) {
    const auto numberOrNull = [](double value) {
        return std::isfinite(value) ? OrderedJson(value) : OrderedJson();
    };
    return {{"without", numberOrNull(metric.stored.value)},
            {"with", metric.exact() ? numberOrNull(metric.low) : OrderedJson()},
            {"with_low", numberOrNull(metric.low)},
            {"with_high", numberOrNull(metric.high)},
            {"n", metric.stored.n},
            {"changed", metric.changed},
            {"open", metric.open}};
}

int showRun(const Options& options, CommandContext& context) {
    const auto session = Session::open(options.workspace, WorkspaceMode::ReadOnly);
    const RunPositives found = runWithPositives(session->workspace(), {options.run});
    if (context.console.json()) {
        OrderedJson metrics = OrderedJson::object();
        for (const CorrectedMetric& metric : found.retrieval.metrics)
            metrics[metric.stored.name] = correctedObject(metric);
        context.console.printJson({{"run", options.run},
                                   {"pairs", found.marked},
                                   {"used", found.retrieval.used},
                                   {"metrics", std::move(metrics)},
                                   {"note", found.note}});
        return 0;
    }
    context.console.print(oneLine(runHeadline(found.run)));
    context.console.print(fmt::format("Marked as right in the dataset: {}; of them in this run: {}",
                                      formatCount(static_cast<int64_t>(found.marked)),
                                      formatCount(static_cast<int64_t>(found.retrieval.used))));
    using enum Table::Align;
    Table table(
        {{"Metric"}, {"Without", Right}, {"With", Right}, {"Change", Right}, {"Queries changed", Right}});
    for (const CorrectedMetric& metric : found.retrieval.metrics)
        table.addRow({metricTitle(metric.stored.name), metricValueText(metric.stored), correctedText(metric),
                      correctedChangeText(metric), formatCount(static_cast<int64_t>(metric.changed))});
    context.console.printRaw(table.text());
    if (!found.note.empty())
        context.console.note(found.note);
    return 0;
}

void addDataset(CLI::App* command, Options& options) {
    addWorkspaceOption(command, options.workspace);
    command->add_option("-d,--dataset", options.dataset, "Dataset of the workspace")
        ->required()
        ->type_name("NAME");
}

/// @param required or else --all can stand instead
void addPair(CLI::App* command, Options& options, bool required) {
    addDataset(command, options);
    command->add_option("--image", options.images, "The image, by its name in the dataset; may be repeated")
        ->type_name("KEY")
        ->take_all()
        ->required(required);
    command->add_option("--caption-of", options.captionOf, "The image that the caption belongs to")
        ->type_name("KEY")
        ->required(required);
    command->add_option("--caption", options.caption, "Its words; not needed where there is one caption")
        ->type_name("TEXT");
}

} // namespace

void defineSamplePositives(CommandLine& line, CLI::App& group) {
    const auto options = std::make_shared<Options>();
    const auto bind = [options](int (*action)(const Options&, CommandContext&)) {
        return [options, action](CommandContext& context) { return action(*options, context); };
    };
    CLI::App* list =
        line.add(group, "positives",
                 "List the captions marked as right for another image than their own: false negatives of the "
                 "annotation. 'runs positives' shows what they change.",
                 "samples positives --workspace work --dataset coco\n"
                 "samples positives --workspace work --dataset coco --csv > positives.csv",
                 bind(listPositives));
    addDataset(list, *options);
    addListOptions(list, options->list);
    addPair(line.add(group, "add-positive",
                     "Mark a caption as right for another image too. Dataset and runs stay as they are.",
                     "samples add-positive --workspace work --dataset coco --image 1.jpg --caption-of "
                     "2.jpg --caption \"a bear\"",
                     bind(addPositives)),
            *options, true);
    CLI::App* remove =
        line.add(group, "remove-positive", "Take such a mark back.",
                 "samples remove-positive --workspace work --dataset coco --image 1.jpg --caption-of 2.jpg "
                 "--caption \"a bear\"\n"
                 "samples remove-positive --workspace work --dataset coco --all",
                 bind(removePositives));
    addPair(remove, *options, false);
    remove->add_flag("--all", options->all, "All marks of the dataset");
}

void defineRunPositives(CommandLine& line, CLI::App& group) {
    const auto options = std::make_shared<Options>();
    CLI::App* command = line.add(
        group, "positives",
        "Show the metrics of a retrieval run with and without the captions marked as right for other images "
        "('samples add-positive'), from what the run keeps of each query.",
        "runs positives 3 --workspace work\nruns positives 3 --workspace work --json",
        [options](CommandContext& context) { return showRun(*options, context); });
    command->add_option("RUN", options->run, "Number of the run, as 'diptych runs list' shows it")
        ->required()
        ->type_name("");
    addWorkspaceOption(command, options->workspace);
}

} // namespace diptych::cli
