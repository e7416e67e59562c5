// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/tasks/zero_shot.h"

#include "core/metrics/bootstrap.h"
#include "core/metrics/calibration.h"
#include "core/metrics/classification.h"
#include "core/text/prompts.h"

#include <algorithm>
#include <functional>
#include <unordered_map>

namespace diptych {
namespace {

/// Rows of the score matrix held at once; 50,000 images x 1,000 classes would be 200 MB.
constexpr size_t kRowsPerChunk = 4096;

std::string unsuitable(const TaskDataset& dataset) {
    if (dataset.classNames.size() < 2)
        return "it needs at least two classes (a folder per class, or a label column)";
    const auto labelled = std::any_of(dataset.samples.begin(), dataset.samples.end(),
                                      [](const TaskSample& sample) { return sample.label >= 0; });
    return labelled ? "" : "none of its images has a label";
}

std::vector<std::string> templatesOf(const Json& value) {
    if (value.is_string())
        return loadPromptSet(value.get<std::string>()).templates;
    auto templates = value.get<std::vector<std::string>>();
    checkPromptTemplates(templates);
    return templates;
}

/// [classes, d]: mean of the normalised prompt embeddings, normalised again (CLIP paper, section 3.1.4).
Matrix classEmbeddings(const TaskInput& input, const std::vector<std::string>& templates,
                       const RunContext& context) {
    PromptSet prompts;
    prompts.templates = templates;
    std::vector<std::string> texts;
    for (const std::string& name : input.dataset.classNames)
        for (std::string& text : prompts.expand(name))
            texts.push_back(std::move(text));
    const Matrix encoded = input.embeddings.texts(texts, context);
    Matrix classes(input.dataset.classNames.size(), encoded.cols());
    for (size_t i = 0; i < encoded.rows(); ++i) {
        const auto from = encoded.row(i);
        const auto to = classes.row(i / templates.size());
        std::transform(from.begin(), from.end(), to.begin(), to.begin(), std::plus<>());
    }
    normalizeRows(classes);
    return classes;
}

/// What is known of every encoded image once its row of scores is gone.
struct Scored {
    std::vector<int> labels, predictions; ///< of all encoded images; label -1 = none
    std::vector<size_t> ranks;            ///< of the right class; only where there is a label
    std::vector<double> confidences;
    std::vector<std::vector<ScoredClass>> best;
};

Matrix rowsOf(const Matrix& matrix, size_t first, size_t count) {
    const auto values = matrix.values().subspan(first * matrix.cols(), count * matrix.cols());
    return Matrix(count, matrix.cols(), std::vector<float>(values.begin(), values.end()));
}

Scored score(const TaskInput& input, const ImageEmbeddings& images, const Matrix& classes, size_t keep,
             const RunContext& context) {
    Scored out;
    for (size_t first = 0; first < images.rows.rows(); first += kRowsPerChunk) {
        context.throwIfCancelled();
        const size_t count = std::min(kRowsPerChunk, images.rows.rows() - first);
        const Matrix cosines =
            multiplyTransposed(rowsOf(images.rows, first, count), classes, context.threads);
        for (size_t i = 0; i < count; ++i) {
            const auto row = cosines.row(i);
            const TaskSample& sample = input.dataset.samples[images.positions[first + i]];
            out.labels.push_back(sample.label);
            std::vector<ScoredClass> best = topK(row, std::max<size_t>(1, keep));
            out.predictions.push_back(best.front().index);
            const std::vector<double> probabilities = softmax(row, input.embeddings.logitScale());
            out.confidences.push_back(probabilities[static_cast<size_t>(best.front().index)]);
            for (ScoredClass& entry : best)
                entry.score = static_cast<float>(probabilities[static_cast<size_t>(entry.index)]);
            out.best.push_back(std::move(best));
            size_t rank = 0;
            if (sample.label >= 0) {
                const float right = row[static_cast<size_t>(sample.label)];
                for (size_t j = 0; j < row.size(); ++j)
                    rank += row[j] > right || (row[j] == right && j < static_cast<size_t>(sample.label));
            }
            out.ranks.push_back(rank);
        }
    }
    return out;
}

/// The labelled part of what was scored, which metrics are about.
struct Labelled {
    std::vector<int> labels, predictions;
    std::vector<size_t> ranks;
    std::vector<double> confidences;
    std::vector<uint8_t> correct;
};

Labelled labelledPart(const Scored& scored) {
    Labelled out;
    for (size_t i = 0; i < scored.labels.size(); ++i) {
        if (scored.labels[i] < 0)
            continue;
        out.labels.push_back(scored.labels[i]);
        out.predictions.push_back(scored.predictions[i]);
        out.ranks.push_back(scored.ranks[i]);
        out.confidences.push_back(scored.confidences[i]);
        out.correct.push_back(scored.ranks[i] == 0);
    }
    return out;
}

std::optional<Interval> shareInterval(const std::vector<size_t>& ranks, size_t k,
                                      const BootstrapOptions& options, const RunContext& context) {
    std::vector<double> hits(ranks.size());
    std::transform(ranks.begin(), ranks.end(), hits.begin(),
                   [k](size_t rank) { return rank < k ? 1.0 : 0.0; });
    return bootstrapMean(hits, options, context);
}

double recallOfDraw(std::span<const uint32_t> drawn, const Labelled& data, size_t classCount) {
    std::vector<uint32_t> total(classCount), right(classCount);
    for (const uint32_t i : drawn) {
        const auto label = static_cast<size_t>(data.labels[i]);
        ++total[label];
        right[label] += data.correct[i];
    }
    double sum = 0;
    size_t present = 0;
    for (size_t c = 0; c < classCount; ++c) {
        if (total[c] == 0)
            continue;
        sum += static_cast<double>(right[c]) / total[c];
        ++present;
    }
    return sum / static_cast<double>(present);
}

double eceOfDraw(std::span<const uint32_t> drawn, const Labelled& data) {
    std::vector<double> confidences;
    std::vector<uint8_t> correct;
    confidences.reserve(drawn.size());
    correct.reserve(drawn.size());
    for (const uint32_t i : drawn) {
        confidences.push_back(data.confidences[i]);
        correct.push_back(data.correct[i]);
    }
    return calibration(confidences, correct).ece;
}

std::vector<Metric> metricsOf(const TaskInput& input, const Labelled& data, const RunContext& context) {
    const size_t n = data.labels.size(), classCount = input.dataset.classNames.size();
    const double chance = 1.0 / static_cast<double>(classCount);
    std::vector<Metric> metrics;
    metrics.push_back({"top1", topKAccuracy(data.ranks, 1), {}, n, true, chance});
    if (classCount > 5)
        metrics.push_back({"top5", topKAccuracy(data.ranks, 5), {}, n, true, 5 * chance});
    metrics.push_back({"mean_per_class_recall",
                       meanPerClassRecall(data.predictions, data.labels, classCount),
                       {},
                       n,
                       true,
                       chance});
    metrics.push_back({"ece", calibration(data.confidences, data.correct).ece, {}, n, false, {}});
    if (input.preview)
        return metrics;
    BootstrapOptions options;
    options.resamples = input.params["resamples"].get<size_t>();
    context.begin("Computing intervals", static_cast<int64_t>(metrics.size()));
    for (Metric& metric : metrics) {
        if (metric.name == "top1" || metric.name == "top5")
            metric.interval = shareInterval(data.ranks, metric.name == "top1" ? 1 : 5, options, context);
        else if (metric.name == "ece")
            metric.interval = bootstrap(
                n, [&](auto drawn) { return eceOfDraw(drawn, data); }, options, context);
        else
            metric.interval = bootstrap(
                n, [&](auto drawn) { return recallOfDraw(drawn, data, classCount); }, options, context);
        context.advance();
    }
    context.end();
    return metrics;
}

Json detailsOf(const TaskInput& input, const Labelled& data, const std::vector<std::string>& templates) {
    const size_t classCount = input.dataset.classNames.size();
    Json details;
    details["templates"] = templates;
    const auto scores = perClassScores(data.predictions, data.labels, classCount);
    details["classes"] = Json::array();
    for (size_t c = 0; c < classCount; ++c)
        details["classes"].push_back({{"name", input.dataset.classNames[c]},
                                      {"support", scores[c].support},
                                      {"predicted", scores[c].predicted},
                                      {"recall", scores[c].support ? Json(scores[c].recall) : Json()},
                                      {"precision", scores[c].predicted ? Json(scores[c].precision) : Json()},
                                      {"f1", scores[c].f1}});
    const ConfusionMatrix confusion(data.predictions, data.labels, classCount);
    Json cells = Json::array();
    for (const ConfusionCell& cell : confusion.cells())
        cells.push_back({cell.target, cell.prediction, cell.count});
    details["confusion"] = {{"cells", std::move(cells)}};
    const Calibration reliability = calibration(data.confidences, data.correct);
    Json bins = Json::array();
    for (const ReliabilityBin& bin : reliability.bins)
        bins.push_back({{"low", bin.low},
                        {"high", bin.high},
                        {"count", bin.count},
                        {"confidence", bin.meanConfidence},
                        {"accuracy", bin.accuracy}});
    details["calibration"] = {{"ece", reliability.ece}, {"mce", reliability.mce}, {"bins", std::move(bins)}};
    return details;
}

std::vector<ExampleResult> examplesOf(const TaskInput& input, const ImageEmbeddings& images, Scored& scored) {
    std::vector<ExampleResult> examples(images.ids.size());
    for (size_t i = 0; i < images.ids.size(); ++i) {
        ExampleResult& example = examples[i];
        example.sample = images.ids[i];
        example.target = scored.labels[i];
        for (const ScoredClass& entry : scored.best[i])
            example.predictions.push_back({entry.index, entry.score});
        if (scored.labels[i] >= 0)
            example.correct = scored.ranks[i] == 0;
    }
    for (const ItemFailure& failed : images.failures) {
        ExampleResult example;
        example.sample = failed.sample;
        example.status = ExampleStatus::Unreadable;
        example.message = failed.reason;
        examples.push_back(std::move(example));
    }
    std::unordered_map<int64_t, int> labels;
    if (!images.failures.empty())
        for (const TaskSample& sample : input.dataset.samples)
            labels.emplace(sample.id.value, sample.label);
    for (ExampleResult& example : examples)
        if (example.status != ExampleStatus::Ok)
            example.target = labels.at(example.sample.value);
    return examples;
}

TaskOutput run(const TaskInput& input, const RunContext& context) {
    const std::vector<std::string> templates = templatesOf(input.params["templates"]);
    std::vector<SampleId> ids;
    ids.reserve(input.dataset.samples.size());
    for (const TaskSample& sample : input.dataset.samples)
        ids.push_back(sample.id);
    const ImageEmbeddings images = input.embeddings.images(ids, ImageFeature::Projected, context);
    const Matrix classes = classEmbeddings(input, templates, context);
    Scored scored = score(input, images, classes, input.params["keep"].get<size_t>(), context);
    const Labelled data = labelledPart(scored);
    if (data.labels.empty())
        throw Error(ErrorCode::Unreadable,
                    "None of the labelled images of '" + input.dataset.name + "' could be read" +
                        (images.failures.empty() ? "" : ": " + images.failures.front().reason));
    TaskOutput output;
    output.metrics = metricsOf(input, data, context);
    if (input.preview)
        return output;
    output.details = detailsOf(input, data, templates);
    output.examples = examplesOf(input, images, scored);
    return output;
}

} // namespace

Task zeroShotTask() {
    Task task;
    task.info.id = "zero-shot";
    task.info.title = "Zero-shot classification";
    task.info.summary = "Names each image by the class whose prompts it matches best; no training.";
    task.info.needs = {DatasetNeed::Images, DatasetNeed::Labels};
    task.info.params = {
        {"templates",
         "Prompts",
         "Prompt templates: the name of a set, a file with one template a line, or your own; {} stands for "
         "the class "
         "name. Several templates are averaged.",
         ParamSpec::Type::Prompts,
         "simple",
         0,
         0,
         {}},
        {"keep",
         "Predictions kept",
         "How many of the best classes are kept for every image.",
         ParamSpec::Type::Int,
         5,
         1,
         100,
         {}},
        {"resamples",
         "Bootstrap resamples",
         "Draws behind the 95 % intervals.",
         ParamSpec::Type::Int,
         1000,
         100,
         100000,
         {}},
    };
    task.info.views = {"summary", "classes", "confusion", "calibration", "examples"};
    task.info.primaryMetric = "top1";
    task.info.hasPreview = true;
    task.unsuitable = unsuitable;
    task.run = run;
    return task;
}

} // namespace diptych
