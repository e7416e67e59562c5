// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/tasks/zero_shot.h"

#include "core/datasets/equal_names.h"
#include "core/metrics/calibration.h"
#include "core/tasks/class_prompts.h"
#include "core/tasks/classification_details.h"
#include "core/tasks/task_support.h"
#include "core/tasks/temperature_scaling.h"
#include "core/tasks/zero_shot_scores.h"

#include <algorithm>
#include <memory>

namespace diptych {
namespace {

std::string unsuitable(const TaskDataset& dataset) {
    if (dataset.classNames.size() < 2)
        return "it needs at least two classes (a folder per class, or a label column)";
    const auto labelled = std::any_of(dataset.samples.begin(), dataset.samples.end(),
                                      [](const TaskSample& sample) { return sample.label >= 0; });
    return labelled ? "" : "none of its images has a label";
}

/// What is known of every encoded image once its row of scores is gone.
struct Scored {
    ReadSamples read;
    ClassScores scores = {};
};

/// Images and how all classes score for each, by either scorer.
struct ImageScores {
    ReadSamples read;
    ScoredRows rows;
};

ImageScores scoreByCosine(const TaskInput& input, const PromptSet& prompts, const RunContext& context) {
    ImageEmbeddings images = input.outputs.images(sampleIds(input.dataset), ImageFeature::Projected, context);
    Matrix classes = classEmbeddings(input.outputs, input.dataset.classNames, prompts, context);
    ImageScores out{images, {input.outputs.similarity(), {}}};
    const auto rows = std::make_shared<const Matrix>(std::move(images.rows));
    out.rows.forEach = [rows, classes = std::make_shared<const Matrix>(std::move(classes)),
                        &context](const ScoredRows::Visit& visit) {
        for (size_t first = 0; first < rows->rows(); first += kRowsPerChunk) {
            context.throwIfCancelled();
            const size_t count = std::min(kRowsPerChunk, rows->rows() - first);
            const Matrix cosines = multiplyTransposed(rowsOf(*rows, first, count), *classes, context.threads);
            for (size_t i = 0; i < count; ++i)
                visit(first + i, cosines.row(i));
        }
    };
    return out;
}

/// A class's score is the mean over its prompts of how well each matches; probabilities are their softmax.
ImageScores scoreByMatching(const TaskInput& input, const PromptSet& prompts, const RunContext& context) {
    const ClassTexts classes = classTexts(input.dataset.classNames, prompts);
    const std::vector<std::vector<std::string>> texts(input.dataset.samples.size(), classes.texts);
    const PairMatches matches = input.outputs.match(sampleIds(input.dataset), texts, context);
    const auto means = std::make_shared<Matrix>(matches.ids.size(), input.dataset.classNames.size());
    for (size_t i = 0; i < means->rows(); ++i)
        for (size_t c = 0; c < means->cols(); ++c)
            (*means)(i, c) = static_cast<float>(
                meanOf(std::span(matches.scores[i]).subspan(classes.starts[c], classes.count(c))));
    return {matches, {Similarity(), [means](const ScoredRows::Visit& visit) { // softmax of scale 1
                          for (size_t i = 0; i < means->rows(); ++i)
                              visit(i, means->row(i));
                      }}};
}

Scored scoreAll(const TaskInput& input, const ImageScores& scores, size_t keep) {
    Scored out{scores.read};
    scores.rows.forEach([&](size_t i, std::span<const float> row) {
        out.scores.add(input.dataset.samples[scores.read.positions[i]].label, row,
                       scores.rows.similarity.probabilities(row), keep);
    });
    return out;
}

Json temperatureOf(const TaskInput& input, const ImageScores& scores, const Scored& scored,
                   const RunContext& context) {
    std::vector<std::string> splits;
    for (const size_t position : scores.read.positions)
        splits.push_back(input.dataset.samples[position].split);
    return temperatureScaling(scores.rows, scored.scores.labels, splits,
                              input.params["temperature_split"].get<std::string>(), context);
}

std::vector<ExampleResult> examplesOf(const TaskInput& input, Scored& scored) {
    const ReadSamples& images = scored.read;
    std::vector<ExampleResult> examples;
    for (size_t i = 0; i < images.ids.size(); ++i) {
        ExampleResult& example = examples.emplace_back(exampleOf(images.ids[i]));
        example.target = scored.scores.labels[i];
        example.predictions = std::move(scored.scores.best[i]);
        if (example.target >= 0)
            setVerdict(example, scored.scores.ranks[i] == 0);
    }
    addUnreadable(examples, images.failures, input.dataset);
    return examples;
}

TaskOutput run(const TaskInput& input, const RunContext& context) {
    const PromptSet prompts = promptSetOf(input.params["templates"]);
    const auto keep = input.params["keep"].get<size_t>();
    const ImageScores scores = byMatching(input.params) ? scoreByMatching(input, prompts, context)
                                                        : scoreByCosine(input, prompts, context);
    Scored scored = scoreAll(input, scores, keep);
    const ClassificationResults data = scored.scores.labelled();
    if (data.labels.empty())
        throw Error(ErrorCode::Unreadable, "None of the labelled images of '" + input.dataset.name +
                                               "' could be read" + firstReason(scored.read.failures));
    TaskOutput output;
    output.metrics = classificationMetrics(data, input.dataset.classNames.size(),
                                           bootstrapOptions(input.params), input.preview, context);
    if (input.preview)
        return output;
    output.details = classificationDetails(data, input.dataset.classNames);
    if (Json temperature = temperatureOf(input, scores, scored, context); !temperature.is_null())
        output.details["calibration"]["temperature"] = std::move(temperature);
    addPromptDetails(output.details, prompts);
    output.details["warnings"] = equalNameWarnings(input.dataset.classNames);
    output.examples = examplesOf(input, scored);
    return output;
}

TaskRules rules(const Json& params) {
    TaskRules rules;
    rules.features = byMatching(params)
                         ? "a class's score is the mean over its prompts of how well the model says each fits"
                         : "cosine of image and class; a class is the mean of its prompts' embeddings of "
                           "length 1, scaled to length 1 again";
    rules.ties = "among equal scores the class that stands first is the prediction";
    rules.counting = "images with a label; unreadable ones are left out; classes without images are left out "
                     "of the mean per class";
    rules.prompts = promptSetOf(params["templates"]).templates;
    rules.promptParam = "templates";
    rules.clipBenchmark = "zeroshot_classification";
    rules.deviations = {{"Equal scores", rules.ties, "torch.topk and argmax, which promise no order"}};
    if (byMatching(params))
        rules.deviations.push_back({"Scores", "image and text looked at together", "cosine of embeddings"});
    return rules;
}

std::vector<Protocol> protocolsFor(const std::string& datasetName) {
    const std::string set = publishedPromptSet(datasetName);
    return {
        {"openai",
         "CLIP's paper",
         "Radford et al. 2021, section 3.1.4 and the prompts published with it",
         {{"templates", set}},
         "It reports mean per-class recall on Caltech101, FGVC Aircraft, Oxford Pets and Flowers102, top-1 "
         "on most others; features in fp16 on a GPU."},
        {"clip-benchmark",
         "CLIP_benchmark",
         "CLIP_benchmark, zeroshot_classification.py",
         {{"templates", set}},
         "The same prompts and rule; mixed precision unless it is turned off."},
        {"imagenet-7",
         "CLIP's seven best prompts",
         "The notebook on prompts in CLIP's repository",
         {{"templates", "openai-imagenet-7"}},
         "Chosen on ImageNet."},
        {"one-prompt",
         "One prompt, 'a photo of a {}.'",
         "Radford et al. 2021, section 3.1.4",
         {{"templates", "simple"}},
         ""},
        {"names", "Class names alone", "Radford et al. 2021, figure 4", {{"templates", "none"}}, ""}};
}

} // namespace

Task zeroShotTask() {
    Task task;
    task.info.id = "zero-shot";
    task.info.title = "Zero-shot classification";
    task.info.summary = "Names each image by the class whose prompts it matches best; no training.";
    task.info.needs = {DatasetNeed::Images, DatasetNeed::Labels};
    task.info.params = {
        templatesParam(),
        scorerParam(
            "How images and prompts are scored: by the cosine of their embeddings, or by a model that "
            "looks at both together (also at clips)."),
        keepParam(),
        textParam("temperature_split", "Split to fit the temperature on",
                  "Confidences are also judged after temperature scaling, fitted on this split and judged on "
                  "the other images; empty = on each half of the images, judged on the other half.",
                  ""),
        resamplesParam(),
    };
    task.info.needsModel = matchingOrEmbeddings;
    task.info.rules = rules;
    task.info.views = {"summary", "classes", "confusion", "calibration", "thresholds", "slices", "examples"};
    task.info.primaryMetric = "top1";
    task.info.hasPreview = true;
    task.unsuitable = unsuitable;
    task.run = run;
    task.protocols = protocolsFor;
    return task;
}

} // namespace diptych
