// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/tasks/zero_shot_binary.h"

#include "core/datasets/equal_names.h"
#include "core/datasets/split_names.h"
#include "core/metrics/binary.h"
#include "core/tasks/class_prompts.h"
#include "core/tasks/detail_tables.h"
#include "core/tasks/task_support.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>

namespace diptych {
namespace {

/// A curve of many distinct scores is thinned to about so many points.
constexpr size_t kCurvePoints = 1000;

std::string unsuitable(const TaskDataset& dataset) {
    if (dataset.classNames.size() != 2)
        return fmt::format("it needs exactly two classes, there {} {}",
                           dataset.classNames.size() == 1 ? "is" : "are", dataset.classNames.size());
    bool found[2] = {};
    for (const TaskSample& sample : dataset.samples)
        if (sample.label >= 0)
            found[sample.label] = true;
    return found[0] && found[1] ? "" : "it needs labelled images of both classes";
}

/// [1, d]: the side's own prompts, else the class's name in the templates.
Matrix sideEmbedding(const TaskInput& input, const char* param, const std::string& className,
                     const RunContext& context) {
    std::vector<std::string> prompts = promptsIn(input.params[param].get<std::string>());
    if (prompts.empty())
        return classEmbeddings(input.outputs, std::span(&className, 1),
                               promptSetOf(input.params["templates"]), context);
    const Matrix rows = input.outputs.texts(prompts, context);
    Matrix side(1, rows.cols());
    for (size_t i = 0; i < rows.rows(); ++i)
        std::ranges::transform(rows.row(i), side.row(0), side.row(0).begin(), std::plus<>());
    normalizeRows(side);
    return side;
}

/// Scored images of one part, in the dataset's order.
struct Part {
    std::vector<double> scores;
    std::vector<uint8_t> labels; ///< 1 = positive
};

struct Scored {
    Part measured, train;
    std::vector<ExampleResult> examples; ///< of all images but the training images set apart
};

bool isTraining(const TaskSample& sample) {
    return splitPart(sample.split) == SplitPart::Train;
}

/// Whether training images are set apart to choose the threshold on: both parts must have both classes.
bool setsTrainingApart(const TaskInput& input) {
    if (input.params["threshold"].get<double>() > 0)
        return false;
    bool found[2][2] = {};
    for (const TaskSample& sample : input.dataset.samples)
        if (sample.label >= 0)
            found[isTraining(sample)][sample.label] = true;
    return found[0][0] && found[0][1] && found[1][0] && found[1][1];
}

Scored score(const TaskInput& input, const ImageEmbeddings& images, int positive, const RunContext& context) {
    const auto& names = input.dataset.classNames;
    const int negative = 1 - positive;
    const Matrix right = sideEmbedding(input, "positive", names[static_cast<size_t>(positive)], context);
    const Matrix left = sideEmbedding(input, "negative", names[static_cast<size_t>(negative)], context);
    const bool apart = setsTrainingApart(input);
    const double scale = static_cast<double>(input.outputs.similarity().scale);
    const Matrix forIt = multiplyTransposed(images.rows, right, context.threadCount());
    const Matrix against = multiplyTransposed(images.rows, left, context.threadCount());
    Scored out;
    for (size_t i = 0; i < images.ids.size(); ++i) {
        const TaskSample& sample = input.dataset.samples[images.positions[i]];
        const double margin = scale * (static_cast<double>(forIt(i, 0)) - against(i, 0));
        const double probability = 1 / (1 + std::exp(-margin));
        Part& part = apart && isTraining(sample) ? out.train : out.measured;
        if (sample.label >= 0) {
            part.scores.push_back(probability);
            part.labels.push_back(sample.label == positive);
        }
        if (&part == &out.train)
            continue;
        ExampleResult example = exampleOf(sample.id);
        example.target = sample.label;
        // A score of exactly 0.5 is positive, as the accuracy counts it.
        const bool yes = probability >= 0.5;
        example.predictions = {
            {yes ? positive : negative, static_cast<float>(yes ? probability : 1 - probability)},
            {yes ? negative : positive, static_cast<float>(yes ? 1 - probability : probability)}};
        if (sample.label >= 0)
            setVerdict(example, example.predictions.front().index == sample.label);
        example.parts = {{"score", probability}};
        out.examples.push_back(std::move(example));
    }
    return out;
}

struct Threshold {
    double value = 0.5;
    std::string origin; ///< for people
    bool flatters = false;
};

Threshold chooseThreshold(const TaskInput& input, const Scored& scored) {
    const auto given = input.params["threshold"].get<double>();
    if (given > 0)
        return {given, "given"};
    if (!scored.train.scores.empty())
        return {bestAccuracyThreshold(BinaryRanking(scored.train.scores, scored.train.labels)).threshold,
                "best accuracy on the training split"};
    return {bestAccuracyThreshold(BinaryRanking(scored.measured.scores, scored.measured.labels)).threshold,
            "best accuracy on the images measured", true};
}

std::vector<double> hitsAt(const Part& part, double threshold) {
    std::vector<double> hits(part.scores.size());
    for (size_t i = 0; i < hits.size(); ++i)
        hits[i] = (part.scores[i] >= threshold) == (part.labels[i] == 1) ? 1 : 0;
    return hits;
}

/// Every so many points, and the last.
template<class Point>
std::vector<std::pair<double, double>> thinned(const std::vector<Point>& points, double Point::*x,
                                               double Point::*y) {
    const size_t step = std::max<size_t>(1, points.size() / kCurvePoints);
    std::vector<std::pair<double, double>> out;
    for (size_t i = 0; i < points.size(); i += step)
        out.emplace_back(points[i].*x, points[i].*y);
    if ((points.size() - 1) % step != 0)
        out.emplace_back(points.back().*x, points.back().*y);
    return out;
}

Json curvesOf(const BinaryRanking& ranking) {
    const double share = static_cast<double>(ranking.positives()) / static_cast<double>(ranking.size());
    return Json::array(
        {detailCurve("roc", "ROC curve", "False positive rate", "True positive rate",
                     {{"Model",
                       thinned(rocCurve(ranking), &RocPoint::falsePositiveRate, &RocPoint::truePositiveRate)},
                      {"Chance", {{0, 0}, {1, 1}}, true}}),
         detailCurve("precision_recall", "Precision and recall", "Recall", "Precision",
                     {{"Model", thinned(precisionRecallCurve(ranking), &PrecisionRecallPoint::recall,
                                        &PrecisionRecallPoint::precision)},
                      {"Chance", {{0, share}, {1, share}}, true}})});
}

Json thresholdTable(const Part& part, const Threshold& chosen) {
    Json rows = Json::array();
    const auto add = [&](const std::string& name, double threshold) {
        double counts[2][2] = {}; // by label, by decision
        for (size_t i = 0; i < part.scores.size(); ++i)
            counts[part.labels[i]][part.scores[i] >= threshold] += 1;
        const auto share = [](double a, double b) { return a + b > 0 ? Json(a / (a + b)) : Json(); };
        rows.push_back({name, threshold, share(counts[0][0] + counts[1][1], counts[0][1] + counts[1][0]),
                        share(counts[1][1], counts[1][0]), share(counts[0][1], counts[0][0]),
                        share(counts[1][1], counts[0][1])});
    };
    add("0.5", 0.5);
    add(chosen.origin, chosen.value);
    return detailTable("At thresholds",
                       {{"Threshold chosen by", ColumnKind::Text},
                        {"Threshold", ColumnKind::Number},
                        {"Accuracy", ColumnKind::Share},
                        {"True positive rate", ColumnKind::Share},
                        {"False positive rate", ColumnKind::Share},
                        {"Precision", ColumnKind::Share}},
                       std::move(rows));
}

std::vector<Metric> metricsOf(const TaskInput& input, const Part& part, const BinaryRanking& ranking,
                              double threshold, const RunContext& context) {
    const BootstrapOptions options = bootstrapOptions(input.params);
    const bool full = !input.preview;
    const double positives = static_cast<double>(ranking.positives()) / static_cast<double>(ranking.size());
    const double majority = std::max(positives, 1 - positives);
    std::vector<Metric> metrics;
    context.begin("Computing intervals", 4);
    metrics.push_back({"roc_auc", *ranking.rocAuc(),
                       full ? bootstrapRocAuc(ranking, options, context) : std::nullopt, ranking.size(), true,
                       0.5});
    context.advance();
    metrics.push_back({"average_precision", *ranking.averagePrecision(),
                       full ? bootstrapAveragePrecision(ranking, options, context) : std::nullopt,
                       ranking.size(), true, positives});
    context.advance();
    const auto addAccuracy = [&](const char* name, double at) {
        const std::vector<double> hits = hitsAt(part, at);
        metrics.push_back({name, meanOf(hits),
                           full ? std::optional(bootstrapMean(hits, options, context)) : std::nullopt,
                           hits.size(), true, majority});
        context.advance();
    };
    addAccuracy("accuracy_at_0.5", 0.5);
    addAccuracy("accuracy_at_threshold", threshold);
    context.end();
    return metrics;
}

TaskOutput run(const TaskInput& input, const RunContext& context) {
    const int positive = input.params["positive_class"] == "second" ? 1 : 0;
    const ImageEmbeddings images =
        input.outputs.images(sampleIds(input.dataset), ImageFeature::Projected, context);
    Scored scored = score(input, images, positive, context);
    const Part& measured = scored.measured;
    if (std::ranges::count(measured.labels, 1) == 0 || std::ranges::count(measured.labels, 0) == 0)
        throw Error(ErrorCode::Unreadable,
                    fmt::format("The labelled images of '{}' that could be read are not of both classes{}",
                                input.dataset.name, firstReason(images.failures)));
    const BinaryRanking ranking(measured.scores, measured.labels);
    const Threshold threshold = chooseThreshold(input, scored);
    TaskOutput output;
    output.metrics = metricsOf(input, measured, ranking, threshold.value, context);
    if (input.preview)
        return output;
    output.details["curves"] = curvesOf(ranking);
    output.details["tables"] = Json::array({thresholdTable(measured, threshold)});
    output.details["threshold"] = {{"value", threshold.value}, {"origin", threshold.origin}};
    const bool named = input.params["positive"] == "" && input.params["negative"] == "";
    output.details["warnings"] = named ? Json(equalNameWarnings(input.dataset.classNames)) : Json::array();
    if (threshold.flatters)
        output.details["warnings"].push_back(
            "The accuracy at the chosen threshold is measured on the images it was chosen on, for want of a "
            "training split; it flatters");
    output.examples = std::move(scored.examples);
    addUnreadable(output.examples, images.failures, input.dataset);
    return output;
}

TaskRules rules(const Json& params) {
    TaskRules rules;
    rules.features = "share of the positive side in the softmax over both sides of the model's scale x "
                     "cosine; a side is the mean of its prompts' embeddings of length 1, scaled to length 1";
    rules.ties = "ROC area: an equal score counts half; average precision: equal scores form one step; a "
                 "score at the threshold is positive";
    rules.counting = "images with a label; where the threshold is chosen on the training split, its images "
                     "take no part in the numbers";
    for (const char* side : {"positive", "negative"})
        for (std::string& prompt : promptsIn(params[side].get<std::string>()))
            rules.prompts.push_back(std::move(prompt));
    if (promptsIn(params["positive"].get<std::string>()).empty() ||
        promptsIn(params["negative"].get<std::string>()).empty()) {
        rules.promptParam = "templates";
        for (std::string& prompt : promptSetOf(params["templates"]).templates)
            rules.prompts.push_back(std::move(prompt));
    }
    return rules;
}

} // namespace

Task zeroShotBinaryTask() {
    Task task;
    task.info.id = "zero-shot-binary";
    task.info.title = "Zero-shot, yes or no";
    task.info.summary = "Decides between two sides, each described by prompts, and at which threshold.";
    task.info.needs = {DatasetNeed::Images, DatasetNeed::Labels};
    task.info.params = {
        {"positive_class",
         "Positive class",
         "Which of the two classes is the one to be found.",
         ParamSpec::Type::Choice,
         "second",
         0,
         0,
         {"first", "second"}},
        textParam("positive", "Prompts for it",
                  "Prompts of the positive side, with | between several; empty = its name in the templates.",
                  ""),
        textParam(
            "negative", "Prompts against it",
            "Prompts of the negative side, with | between several; empty = the other class's name in the "
            "templates.",
            ""),
        templatesParam(),
        floatParam("threshold", "Threshold",
                   "Score from which an image counts as positive, beside 0.5; 0 = chosen for the best "
                   "accuracy, on the training split where there is one.",
                   0, 0, 1),
        resamplesParam(),
    };
    task.info.views = {"summary", "thresholds", "tables", "slices", "examples"};
    task.info.primaryMetric = "roc_auc";
    task.info.hasPreview = true;
    task.info.rules = rules;
    task.unsuitable = unsuitable;
    task.run = run;
    return task;
}

} // namespace diptych
