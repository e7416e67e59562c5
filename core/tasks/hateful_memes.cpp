// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/tasks/hateful_memes.h"

#include "core/datasets/split_names.h"
#include "core/metrics/binary.h"
#include "core/results/parts.h"
#include "core/tasks/detail_tables.h"
#include "core/tasks/meme_groups.h"
#include "core/tasks/meme_scores.h"
#include "core/tasks/task_support.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

namespace diptych {
namespace {

/// Where evaluation happens unless told otherwise: the first of these that is there, else the first by name
/// of any validation split, else of any test split.
constexpr std::array<const char*, 8> kEvalSplits = {"dev_seen", "dev_unseen", "dev",         "validation",
                                                    "val",      "test_seen",  "test_unseen", "test"};
constexpr size_t kCurvePoints = 500; ///< a curve keeps about so many

bool hasSplit(const TaskDataset& dataset, const std::string& split) {
    return std::ranges::any_of(dataset.samples,
                               [&](const TaskSample& sample) { return sample.split == split; });
}

/// The first by name of the splits that are for @p part; empty if there is none.
std::string firstSplit(const TaskDataset& dataset, SplitPart part) {
    std::string first;
    for (const TaskSample& sample : dataset.samples)
        if ((first.empty() || sample.split < first) && splitPart(sample.split) == part)
            first = sample.split;
    return first;
}

/// Empty if there is none.
std::string defaultEvalSplit(const TaskDataset& dataset) {
    for (const char* split : kEvalSplits)
        if (hasSplit(dataset, split))
            return split;
    const std::string validation = firstSplit(dataset, SplitPart::Validation);
    return validation.empty() ? firstSplit(dataset, SplitPart::Test) : validation;
}

std::string unsuitable(const TaskDataset& dataset) {
    if (dataset.classNames.size() != 2)
        return "it needs two classes, the second of which is what is looked for";
    if (std::ranges::none_of(dataset.samples,
                             [](const TaskSample& sample) { return !sample.captions.empty(); }))
        return "none of its images has a text";
    return defaultEvalSplit(dataset).empty()
               ? fmt::format("it has no split to evaluate on (one of {})", fmt::join(kEvalSplits, ", "))
               : "";
}

std::string evalSplit(const TaskInput& input) {
    auto given = input.params["eval_split"].get<std::string>();
    if (given.empty())
        return defaultEvalSplit(input.dataset);
    if (!hasSplit(input.dataset, given))
        throw Error(ErrorCode::InvalidArgument,
                    fmt::format("Dataset '{}' has no split '{}' to evaluate on", input.dataset.name, given));
    return given;
}

const MemeMethod& methodOf(const Json& params) {
    const auto id = params["method"].get<std::string>();
    return *std::ranges::find(memeMethods(), id, &MemeMethod::id);
}

// What is evaluated

/// Memes of one split that could be read, and where they stand in the dataset.
struct Part {
    Memes memes;
    std::vector<const TaskSample*> samples;
    std::vector<MemeContent> contents;
};

/// Everything a run works on.
struct World {
    std::string split, trainSplit;
    Part train, eval;
    std::vector<ItemFailure> failures; ///< of the evaluated split
    MemeScoring scoring;
    std::vector<ConfounderGroup> groups; ///< of eval
    std::vector<int64_t> clusters;       ///< of eval
};

std::string textOf(const TaskSample& sample) {
    return sample.captions.empty() ? std::string() : sample.captions.front();
}

/// What the file says the picture was before a text was drawn on it, else the hash of the image file.
std::string imageKey(const TaskSample& sample, const ImageEmbeddings& images, size_t row) {
    if (sample.attributes.is_object())
        if (const auto base = sample.attributes.find("base_image");
            base != sample.attributes.end() && !base->is_null())
            return "base " + (base->is_string() ? base->get<std::string>() : base->dump());
    return row < images.contents.size() ? images.contents[row].hex() : std::string();
}

Matrix rowsAt(const Matrix& matrix, const std::vector<size_t>& positions) {
    Matrix out(positions.size(), matrix.cols());
    for (size_t i = 0; i < positions.size(); ++i)
        std::ranges::copy(matrix.row(positions[i]), out.row(i).begin());
    return out;
}

Part partOf(const std::vector<const TaskSample*>& asked, const ImageEmbeddings& images, const Matrix& texts,
            const std::string& split) {
    Part part;
    std::vector<size_t> rows;
    for (size_t row = 0; row < images.ids.size(); ++row) {
        const TaskSample& sample = *asked[images.positions[row]];
        if (sample.split != split)
            continue;
        rows.push_back(row);
        part.samples.push_back(&sample);
        part.memes.labels.push_back(sample.label);
        part.contents.push_back({textOf(sample), imageKey(sample, images, row), sample.label});
    }
    part.memes.images = rowsAt(images.rows, rows);
    part.memes.texts = rowsAt(texts, rows);
    return part;
}

World prepare(const TaskInput& input, const RunContext& context) {
    World world;
    world.split = evalSplit(input);
    world.trainSplit = firstSplit(input.dataset, SplitPart::Train);
    std::vector<const TaskSample*> asked;
    std::vector<SampleId> ids;
    for (const TaskSample& sample : input.dataset.samples) {
        if (sample.split != world.split && (sample.split != world.trainSplit || sample.label < 0))
            continue;
        asked.push_back(&sample);
        ids.push_back(sample.id);
    }
    const ImageEmbeddings images = input.embeddings.images(ids, ImageFeature::Projected, context);
    std::vector<std::string> texts;
    for (const size_t position : images.positions)
        texts.push_back(textOf(*asked[position]));
    const Matrix encoded = input.embeddings.texts(texts, context);
    if (!world.trainSplit.empty() && world.split != world.trainSplit)
        world.train = partOf(asked, images, encoded, world.trainSplit);
    world.eval = partOf(asked, images, encoded, world.split);
    for (const ItemFailure& failed : images.failures) {
        const auto sample = std::ranges::find(ids, failed.sample);
        if (asked[static_cast<size_t>(sample - ids.begin())]->split == world.split)
            world.failures.push_back(failed);
    }
    if (world.eval.samples.empty())
        throw Error(ErrorCode::Unreadable,
                    fmt::format("None of the images of split '{}' of '{}' could be read{}", world.split,
                                input.dataset.name, firstReason(images.failures)));
    const std::array<std::string, 2> prompts = {input.params["negative_prompt"].get<std::string>(),
                                                input.params["positive_prompt"].get<std::string>()};
    world.scoring = {input.embeddings.texts(prompts, context), input.embeddings.similarity().scale,
                     input.params["c"].get<double>()};
    world.groups = confounderGroups(world.eval.contents);
    world.clusters = groupClusters(world.eval.samples.size(), world.groups);
    return world;
}

// What comes out

/// One method's scores, with the threshold chosen on train, if there is a train.
struct Outcome {
    const MemeMethod* method = nullptr;
    MemeScores scores;
    std::optional<double> threshold;
    /// Of the labelled memes: their scores, labels and clusters.
    std::vector<double> labelled;
    std::vector<uint8_t> labels;
    std::vector<int64_t> clusters;

