// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/standalone/named_metrics.h"

#include "core/base/file.h"
#include "core/metrics/binary.h"
#include "core/metrics/caption_score.h"
#include "core/metrics/check.h"
#include "core/metrics/classification.h"
#include "core/metrics/multilabel.h"
#include "core/metrics/neighbourhood.h"
#include "core/metrics/pairs.h"
#include "core/metrics/ranking.h"
#include "core/probe/linear_probe.h"
#include "core/probe/neighbours.h"
#include "core/projection/pca.h"
#include "core/projection/projection.h"
#include "core/standalone/score_tables.h"
#include "core/tensor/npy.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <limits>
#include <numeric>
#include <optional>

namespace diptych {

namespace {

namespace fs = std::filesystem;

/// The C of the linear probe in the CLIP repository's example.
constexpr double kProbeC = 0.316;
constexpr size_t kComponents = 10;
constexpr size_t kTrustNeighbours = 12, kVotingNeighbours = 10;

/// Runs a step on the content of a file (or folder) and puts its name before what goes wrong.
template<class Step>
auto naming(const fs::path& path, Step&& step) {
    try {
        return step();
    } catch (const Error& error) {
        throw error.withContext(displayPath(path));
    }
}

std::vector<int> readIntLabels(const fs::path& path) {
    const std::vector<int64_t> values = readNpyIntegers(path);
    std::vector<int> labels(values.size());
    for (size_t i = 0; i < values.size(); ++i) {
        if (values[i] < std::numeric_limits<int>::min() || values[i] > std::numeric_limits<int>::max())
            throw Error(ErrorCode::Corrupt,
                        fmt::format("{}: value {} is {}, too large for a label or an index",
                                    displayPath(path), i, values[i]));
        labels[i] = static_cast<int>(values[i]);
    }
    return labels;
}

Matrix readFiniteMatrix(const fs::path& path) {
    Matrix matrix = readNpyMatrix(path);
    naming(path, [&] {
        requireNotEmpty(matrix.values().size(), "values");
        requireFinite(matrix, "Array");
    });
    return matrix;
}

/// An array of doubles with its number of dimensions checked.
NpyArray readArray(const fs::path& path, size_t dimensions) {
    NpyArray array = readNpy(path);
    if (array.shape.size() != dimensions)
        throw Error(ErrorCode::Corrupt, fmt::format("{}: an array of {} dimensions is expected, this has {}",
                                                    displayPath(path), dimensions, array.shape.size()));
    naming(path, [&] {
        requireNotEmpty(array.values.size(), "values");
        requireFinite(array.values, "Value");
    });
    return array;
}

void requireSameShape(const fs::path& pathA, const NpyArray& a, const fs::path& pathB, const NpyArray& b) {
    if (a.shape != b.shape)
        throw Error(ErrorCode::InvalidArgument,
                    fmt::format("{} has shape [{}] but {} has [{}]; they must agree", displayPath(pathA),
                                fmt::join(a.shape, ", "), displayPath(pathB), fmt::join(b.shape, ", ")));
}

Json orNull(const std::optional<double>& value) {
    return value ? Json(*value) : Json(nullptr);
}

Json zeroShot(const fs::path& directory, const RunContext&) {
    const Matrix logits = readFiniteMatrix(directory / "logits.npy");
    const fs::path labelPath = directory / "labels.npy";
    const std::vector<int> labels = readIntLabels(labelPath);
    return naming(labelPath, [&] {
        const std::vector<size_t> ranks = labelRanks(logits, labels);
        return Json{
            {"top1", topKAccuracy(ranks, 1)},
            {"top5", topKAccuracy(ranks, 5)},
            {"mean_per_class_recall", meanPerClassRecall(predictClasses(logits), labels, logits.cols())}};
    });
}

Json binary(const fs::path& directory, const RunContext&) {
    const BinaryScores table = readBinaryScores(directory / "scores.csv");
    const BinaryRanking ranking(table.scores, table.labels);
    return {{"roc_auc", orNull(ranking.rocAuc())},
            {"accuracy", binaryAccuracy(table.scores, table.labels)},
            {"average_precision", orNull(ranking.averagePrecision())}};
}

Json meanAp(const fs::path& directory, const RunContext&) {
    const fs::path scorePath = directory / "scores.npy", targetPath = directory / "targets.npy";
    const NpyArray scores = readArray(scorePath, 2), targets = readArray(targetPath, 2);
    requireSameShape(scorePath, scores, targetPath, targets);
    std::vector<uint8_t> labels(targets.values.size());
    for (size_t i = 0; i < labels.size(); ++i) {
        const double target = targets.values[i];
        if (target != 0 && target != 1)
            throw Error(ErrorCode::Corrupt, fmt::format("{}: row {}, column {} is {}; targets must be 0 or 1",
                                                        displayPath(targetPath), i / targets.shape[1],
                                                        i % targets.shape[1], target));
        labels[i] = target == 1;
    }
    const MeanAveragePrecision result = meanAveragePrecision(scores.values, labels, scores.shape[1]);
    Json byClass = Json::array();
    for (const auto& value : result.byClass)
        byClass.push_back(orNull(value));
    return {{"map", orNull(result.mean)}, {"ap", byClass}};
}

Json probe(const fs::path& directory, const RunContext& context) {
    const fs::path trainPath = directory / "train_labels.npy", testPath = directory / "test_labels.npy";
    const Matrix trainFeatures = readFiniteMatrix(directory / "train_features.npy");
    const Matrix testFeatures = readFiniteMatrix(directory / "test_features.npy");
    const std::vector<int> trainLabels = readIntLabels(trainPath), testLabels = readIntLabels(testPath);
    ProbeOptions options;
    options.c = kProbeC;
    const unsigned threads = context.threadCount();
    // Lengths and labels are checked before the fit, which can take minutes.
    naming(testPath, [&] {
        requireSameLength(testFeatures.rows(), "rows in test_features.npy", testLabels.size(), "labels");
        requireSameLength(testFeatures.cols(), "columns in test_features.npy", trainFeatures.cols(),
                          "in train_features.npy");
    });
    const ProbeModel model =
        naming(trainPath, [&] { return fitProbe(trainFeatures, trainLabels, options, context); });
    const ProbeScore test =
        naming(testPath, [&] { return scoreProbe(model, testFeatures, testLabels, threads); });
    return {{"test_accuracy", test.accuracy},
            {"train_accuracy", scoreProbe(model, trainFeatures, trainLabels, threads).accuracy},
            {"test_log_loss", test.logLoss}};
}

Json retrieval(const fs::path& directory, const RunContext& context) {
    const Matrix images = readFiniteMatrix(directory / "image_embeds.npy");
    const Matrix texts = readFiniteMatrix(directory / "text_embeds.npy");
    const std::vector<int> textImage = readIntLabels(directory / "text_image_index.npy");
    const RetrievalRanks ranks =
        naming(directory, [&] { return rankRetrieval(images, texts, textImage, {}, context); });
    Json result;
    for (const size_t k : {size_t{1}, size_t{5}, size_t{10}}) {
        result[fmt::format("image_to_text_r{}", k)] = recallAtK(ranks.imageToText.ranks, k);
        result[fmt::format("text_to_image_r{}", k)] = recallAtK(ranks.textToImage.ranks, k);
    }
    result["image_to_text_median_rank"] = medianRank(ranks.imageToText.ranks);
    return result;
}

Json winoground(const fs::path& directory, const RunContext&) {
    const PairTable table = readPairScores(directory / "scores.jsonl");
    std::vector<PairOutcome> outcomes;
    for (const PairScores& scores : table.scores)
        outcomes.push_back(pairOutcome(scores));
    Json result;
    const auto add = [&](const std::string& suffix, const PairTotals& totals) {
        result["text" + suffix] = totals.text;
        result["image" + suffix] = totals.image;
        result["group" + suffix] = totals.group;
    };
    add("", pairTotals(outcomes));
    for (const auto& [tag, totals] : pairTotalsByTag(outcomes, table.tags))
        if (!tag.empty())
            add("_" + tag, totals);
    return result;
}

double mean(std::span<const double> values) {
    return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

Json captionScores(const fs::path& directory, const RunContext&) {
    const fs::path imagePath = directory / "image_embeds.npy", textPath = directory / "text_embeds.npy",
                   referencePath = directory / "reference_embeds.npy";
    const NpyArray images = readArray(imagePath, 2), texts = readArray(textPath, 2);
    requireSameShape(imagePath, images, textPath, texts);
    const size_t n = images.shape[0], d = images.shape[1];
    const auto vectorAt = [d](const NpyArray& array, size_t i) {
        return std::span(array.values).subspan(i * d, d);
    };
    std::vector<double> scores(n);
    for (size_t i = 0; i < n; ++i)
        scores[i] = clipScore(cosineSimilarity(vectorAt(images, i), vectorAt(texts, i)));
    Json result{{"clipscore", mean(scores)}, {"per_item", scores}};
    std::error_code error;
    if (fs::status(referencePath, error).type() == fs::file_type::not_found)
        return result;

    const NpyArray references = readArray(referencePath, 3);
    const size_t perItem = references.shape[1];
    if (references.shape[0] != n || references.shape[2] != d)
        throw Error(
            ErrorCode::InvalidArgument,
            fmt::format("{} has shape [{}]; [{}, r, {}] is expected, as many items and columns as {} has",
                        displayPath(referencePath), fmt::join(references.shape, ", "), n, d,
                        displayPath(textPath)));
    std::vector<double> withReferences(n);
    for (size_t i = 0; i < n; ++i) {
        double best = -1;
        for (size_t r = 0; r < perItem; ++r)
            best =
                std::max(best, cosineSimilarity(vectorAt(texts, i), vectorAt(references, i * perItem + r)));
        withReferences[i] = refClipScore(scores[i], best);
    }
    result["refclipscore"] = mean(withReferences);
    return result;
}

Json principalComponents(const fs::path& directory, const RunContext& context) {
    const fs::path path = directory / "features.npy";
    const Matrix features = readFiniteMatrix(path);
    const Pca pca = naming(path, [&] { return fitPca(features, kComponents, context); });
    return {{"explained_variance", pca.variance}, {"explained_variance_ratio", pca.varianceRatio}};
}

Json tsneMap(const fs::path& directory, const RunContext& context) {
    const fs::path path = directory / "digits.npy", labelPath = directory / "labels.npy";
    const Matrix features = readFiniteMatrix(path);
    const std::vector<int> labels = readIntLabels(labelPath);
    naming(labelPath,
           [&] { requireSameLength(features.rows(), "rows in digits.npy", labels.size(), "labels"); });
    return naming(path, [&]() -> Json {
        if (features.rows() <= 2 * kTrustNeighbours)
            throw Error(ErrorCode::InvalidArgument,
                        fmt::format("There are {} points; more than {} are needed to judge a map",
                                    features.rows(), 2 * kTrustNeighbours));
        ProjectionOptions options;
        options.method = ProjectionMethod::Tsne;
        const Matrix map = project(features, options, context).positions;
        const NeighbourTable near = nearestRows(map, kTrustNeighbours, context);
        std::vector<std::vector<Neighbour>> voters(map.rows());
        for (size_t i = 0; i < map.rows(); ++i)
            for (size_t j = 0; j < kVotingNeighbours; ++j)
                voters[i].push_back({near.indices(i)[j], -near.distances(i)[j]});
        const auto votes = knnVote(voters, labels, {kVotingNeighbours, KnnVote::Majority});
        size_t agree = 0;
        for (size_t i = 0; i < votes.size(); ++i)
            agree += votes[i] == labels[i];
        return {{"trustworthiness_12", trustworthiness(features, near.index, kTrustNeighbours, context)},
                {"label_agreement_10nn", static_cast<double>(agree) / static_cast<double>(votes.size())}};
    });
}

std::vector<NamedMetric> makeTable() {
    return {
        {"zeroshot",
         "Accuracy of a classifier's scores; the lowest class wins a tie",
         {{"logits.npy", "[n, c]: score of every class"}, {"labels.npy", "[n]: right class, 0 to c-1"}},
         {"top1", "top5", "mean_per_class_recall"},
         zeroShot},
        {"binary",
         "ROC area, average precision and accuracy (positive from 0.5) of scores for two classes",
         {{"scores.csv", "columns id, score, label (0 or 1)"}},
         {"roc_auc", "accuracy", "average_precision"},
         binary},
        {"mean_ap",
         "Mean average precision over classes; a class without positives is null and not counted",
         {{"scores.npy", "[n, c]: score of every class"},
          {"targets.npy", "[n, c]: 1 where it applies, else 0"}},
         {"map", "ap"},
         meanAp},
        {"probe",
         "Logistic regression on features, C = 0.316",
         {{"train_features.npy", "[n, d]"},
          {"train_labels.npy", "[n]: any whole numbers"},
          {"test_features.npy", "[m, d]"},
          {"test_labels.npy", "[m]"}},
         {"test_accuracy", "train_accuracy", "test_log_loss"},
         probe},
        {"retrieval",
         "Recall and median rank of image-text retrieval by cosine; ties count against the model",
         {{"image_embeds.npy", "[i, d]"},
          {"text_embeds.npy", "[t, d]"},
          {"text_image_index.npy", "[t]: image of every text, 0 to i-1"}},
         {"image_to_text_r1", "image_to_text_r5", "image_to_text_r10", "text_to_image_r1", "text_to_image_r5",
          "text_to_image_r10", "image_to_text_median_rank"},
         retrieval},
        {"winoground",
         "Text, image and group score with strict inequalities, in all and by tag",
         {{"scores.jsonl", "a line: id, tag, c0_i0, c0_i1, c1_i0, c1_i1 (cA_iB: caption A with image B)"}},
         {"text", "image", "group", "text_TAG", "image_TAG", "group_TAG"},
         winoground},
        {"clipscore",
         "CLIPScore (w = 2.5) of captions and, with references, RefCLIPScore",
         {{"image_embeds.npy", "[n, d]"},
          {"text_embeds.npy", "[n, d]"},
          {"reference_embeds.npy", "[n, r, d]", true}},
         {"clipscore", "refclipscore", "per_item"},
         captionScores},
        {"pca",
         "The 10 principal components of most variance, or as many as there are rows or columns",
         {{"features.npy", "[n, d]"}},
         {"explained_variance", "explained_variance_ratio"},
         principalComponents},
        {"tsne",
         "A t-SNE map of features (perplexity 30, 750 steps), and how well it keeps neighbours and labels "
         "together",
         {{"digits.npy", "[n, d]: whole numbers or fractions, n above 24"},
          {"labels.npy", "[n]: any whole numbers"}},
         {"trustworthiness_12", "label_agreement_10nn"},
         tsneMap},
    };
}

} // namespace

const std::vector<NamedMetric>& namedMetrics() {
    static const std::vector<NamedMetric> table = makeTable();
    return table;
}

Json computeNamedMetric(std::string_view name, const fs::path& directory, const RunContext& context) {
    const auto found = std::ranges::find(namedMetrics(), name, &NamedMetric::name);
    if (found == namedMetrics().end()) {
        std::vector<std::string> names;
        for (const NamedMetric& metric : namedMetrics())
            names.push_back(metric.name);
        throw Error(ErrorCode::NotFound, fmt::format("There is no metric '{}'; there are: {}",
                                                     toValidUtf8(name), fmt::join(names, ", ")));
    }
    std::error_code error;
    const fs::file_status status = fs::status(directory, error);
    if (error && status.type() != fs::file_type::not_found)
        throw errnoError(error.value(), "Cannot open", displayPath(directory));
    if (!fs::is_directory(status))
        throw Error(ErrorCode::NotFound, fmt::format("{} is not a folder", displayPath(directory)));
    return found->compute(directory, context);
}

} // namespace diptych
