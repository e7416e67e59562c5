// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/commands/commands.h"
#include "app/cli/commands/curate_options.h"
#include "app/cli/commands/shared.h"
#include "app/cli/counted.h"
#include "core/probe/neighbours.h"
#include "core/session/curator.h"
#include "core/session/dataset_summary.h"

#include <fmt/format.h>

#include <algorithm>

namespace diptych::cli {
namespace {

struct Options : CurateOptions {
    std::string method = "confident-learning";
    double threshold = kNearDuplicateSimilarity;
    bool allButOne = false, leaksOnly = false;
    int64_t run = 0;
    size_t neighbours = 10;
    CrossValidation folds;
};

int findDuplicates(const Options& options, CommandContext& context) {
    const auto session = openSession(options, context, !options.findings.tag.empty());
    const CurationSpec spec = specOf(options);
    const bool copiesOnly = spec.model.empty();
    const DuplicateFindings found = copiesOnly
                                        ? session->curator().copies(spec, context.run)
                                        : session->curator().duplicates(spec, options.threshold, context.run);
    requireReady(found.answer, options);
    const double threshold = copiesOnly ? 1 : options.threshold;
    const DuplicateCounts counts =
        duplicateCounts(found.links, found.splits, found.labels, std::span(&threshold, 1)).front();
    std::vector<Finding> findings;
    std::vector<SampleId> tagged;
    int64_t number = 0;
    for (const DuplicateGroup& group : duplicateGroups(found.links, threshold)) {
        const bool leak = acrossSplits(found, group);
        if (options.leaksOnly && !leak)
            continue;
        ++number;
        const std::vector<SampleId> surplus = surplusOf(found, group);
        for (const uint32_t member : group.members) {
            const SampleId sample = found.samples[member];
            const bool kept = std::ranges::find(surplus, sample) == surplus.end();
            findings.push_back({sample,
                                {{"group", number},
                                 {"similarity", rounded(static_cast<double>(group.similarity))},
                                 {"copies", group.copies},
                                 {"across_splits", leak},
                                 {"kept", kept}}});
            if (!options.allButOne || !kept)
                tagged.push_back(sample);
        }
    }
    OrderedJson summary = summaryOf(options);
    summary["threshold"] = threshold;
    summary["images"] = found.samples.size();
    summary["groups"] = counts.groups;
    summary["images_in_groups"] = counts.examples;
    summary["surplus"] = counts.surplus();
    summary["groups_across_splits"] = counts.acrossSplits;
    summary["images_across_splits"] = counts.examplesAcross;
    summary["groups_with_labels_that_differ"] = counts.labelsDiffer;
    summary["unreadable"] = found.failures.size();
    std::string headline = fmt::format(
        "{} of {} {} in {}; without {} of them there is one of each", count(counts.examples),
        countedImages(found.samples.size()) + (counts.examples == 1 ? " is" : " are"),
        copiesOnly ? "copies of one another" : fmt::format("near-duplicates (cosine {} or more)", threshold),
        counted(counts.groups, "group", "groups"), count(counts.surplus()));
    if (counts.acrossSplits > 0)
        headline += fmt::format(
            "\nLeakage: {} ({}) {} across splits", counted(counts.acrossSplits, "group", "groups"),
            countedImages(counts.examplesAcross), counts.acrossSplits == 1 ? "lies" : "lie");
    if (counts.labelsDiffer > 0)
        headline +=
            fmt::format("\n{} labels that differ", counted(counts.labelsDiffer, "group has", "groups have"));
    printFindings(context.console, session->workspace(), options.findings, std::move(summary), headline,
                  findings, tagged);
    warnOfFailures(context.console, found.failures);
    return 0;
}

/// The findings as they stand, each with its tag.
void print(const Options& options, CommandContext& context, Workspace& workspace, OrderedJson summary,
           const std::string& headline, const std::vector<Finding>& findings) {
    std::vector<SampleId> tagged;
    for (const Finding& finding : findings)
        tagged.push_back(finding.sample);
    printFindings(context.console, workspace, options.findings, std::move(summary), headline, findings,
                  tagged);
}

void requireRunOf(Workspace& workspace, const Options& options) {
    const RunRecord run = workspace.run({options.run});
    if (run.datasetId != datasetByName(workspace, options.spec.dataset).id)
        throw Error(ErrorCode::InvalidArgument,
                    fmt::format("Run {} is of dataset '{}', not of '{}'", options.run, run.datasetName,
                                options.spec.dataset));
}

int findLabelErrors(const Options& options, CommandContext& context) {
    if ((options.run == 0) == options.spec.model.empty())
        throw UsageError("give --model, whose embeddings a probe learns the labels from, or --run, whose "
                         "probabilities are taken");
    if (options.run != 0 && !options.spec.split.empty())
        throw UsageError("--split goes with --model; a run has looked at what it looked at");
    const auto session = openSession(options, context, !options.findings.tag.empty());
    Workspace& workspace = session->workspace();
    const IssueChoice choice =
        options.method == "noise-rate" ? IssueChoice::NoiseRate : IssueChoice::OffDiagonal;
    if (options.run != 0)
        requireRunOf(workspace, options);
    const LabelFindings found =
        options.run != 0
            ? session->curator().labelIssues(RunId{options.run}, choice, context.run)
            : session->curator().labelIssues(specOf(options), choice, options.folds, context.run);
    requireReady(found.answer, options);
    const auto names = workspace.classNames(datasetByName(workspace, options.spec.dataset).id);
    std::vector<Finding> findings;
    for (const LabelSuspect& suspect : found.suspects)
        findings.push_back({suspect.sample,
                            {{"label", names[static_cast<size_t>(suspect.given)]},
                             {"suggested", names[static_cast<size_t>(suspect.suggested)]},
                             {"margin", rounded(suspect.margin)},
                             {"self_confidence", rounded(suspect.selfConfidence)}}});
    OrderedJson summary = summaryOf(options);
    summary["method"] = options.method;
    summary["by"] = found.by;
    summary["checked"] = found.checked;
    summary["suspects"] = found.suspects.size();
    summary["unreadable"] = found.failures.size();
    print(options, context, workspace, std::move(summary),
          fmt::format("{} of {} {} likely wrong, by {}", count(found.suspects.size()),
                      counted(found.checked, "label", "labels"), found.suspects.size() == 1 ? "is" : "are",
                      found.by),
          findings);
    for (const std::string& note : found.notes)
        context.console.warn(note);
    warnOfFailures(context.console, found.failures);
    return 0;
}

int findHardest(const Options& options, CommandContext& context) {
    const auto session = openSession(options, context, !options.findings.tag.empty());
    Workspace& workspace = session->workspace();
    requireRunOf(workspace, options);
    const auto names = workspace.run({options.run}).classNames;
    const auto nameOf = [&](int label) {
        const auto at = static_cast<size_t>(label);
        return label >= 0 && at < names.size() ? names[at] : std::to_string(label);
    };
    auto hardest = session->curator().hardest({options.run}, context.run);
    const size_t all = hardest.size();
    if (options.findings.limit > 0)
        hardest.resize(std::min(all, options.findings.limit));
    std::vector<Finding> findings;
    for (const HardSample& hard : hardest)
        findings.push_back({hard.sample,
                            {{"label", nameOf(hard.target)},
                             {"predicted", nameOf(hard.predicted)},
                             {"margin", rounded(hard.margin)},
                             {"loss", rounded(hard.loss)},
                             {"bound", hard.bound}}});
    OrderedJson summary = summaryOf(options);
    summary["run"] = options.run;
    summary["images"] = all;
    print(options, context, workspace, std::move(summary),
          fmt::format("The hardest {} of {} images of run {}: probability of the label less that of the "
                      "likeliest other, lowest first",
                      count(findings.size()), count(all), options.run),
          findings);
    return 0;
}

int findUnusual(const Options& options, CommandContext& context) {
    const auto session = openSession(options, context, !options.findings.tag.empty());
    UnusualFindings found = session->curator().unusual(specOf(options), options.neighbours, context.run);
    requireReady(found.answer, options);
    const size_t all = found.samples.size();
    if (options.findings.limit > 0)
        found.samples.resize(std::min(all, options.findings.limit));
    std::vector<Finding> findings;
    for (const UnusualSample& unusual : found.samples)
        findings.push_back({unusual.sample, {{"similarity", rounded(unusual.similarity)}}});
    OrderedJson summary = summaryOf(options);
    summary["neighbours"] = options.neighbours;
    summary["images"] = all;
    summary["unreadable"] = found.failures.size();
    print(
        options, context, session->workspace(), std::move(summary),
        fmt::format("The most unusual {} of {} images: mean cosine with the {} nearest others, lowest first",
                    count(findings.size()), count(all), options.neighbours),
        findings);
    warnOfFailures(context.console, found.failures);
    return 0;
}

OrderedJson binsJson(const std::vector<SummaryBin>& bins) {
    OrderedJson out = OrderedJson::object();
    for (const SummaryBin& bin : bins)
        out[bin.title] = bin.samples.size();
    return out;
}

void addBins(Table& table, const std::string& title, const std::vector<SummaryBin>& bins, size_t all,
             size_t limit) {
    for (size_t i = 0; i < bins.size() && (limit == 0 || i < limit); ++i)
        table.addRow({i == 0 ? title : "", bins[i].title, count(bins[i].samples.size()),
                      fmt::format("{:.1f} %", 100.0 * static_cast<double>(bins[i].samples.size()) /
                                                  static_cast<double>(all))});
    if (limit > 0 && bins.size() > limit)
        table.addRow({"", fmt::format("... {} more", count(bins.size() - limit)), "", ""});
}

int showSummary(const Options& options, CommandContext& context) {
    const auto session = openForCaching(options.workspace);
    const DatasetId dataset = datasetByName(session->workspace(), options.spec.dataset).id;
    const DatasetSummary found = summarize(session->workspace(), dataset, options.spec.split, context.run);
    if (context.console.json()) {
        OrderedJson summary = summaryOf(options);
        summary["images"] = found.samples;
        summary["bytes"] = found.bytes;
        summary["classes"] = binsJson(found.classes);
        summary["empty_classes"] = found.emptyClasses;
        summary["imbalance"] = rounded(found.imbalance);
        summary["splits"] = binsJson(found.splits);
        summary["shorter_side"] = {
            {"smallest", found.smallestSide}, {"median", found.medianSide}, {"largest", found.largestSide}};
        summary["sizes"] = binsJson(found.sizes);
        summary["shapes"] = binsJson(found.shapes);
        summary["unreadable"] = found.failures.size();
        context.console.printJson(summary);
        return 0;
    }
    context.console.print(fmt::format("{}, {}", countedImages(found.samples), formatBytes(found.bytes)));
    using enum Table::Align;
    Table table({{""}, {""}, {"Images", Right}, {"Share", Right}});
    addBins(table, "Class", found.classes, found.samples, options.findings.limit);
    addBins(table, "Split", found.splits, found.samples, 0);
    addBins(table, "Shorter side", found.sizes, found.samples, 0);
    addBins(table, "Width : height", found.shapes, found.samples, 0);
    context.console.printRaw(table.text());
    if (found.imbalance > 1)
        context.console.print(
            fmt::format("The largest class has {:.1f} images for one of the smallest", found.imbalance));
    if (!found.emptyClasses.empty())
        context.console.print(fmt::format("Classes without images: {}", count(found.emptyClasses.size())));
    warnOfFailures(context.console, found.failures);
    return 0;
}

CLI::Option* addRun(CLI::App* command, Options& options, const std::string& help) {
    return command->add_option("-r,--run", options.run, help)->type_name("RUN")->check(wholeNumber(1));
}

using Bind = std::function<cli::Action(int (*)(const Options&, CommandContext&))>;

void defineDuplicates(CommandLine& line, CLI::App& group, Options& options, const Bind& bind) {
    CLI::App* command = line.add(
        group, "duplicates", "Copies and near-duplicates, in groups; those across splits are leakage.",
        "curate duplicates --workspace work --dataset pets\n"
        "curate duplicates --workspace work --dataset pets --model clip/ --threshold 0.95 --csv > pairs.csv\n"
        "curate duplicates --workspace work --dataset pets --model clip/ --tag surplus --all-but-one",
        bind(findDuplicates));
    addPlace(command, options);
    addModel(command, options,
             "Compare images by this model's embeddings; without it only files of the same bytes are found");
    command
        ->add_option("--threshold", options.threshold,
                     "Cosine from which two images hang together; groups are all that hang together, through "
                     "others too")
        ->capture_default_str()
        ->type_name("X")
        ->check(CLI::Range(0.01, 1.0));
    command->add_flag("--across-splits", options.leaksOnly, "Only groups that lie across splits");
    command->add_flag("--all-but-one", options.allButOne,
                      "With --tag: leave out one image of each group, the first that has a label");
    addFindingsOptions(command, options.findings);
}

void defineLabels(CommandLine& line, CLI::App& group, Options& options, const Bind& bind) {
    CLI::App* command =
        line.add(group, "labels", "Labels that are likely wrong, by confident learning; the surest first.",
                 "curate labels --workspace work --dataset pets --model clip/\n"
                 "curate labels --workspace work --dataset pets --run 3 --tag check-label",
                 bind(findLabelErrors));
    addPlace(command, options);
    addModel(command, options, "Fit a linear probe on this model's embeddings, cross-validated");
    addRun(command, options,
           "Take the probabilities this run stored instead; it must have kept all classes (eval --keep)");
    command
        ->add_option(
            "--method", options.method,
            "confident-learning: all that are confidently another class; noise-rate: as many of each "
            "pair of classes as are expected to be wrong")
        ->capture_default_str()
        ->type_name("confident-learning|noise-rate")
        ->check(CLI::IsMember({"confident-learning", "noise-rate"}));
    command->add_option("--folds", options.folds.folds, "Parts of the cross-validation")
        ->capture_default_str()
        ->type_name("N")
        ->check(wholeNumber(2, 100));
    command
        ->add_option("--c", options.folds.c,
                     "Inverse strength of the probe's L2 penalty; 0 searches it on the first part")
        ->capture_default_str()
        ->type_name("X")
        ->check(CLI::Range(0.0, 1e6));
    addSeedOption(command, options.folds.seed, "Seed of the parts");
    addFindingsOptions(command, options.findings);
}

} // namespace

void defineCurate(CommandLine& line) {
    const auto options = std::make_shared<Options>();
    CLI::App* group = line.addGroup(
        "curate", "Find duplicates, wrong labels, hard and unusual images; see what a dataset is made of.");
    const Bind bind = [options](int (*action)(const Options&, CommandContext&)) {
        return [options, action](CommandContext& context) { return action(*options, context); };
    };
    defineDuplicates(line, *group, *options, bind);
    defineLabels(line, *group, *options, bind);
    defineCurateProbe(line, *group);
    CLI::App* hardest = line.add(
        *group, "hardest", "What a run was least able to tell: the label's probability less the best other.",
        "curate hardest --workspace work --dataset pets --run 3 --limit 50 --tag hard", bind(findHardest));
    addPlace(hardest, *options, false);
    addRun(hardest, *options, "Run that names classes")->required();
    addFindingsOptions(hardest, options->findings);
    hardest->get_option("--limit")->description("At most so many; 0 is all");
    CLI::App* unusual = line.add(
        *group, "unusual", "Images that are like no others: the mean cosine with their nearest neighbours.",
        "curate unusual --workspace work --dataset pets --model clip/ --limit 50 --json", bind(findUnusual));
    addPlace(unusual, *options);
    addModel(unusual, *options, "Model whose embeddings are compared")->required();
    unusual->add_option("-k,--neighbours,--neighbors", options->neighbours, "Nearest others that count")
        ->capture_default_str()
        ->type_name("N")
        ->check(wholeNumber(1, 1000));
    addFindingsOptions(unusual, options->findings);
    unusual->get_option("--limit")->description("At most so many; 0 is all");
    CLI::App* summary =
        line.add(*group, "summary", "Class balance, splits, image sizes and shapes of a dataset at a glance.",
                 "curate summary --workspace work --dataset pets", bind(showSummary));
    addPlace(summary, *options);
    summary->add_option("-n,--limit", options->findings.limit, "Classes listed; 0 is all")
        ->capture_default_str()
        ->type_name("N")
        ->check(wholeNumber(0));
}

} // namespace diptych::cli
