// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/tasks/zero_shot_multilabel.h"

#include "core/datasets/equal_names.h"
#include "core/metrics/binary.h"
#include "core/metrics/calibration.h"
#include "core/metrics/classification.h"
#include "core/metrics/multilabel.h"
#include "core/results/parts.h"
#include "core/tasks/class_prompts.h"
#include "core/tasks/detail_tables.h"
#include "core/tasks/task_support.h"

#include <algorithm>
#include <limits>
#include <optional>

namespace diptych {
namespace {

/// The classes a sample shows, ascending, each once; nullopt where it does not say. Indexes that are no class
/// are passed over.
std::optional<std::vector<int>> labelsOf(const TaskSample& sample, size_t classCount) {
    if (!sample.attributes.is_object())
        return std::nullopt;
    const auto found = sample.attributes.find("labels");
    if (found == sample.attributes.end() || !found->is_array())
        return std::nullopt;
    std::vector<int> labels;
    for (const Json& item : *found)
        if (item.is_number_integer() && item >= 0 && item < classCount)
            labels.push_back(item.get<int>());
    std::ranges::sort(labels);
    labels.erase(std::ranges::unique(labels).begin(), labels.end());
    return labels;
}

std::string unsuitable(const TaskDataset& dataset) {
    if (dataset.classNames.size() < 2)
        return "it needs at least two classes (from COCO instances, or from a table whose labels are lists)";
    size_t labelled = 0;
    bool any = false;
    for (const TaskSample& sample : dataset.samples)
        if (const auto labels = labelsOf(sample, dataset.classNames.size())) {
            ++labelled;
            any = any || !labels->empty();
        }
    if (labelled == 0)
        return "none of its images says which classes it shows (COCO instances do, and tables whose labels "
               "are "
               "lists: cat|dog in CSV, [\"cat\", \"dog\"] in JSON lines)";
    return any ? "" : "none of its images shows any class";
}

/// Scores of the images that say what they show, and what is known of all.
struct Scored {
    size_t classCount = 0;
    std::vector<double> scores;     ///< [n, classes], of labelled images
    std::vector<uint8_t> targets;   ///< [n, classes]
    std::vector<double> firstRight; ///< of images that show something: 1 = the best class is among it
    std::vector<double> firstChance;
    std::vector<ExampleResult> examples;
    size_t n() const { return targets.size() / classCount; }
};

/// @param scores what ranks the images; @param probabilities for people
void addImage(Scored& out, const TaskSample& sample, std::span<const double> scores,
              std::span<const double> probabilities, size_t keep) {
    const std::vector<float> row(scores.begin(), scores.end());
    ExampleResult example = exampleOf(sample.id);
    for (const ScoredIndex& entry : topK(row, std::max<size_t>(1, keep)))
        example.predictions.push_back(
            {entry.index, static_cast<float>(probabilities[static_cast<size_t>(entry.index)])});
    if (const auto labels = labelsOf(sample, out.classCount)) {
        out.scores.insert(out.scores.end(), scores.begin(), scores.end());
        const size_t first = out.targets.size();
        out.targets.resize(first + out.classCount);
        for (const int label : *labels)
            out.targets[first + static_cast<size_t>(label)] = 1;
        example.parts = LabelsPart{*labels}.toJson();
        if (!labels->empty()) {
            example.score = labelRankingPrecision(scores, *labels);
            example.correct = std::ranges::binary_search(*labels, example.predictions.front().index);
            out.firstRight.push_back(*example.correct ? 1 : 0);
            out.firstChance.push_back(static_cast<double>(labels->size()) /
                                      static_cast<double>(out.classCount));
        }
    }
    out.examples.push_back(std::move(example));
}

Scored score(const TaskInput& input, const ImageEmbeddings& images, const Matrix& classes,
             const RunContext& context) {
    const Similarity similarity = input.outputs.similarity();
    Scored out;
    out.classCount = input.dataset.classNames.size();
    const bool softmaxed = input.params["score"] == "softmax";
    const auto keep = input.params["keep"].get<size_t>();
    for (size_t first = 0; first < images.ids.size(); first += kRowsPerChunk) {
        context.throwIfCancelled();
        const size_t count = std::min(kRowsPerChunk, images.ids.size() - first);
        const Matrix cosines =
            multiplyTransposed(rowsOf(images.rows, first, count), classes, context.threadCount());
        for (size_t i = 0; i < count; ++i) {
            const auto row = cosines.row(i);
            const std::vector<double> probabilities = similarity.probabilities(row);
            const std::vector<double> scores =
                softmaxed ? probabilities : std::vector<double>(row.begin(), row.end());
            addImage(out, input.dataset.samples[images.positions[first + i]], scores, probabilities, keep);
        }
    }
    return out;
}

/// One ranking of the images for every class that occurs.
std::vector<BinaryRanking> rankingsOf(const Scored& scored) {
    std::vector<BinaryRanking> rankings;
    const size_t n = scored.n();
    std::vector<double> scores(n);
    std::vector<uint8_t> targets(n);
    for (size_t c = 0; c < scored.classCount; ++c) {
        for (size_t i = 0; i < n; ++i) {
            scores[i] = scored.scores[i * scored.classCount + c];
            targets[i] = scored.targets[i * scored.classCount + c];
        }
        if (std::ranges::find(targets, 1) != targets.end())
            rankings.emplace_back(scores, targets);
    }
    return rankings;
}

/// Classes that a draw does not hold are left out of its mean.
std::optional<Interval> mapInterval(const Scored& scored, PrecisionRule rule, const BootstrapOptions& options,
                                    const RunContext& context) {
    const std::vector<BinaryRanking> rankings = rankingsOf(scored);
    return bootstrap(
        scored.n(),
        [&](std::span<const uint32_t> drawn) {
            std::vector<uint32_t> weights(scored.n());
            for (const uint32_t i : drawn)
                ++weights[i];
            double sum = 0;
            size_t defined = 0;
            for (const BinaryRanking& ranking : rankings)
                if (const auto value = rule == PrecisionRule::Area ? ranking.averagePrecision(weights)
                                                                   : ranking.elevenPointPrecision(weights)) {
                    sum += *value;
                    ++defined;
                }
            return defined > 0 ? sum / static_cast<double>(defined)
                               : std::numeric_limits<double>::quiet_NaN();
        },
        options, context);
}

std::vector<size_t> supportOf(const Scored& scored) {
    std::vector<size_t> support(scored.classCount);
    for (size_t i = 0; i < scored.targets.size(); ++i)
        support[i % scored.classCount] += scored.targets[i];
    return support;
}

/// A random order's average precision is, for many images, the share of images that show the class.
double chanceOf(const Scored& scored) {
    double sum = 0;
    size_t occurring = 0;
    for (const size_t support : supportOf(scored))
        if (support > 0) {
            sum += static_cast<double>(support) / static_cast<double>(scored.n());
            ++occurring;
        }
    return sum / static_cast<double>(occurring);
}

Json classTable(const TaskInput& input, const Scored& scored, const MeanAveragePrecision& precision) {
    const std::vector<size_t> support = supportOf(scored);
    Json rows = Json::array();
    for (size_t c = 0; c < scored.classCount; ++c)
        rows.push_back({input.dataset.classNames[c], support[c],
                        precision.byClass[c] ? Json(*precision.byClass[c]) : Json(),
                        static_cast<double>(support[c]) / static_cast<double>(scored.n())});
    return detailTable("Average precision by class",
                       {{"Class", ColumnKind::Text},
                        {"Images", ColumnKind::Count},
                        {"Average precision", ColumnKind::Share},
                        {"Chance", ColumnKind::Share}},
                       std::move(rows));
}

TaskOutput run(const TaskInput& input, const RunContext& context) {
    const PromptSet prompts = promptSetOf(input.params["templates"]);
    const ImageEmbeddings images =
        input.outputs.images(sampleIds(input.dataset), ImageFeature::Projected, context);
    const Matrix classes = classEmbeddings(input.outputs, input.dataset.classNames, prompts, context);
    Scored scored = score(input, images, classes, context);
    if (scored.firstRight.empty())
        throw Error(ErrorCode::Unreadable, "None of the images of '" + input.dataset.name +
                                               "' that show a class could be read" +
                                               firstReason(images.failures));
    const PrecisionRule rule =
        input.params["average_precision"] == "11-point" ? PrecisionRule::ElevenPoint : PrecisionRule::Area;
    const MeanAveragePrecision precision =
        meanAveragePrecision(scored.scores, scored.targets, scored.classCount, rule);
    const BootstrapOptions options = bootstrapOptions(input.params);
    const auto intervals = [&](auto&& compute) {
        return input.preview ? std::optional<Interval>() : compute();
    };
    TaskOutput output;
    context.begin("Computing intervals", 0);
    output.metrics.push_back({"map", *precision.mean,
                              intervals([&] { return mapInterval(scored, rule, options, context); }),
                              scored.n(), true, chanceOf(scored)});
    output.metrics.push_back({"top1_among_labels", meanOf(scored.firstRight), intervals([&] {
                                  return std::optional(bootstrapMean(scored.firstRight, options, context));
                              }),
                              scored.firstRight.size(), true, meanOf(scored.firstChance)});
    context.end();
    if (input.preview)
        return output;
    addPromptDetails(output.details, prompts);
    output.details["warnings"] = equalNameWarnings(input.dataset.classNames);
    output.details["tables"] = Json::array({classTable(input, scored, precision)});
    output.examples = std::move(scored.examples);
    addUnreadable(output.examples, images.failures, input.dataset);
    return output;
}

TaskRules rules(const Json& params) {
    const bool cosine = params["score"] == "cosine";
    TaskRules rules;
    rules.features = std::string(cosine ? "cosine of image and class"
                                        : "softmax over all classes of the model's scale x cosine") +
                     "; a class is the mean of its prompts' embeddings of length 1, scaled to length 1 again";
    rules.ties = "equal scores form one step of the precision-recall curve";
    rules.counting = "mean over the classes that some image shows; images without labels count nowhere";
    rules.prompts = promptSetOf(params["templates"]).templates;
    rules.promptParam = "templates";
    rules.clipBenchmark = "zeroshot_classification, multilabel";
    rules.deviations = {{"Equal scores", rules.ties, "in the order in which torch.sort leaves them"},
                        {"Classes that no image shows", "left out of the mean", "count as 0 in the mean"}};
    if (params["average_precision"] == "11-point") {
        rules.counting += "; average precision by class is the 11-point one of PASCAL VOC 2007";
        rules.deviations.push_back({"Average precision", "11-point", "area under the curve"});
    }
    if (!cosine)
        rules.deviations.push_back({"Scores", "softmax over the classes", "100 x cosine"});
    return rules;
}

std::vector<Protocol> protocolsFor(const std::string& datasetName) {
    const std::string set = publishedPromptSet(datasetName);
    return {{"openai",
             "CLIP's paper on VOC 2007",
             "Radford et al. 2021, appendix A: 11-point mAP",
             {{"templates", set}, {"average_precision", "11-point"}},
             ""},
            {"clip-benchmark",
             "CLIP_benchmark",
             "CLIP_benchmark, zeroshot_classification.py: average precision by class",
             {{"templates", set}, {"average_precision", "area"}},
             ""}};
}

} // namespace

Task zeroShotMultilabelTask() {
    Task task;
    task.info.id = "zero-shot-multilabel";
    task.info.title = "Zero-shot, several labels";
    task.info.summary =
        "Ranks the images by how well they match each class's prompts; an image may show several classes.";
    task.info.needs = {DatasetNeed::Images};
    task.info.params = {
        templatesParam(),
        {"score",
         "Score",
         "What ranks the images of a class: the cosine of image and prompts, or its softmax over all "
         "classes.",
         ParamSpec::Type::Choice,
         "cosine",
         0,
         0,
         {"cosine", "softmax"}},
        {"average_precision",
         "Average precision",
         "Area: the sum over steps of the curve, as scikit-learn and CLIP_benchmark; 11-point: the mean of "
         "the "
         "best precision from recall 0, 0.1, ..., 1 on, as PASCAL VOC 2007 and CLIP's paper on it.",
         ParamSpec::Type::Choice,
         "area",
         0,
         0,
         {"area", "11-point"}},
        keepParam(),
        resamplesParam(),
    };
    task.info.views = {"summary", "tables", "slices", "examples"};
    task.info.primaryMetric = "map";
    task.info.score = "Average precision of its labels among all classes";
    task.info.hasPreview = true;
    task.info.rules = rules;
    task.unsuitable = unsuitable;
    task.run = run;
    task.protocols = protocolsFor;
    return task;
}

} // namespace diptych