    /// By the threshold, or where there is none by whether the second class is the more likely.
    bool positive(size_t meme) const { return scores.eval[meme] >= threshold.value_or(0); }
    bool hasBothClasses() const {
        const auto positives = std::ranges::count(labels, 1);
        return positives > 0 && positives < std::ssize(labels);
    }
};

Outcome outcomeOf(const MemeMethod& method, const World& world, const RunContext& context) {
    Outcome outcome;
    outcome.method = &method;
    outcome.scores = scoreMemes(method, world.train.memes, world.eval.memes, world.scoring, context);
    if (!world.train.samples.empty()) {
        const std::vector<uint8_t> labels(world.train.memes.labels.begin(), world.train.memes.labels.end());
        outcome.threshold = bestAccuracyThreshold(BinaryRanking(outcome.scores.train, labels)).threshold;
    }
    for (size_t i = 0; i < world.eval.samples.size(); ++i) {
        if (world.eval.memes.labels[i] < 0)
            continue;
        outcome.labelled.push_back(outcome.scores.eval[i]);
        outcome.labels.push_back(static_cast<uint8_t>(world.eval.memes.labels[i]));
        outcome.clusters.push_back(world.clusters[i]);
    }
    return outcome;
}

std::optional<double> accuracyOf(const Outcome& outcome) {
    if (!outcome.threshold || outcome.labels.empty())
        return std::nullopt;
    return binaryAccuracy(outcome.labelled, outcome.labels, *outcome.threshold);
}

bool allRight(const ConfounderGroup& group, const World& world, const Outcome& outcome) {
    return std::ranges::all_of(group.members, [&](size_t meme) {
        return outcome.positive(meme) == (world.eval.memes.labels[meme] == 1);
    });
}

/// The share of groups of which every member is right; nothing without groups or threshold.
std::optional<Metric> groupMetric(const TaskInput& input, const World& world, const Outcome& outcome,
                                  const RunContext& context) {
    if (world.groups.empty() || !outcome.threshold)
        return std::nullopt;
    std::vector<double> right;
    std::vector<int64_t> clusters;
    double chance = 0;
    for (const ConfounderGroup& group : world.groups) {
        right.push_back(allRight(group, world, outcome));
        clusters.push_back(world.clusters[group.members.front()]);
        chance += std::pow(0.5, static_cast<double>(group.members.size()));
    }
    const auto n = static_cast<double>(right.size());
    Metric metric{"groups_right", std::reduce(right.begin(), right.end()) / n, {}, right.size(), true,
                  chance / n};
    BootstrapOptions options = bootstrapOptions(input.params);
    options.clusters = clusters;
    metric.interval = bootstrapMean(right, options, context);
    return metric;
}

std::vector<Metric> metricsOf(const TaskInput& input, const World& world, const Outcome& outcome,
                              const RunContext& context) {
    std::vector<Metric> metrics;
    const size_t n = outcome.labels.size();
    if (n == 0)
        return metrics;
    const BinaryRanking ranking(outcome.labelled, outcome.labels);
    const double share = static_cast<double>(ranking.positives()) / static_cast<double>(n);
    BootstrapOptions options = bootstrapOptions(input.params);
    options.clusters = outcome.clusters;
    context.begin("Computing intervals", 0);
    const double none = std::nan("");
    metrics.push_back({"roc_auc", ranking.rocAuc().value_or(none),
                       outcome.hasBothClasses() ? bootstrapRocAuc(ranking, options, context) : std::nullopt,
                       n, true, 0.5});
    if (const auto accuracy = accuracyOf(outcome)) {
        std::vector<double> right;
        for (size_t i = 0; i < n; ++i)
            right.push_back((outcome.labelled[i] >= *outcome.threshold) == (outcome.labels[i] == 1));
        metrics.push_back({"accuracy", *accuracy, bootstrapMean(right, options, context), n, true,
                           std::max(share, 1 - share)});
    }
    metrics.push_back(
        {"average_precision", ranking.averagePrecision().value_or(none),
         outcome.hasBothClasses() ? bootstrapAveragePrecision(ranking, options, context) : std::nullopt, n,
         true, share});
    if (auto metric = groupMetric(input, world, outcome, context))
        metrics.push_back(std::move(*metric));
    context.end();
    return metrics;
}

Json orNull(const std::optional<double>& value) {
    return value ? Json(*value) : Json();
}

Json tablesOf(const World& world, const std::vector<Outcome>& outcomes) {
    Json methods = Json::array(), splits = Json::array();
    for (const Outcome& outcome : outcomes) {
        const std::optional<double> threshold =
            outcome.threshold ? std::optional(memeProbability(*outcome.method, *outcome.threshold))
                              : std::nullopt;
        const bool both = outcome.hasBothClasses();
        methods.push_back(Json::array(
            {outcome.method->title, orNull(both ? rocAuc(outcome.labelled, outcome.labels) : std::nullopt),
             orNull(both ? averagePrecision(outcome.labelled, outcome.labels) : std::nullopt),
             orNull(accuracyOf(outcome)), orNull(threshold), orNull(outcome.scores.c)}));
    }
    for (const auto& [name, part] : {std::pair<std::string, const Part&>{
                                         world.trainSplit.empty() ? "train" : world.trainSplit, world.train},
                                     std::pair<std::string, const Part&>{world.split, world.eval}}) {
        const auto& labels = part.memes.labels;
        splits.push_back(Json::array({name, labels.size(), std::ranges::count(labels, 0),
                                      std::ranges::count(labels, 1), std::ranges::count(labels, -1)}));
    }
    using enum ColumnKind;
    return Json::array({detailTable("Methods on " + world.split,
                                    {{"Method", Text},
                                     {"ROC area", Share},
                                     {"Average precision", Share},
                                     {"Accuracy", Share},
                                     {"Threshold, chosen on train", Number},
                                     {"C of the probe", Number}},
                                    std::move(methods)),
                        detailTable("Splits",
                                    {{"Split", Text},
                                     {"Memes read", Count},
                                     {"Of the first class", Count},
                                     {"Of the second", Count},
                                     {"Without a label", Count}},
                                    std::move(splits))});
}

/// Every so manieth point, and the last.
std::vector<std::pair<double, double>> thinned(const std::vector<std::pair<double, double>>& points) {
    const size_t step = std::max<size_t>(1, points.size() / kCurvePoints);
    std::vector<std::pair<double, double>> out;
    for (size_t i = 0; i + 1 < points.size(); i += step)
        out.push_back(points[i]);
    if (!points.empty())
        out.push_back(points.back());
    return out;
}

/// The chosen method's line first, the others and chance dashed.
Json curvesOf(const std::vector<Outcome>& outcomes, const MemeMethod& chosen) {
    std::vector<DetailSeries> roc, recall;
    double share = 0;
    for (const Outcome& outcome : outcomes) {
        const BinaryRanking ranking(outcome.labelled, outcome.labels);
        share = static_cast<double>(ranking.positives()) / static_cast<double>(ranking.size());
        std::vector<std::pair<double, double>> rocPoints, recallPoints;
        for (const RocPoint& point : rocCurve(ranking))
            rocPoints.emplace_back(point.falsePositiveRate, point.truePositiveRate);
        for (const PrecisionRecallPoint& point : precisionRecallCurve(ranking))
            recallPoints.emplace_back(point.recall, point.precision);
        const bool other = outcome.method->id != chosen.id;
        const auto at = [&](std::vector<DetailSeries>& list) { return other ? list.end() : list.begin(); };
        roc.insert(at(roc), {outcome.method->title, thinned(rocPoints), other});
        recall.insert(at(recall), {outcome.method->title, thinned(recallPoints), other});
    }
    roc.push_back({"Chance", {{0, 0}, {1, 1}}, true});
    recall.push_back({"Chance", {{0, share}, {1, share}}, true});
    return Json::array(
        {detailCurve("roc", "ROC curve", "False positive rate", "True positive rate", roc),
         detailCurve("precision_recall", "Precision and recall", "Recall", "Precision", recall)});
}

Json groupsOf(const World& world, const Outcome& outcome) {
    Json groups = Json::array();
    for (const ConfounderGroup& group : world.groups) {
        Json members = Json::array();
        for (const size_t meme : group.members)
            members.push_back(world.eval.samples[meme]->id.value);
        groups.push_back(
            {{"kind", group.kind == ConfounderGroup::Kind::SameText ? "same_text" : "same_image"},
             {"samples", std::move(members)},
             {"all_right", allRight(group, world, outcome)}});
    }
    return groups;
}

Json detailsOf(const World& world, const std::vector<Outcome>& outcomes, const Outcome& chosen) {
    Json details = {{"tables", tablesOf(world, outcomes)}};
    details["threshold"] = {{"value", memeProbability(*chosen.method, chosen.threshold.value_or(0))},
                            {"chosen_on", chosen.threshold ? Json(world.trainSplit) : Json()},
                            {"examples", world.train.samples.size()}};
    details["eval_split"] = world.split;
    if (!chosen.threshold)
        details["warnings"] = Json::array(
            {"There are no labelled memes in a training split to choose a threshold on: accuracy and groups "
             "are left out, and labels follow the more likely class."});
    if (chosen.hasBothClasses())
        details["curves"] = curvesOf(outcomes, *chosen.method);
    if (chosen.threshold && !world.groups.empty())
        details["groups"] = groupsOf(world, chosen);
    return details;
}

std::vector<ExampleResult> examplesOf(const TaskInput& input, const World& world, const Outcome& outcome) {
    std::vector<SampleId> ids;
    for (const TaskSample* sample : world.eval.samples)
        ids.push_back(sample->id);
    const std::vector<int64_t> clusters = clusterIds(ids, world.clusters);
    std::vector<ExampleResult> examples;
    for (size_t i = 0; i < world.eval.samples.size(); ++i) {
        const TaskSample& sample = *world.eval.samples[i];
        const double probability = memeProbability(*outcome.method, outcome.scores.eval[i]);
        const int label = outcome.positive(i) ? 1 : 0;
        ExampleResult example = exampleOf(sample.id);
        example.cluster = clusters[i];
        example.target = sample.label;
        for (const int index : {label, 1 - label})
            example.predictions.push_back(
                {index, static_cast<float>(index == 1 ? probability : 1 - probability)});
        if (sample.label >= 0 && outcome.threshold)
            setVerdict(example, label == sample.label);
        const bool named = sample.attributes.is_object() && sample.attributes.contains("id");
        example.parts =
            ProbabilityPart{named ? sample.attributes["id"] : Json(sample.id.value), probability, label}
                .toJson();
        examples.push_back(std::move(example));
    }
    addUnreadable(examples, world.failures, input.dataset);
    return examples;
}

TaskOutput run(const TaskInput& input, const RunContext& context) {
    const MemeMethod& method = methodOf(input.params);
    const World world = prepare(input, context);
    const Outcome chosen = outcomeOf(method, world, context);
    std::vector<Outcome> outcomes;
    const bool canProbe = std::ranges::count(world.train.memes.labels, 0) > 0 &&
                          std::ranges::count(world.train.memes.labels, 1) > 0;
    for (const MemeMethod& other : memeMethods()) {
        context.throwIfCancelled();
        if (other.id == method.id)
            outcomes.push_back(chosen);
        else if (input.params["compare"].get<bool>() && !input.preview &&
                 (canProbe || other.kind != MemeMethod::Kind::Probe))
            outcomes.push_back(outcomeOf(other, world, context));
    }
    TaskOutput output;
    output.metrics = metricsOf(input, world, chosen, context);
    output.details = detailsOf(world, outcomes, chosen);
    output.examples = examplesOf(input, world, chosen);
    return output;
}

std::vector<ParamSpec> params() {
    ParamSpec method;
    method.id = "method";
    method.title = "Method";
    method.help = "How the second class is told: by the image, the text or both; with prompts, or with a "
                  "probe trained on the split 'train'.";
    method.type = ParamSpec::Type::Choice;
    method.defaultValue = "probe-concatenated";
    for (const MemeMethod& known : memeMethods())
        method.choices.push_back(known.id);
    return {
        std::move(method),
        textParam("eval_split", "Split to evaluate",
                  "dev_seen, dev_unseen, test_seen, ...; the first of these that is there where not given.",
                  ""),
        textParam("positive_prompt", "Prompt of the second class", "For the zero-shot methods.",
                  "a hateful meme"),
        textParam("negative_prompt", "Prompt of the first class", "For the zero-shot methods.",
                  "a harmless meme"),
        floatParam("c", "C of the probe",
                   "Inverse of the penalty's strength; 0 = searched by accuracy on a fifth of 'train'.", 0, 0,
                   1e6),
        boolParam("compare", "Compare methods", "Evaluate the other methods too, for a table and curves.",
                  true),
        resamplesParam(),
    };
}

} // namespace

Task hatefulMemesTask() {
    Task task;
    task.info.id = "hateful-memes";
    task.info.title = "Hateful Memes";
    task.info.summary = "Tells two classes of image and text together apart: ROC area and accuracy, with a "
                        "threshold chosen on train; image only, text only, both.";
    task.info.needs = {DatasetNeed::Images, DatasetNeed::Captions, DatasetNeed::Labels};
    task.info.params = params();
    task.info.views = {"summary", "tables", "curves", "groups", "slices", "examples"};
    task.info.exports = {"predictions-csv"};
    task.info.primaryMetric = "roc_auc";
    task.unsuitable = unsuitable;
    task.run = run;
    return task;
}

} // namespace diptych
