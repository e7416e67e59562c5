// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/tasks/hateful_memes.h"

#include "core/metrics/binary.h"
#include "core/results/parts.h"
#include "core/tasks/detail_tables.h"
#include "core/tasks/evaluated_memes.h"
#include "core/tasks/task_support.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

namespace diptych {
namespace {

constexpr size_t kCurvePoints = 500; ///< a curve keeps about so many

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

Outcome outcomeOf(const MemeMethod& method, const EvaluatedMemes& memes, const RunContext& context) {
    Outcome outcome;
    outcome.method = &method;
    outcome.scores = scoreMemes(method, memes.train.memes, memes.eval.memes, memes.scoring, context);
    if (!memes.train.samples.empty()) {
        const std::vector<uint8_t> labels(memes.train.memes.labels.begin(), memes.train.memes.labels.end());
        outcome.threshold = bestAccuracyThreshold(BinaryRanking(outcome.scores.train, labels)).threshold;
    }
    for (size_t i = 0; i < memes.eval.samples.size(); ++i) {
        if (memes.eval.memes.labels[i] < 0)
            continue;
        outcome.labelled.push_back(outcome.scores.eval[i]);
        outcome.labels.push_back(static_cast<uint8_t>(memes.eval.memes.labels[i]));
        outcome.clusters.push_back(memes.clusters[i]);
    }
    return outcome;
}

std::optional<double> accuracyOf(const Outcome& outcome) {
    if (!outcome.threshold || outcome.labels.empty())
        return std::nullopt;
    return binaryAccuracy(outcome.labelled, outcome.labels, *outcome.threshold);
}

bool allRight(const ConfounderGroup& group, const EvaluatedMemes& memes, const Outcome& outcome) {
    return std::ranges::all_of(group.members, [&](size_t meme) {
        return outcome.positive(meme) == (memes.eval.memes.labels[meme] == 1);
    });
}

/// The share of groups of which every member is right; nothing without groups or threshold.
std::optional<Metric> groupMetric(const TaskInput& input, const EvaluatedMemes& memes, const Outcome& outcome,
                                  const RunContext& context) {
    if (memes.groups.empty() || !outcome.threshold)
        return std::nullopt;
    std::vector<double> right;
    std::vector<int64_t> clusters;
    double chance = 0;
    for (const ConfounderGroup& group : memes.groups) {
        right.push_back(allRight(group, memes, outcome));
        clusters.push_back(memes.clusters[group.members.front()]);
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

std::vector<Metric> metricsOf(const TaskInput& input, const EvaluatedMemes& memes, const Outcome& outcome,
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
    if (auto metric = groupMetric(input, memes, outcome, context))
        metrics.push_back(std::move(*metric));
    context.end();
    return metrics;
}

Json orNull(const std::optional<double>& value) {
    return value ? Json(*value) : Json();
}

Json tablesOf(const EvaluatedMemes& memes, const std::vector<Outcome>& outcomes) {
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
    for (const auto& [name, part] : {std::pair<std::string, const MemePart&>{
                                         memes.trainSplit.empty() ? "train" : memes.trainSplit, memes.train},
                                     std::pair<std::string, const MemePart&>{memes.split, memes.eval}}) {
        const auto& labels = part.memes.labels;
        splits.push_back(Json::array({name, labels.size(), std::ranges::count(labels, 0),
                                      std::ranges::count(labels, 1), std::ranges::count(labels, -1)}));
    }
    using enum ColumnKind;
    return Json::array({detailTable("Methods on " + memes.split,
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

Json groupsOf(const EvaluatedMemes& memes, const Outcome& outcome) {
    Json groups = Json::array();
    for (const ConfounderGroup& group : memes.groups) {
        Json members = Json::array();
        for (const size_t meme : group.members)
            members.push_back(memes.eval.samples[meme]->id.value);
        groups.push_back(
            {{"kind", group.kind == ConfounderGroup::Kind::SameText ? "same_text" : "same_image"},
             {"samples", std::move(members)},
             {"all_right", allRight(group, memes, outcome)}});
    }
    return groups;
}

Json detailsOf(const EvaluatedMemes& memes, const std::vector<Outcome>& outcomes, const Outcome& chosen) {
    Json details = {{"tables", tablesOf(memes, outcomes)}};
    details["threshold"] = {{"value", memeProbability(*chosen.method, chosen.threshold.value_or(0))},
                            {"chosen_on", chosen.threshold ? Json(memes.trainSplit) : Json()},
                            {"examples", memes.train.samples.size()}};
    details["eval_split"] = memes.split;
    if (!chosen.threshold)
        details["warnings"] = Json::array(
            {"There are no labelled memes in a training split to choose a threshold on: accuracy and groups "
             "are left out, and labels follow the more likely class."});
    if (chosen.hasBothClasses())
        details["curves"] = curvesOf(outcomes, *chosen.method);
    if (chosen.threshold && !memes.groups.empty())
        details["groups"] = groupsOf(memes, chosen);
    return details;
}

std::vector<ExampleResult> examplesOf(const TaskInput& input, const EvaluatedMemes& memes,
                                      const Outcome& outcome) {
    std::vector<SampleId> ids;
    for (const TaskSample* sample : memes.eval.samples)
        ids.push_back(sample->id);
    const std::vector<int64_t> clusters = clusterIds(ids, memes.clusters);
    std::vector<ExampleResult> examples;
    for (size_t i = 0; i < memes.eval.samples.size(); ++i) {
        const TaskSample& sample = *memes.eval.samples[i];
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
    addUnreadable(examples, memes.failures, input.dataset);
    return examples;
}

TaskOutput run(const TaskInput& input, const RunContext& context) {
    const MemeMethod& method = methodOf(input.params);
    const EvaluatedMemes memes = readMemes(input, context);
    const Outcome chosen = outcomeOf(method, memes, context);
    std::vector<Outcome> outcomes;
    const bool canProbe = std::ranges::count(memes.train.memes.labels, 0) > 0 &&
                          std::ranges::count(memes.train.memes.labels, 1) > 0;
    const auto canCompare = [&](const MemeMethod& other) {
        return input.params["compare"].get<bool>() && !input.preview &&
               other.kind != MemeMethod::Kind::Matching &&
               (canProbe || other.kind != MemeMethod::Kind::Probe);
    };
    for (const MemeMethod& other : memeMethods()) {
        context.throwIfCancelled();
        if (other.id == method.id)
            outcomes.push_back(chosen);
        else if (canCompare(other))
            outcomes.push_back(outcomeOf(other, memes, context));
    }
    TaskOutput output;
    output.metrics = metricsOf(input, memes, chosen, context);
    output.details = detailsOf(memes, outcomes, chosen);
    output.examples = examplesOf(input, memes, chosen);
    return output;
}

std::vector<ParamSpec> params() {
    ParamSpec method;
    method.id = "method";
    method.title = "Method";
    method.help = "How the second class is told: by the image, the text or both; with prompts, or with a "
                  "probe trained on the split 'train', or by a model that looks at both together.";
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
        boolParam("compare", "Compare methods",
                  "Evaluate the other methods on embeddings too, for a table and curves.", true),
        resamplesParam(),
    };
}

TaskRules rules(const Json& params) {
    const auto id = params["method"].get<std::string>();
    TaskRules rules;
    rules.features = "embeddings of length 1 of image and text";
    for (const MemeMethod& method : memeMethods()) {
        if (method.id != id)
            continue;
        rules.features = method.title + ", on embeddings of length 1";
        if (method.kind == MemeMethod::Kind::Matching)
            rules.features = method.title;
        if (method.kind == MemeMethod::Kind::ZeroShot || method.kind == MemeMethod::Kind::Matching)
            rules.prompts = {params["positive_prompt"].get<std::string>(),
                             params["negative_prompt"].get<std::string>()};
    }
    rules.ties = "ROC area: an equal score counts half; a score at the threshold is positive";
    rules.counting = "one split; accuracy at the threshold that is best on the split 'train'";
    return rules;
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
    task.info.needsModel = memeFaces;
    task.info.rules = rules;
    task.info.views = {"summary", "tables", "curves", "thresholds", "groups", "slices", "examples"};
    task.info.exports = {"predictions-csv"};
    task.info.primaryMetric = "roc_auc";
    task.unsuitable = memesUnsuitable;
    task.run = run;
    return task;
}

} // namespace diptych
