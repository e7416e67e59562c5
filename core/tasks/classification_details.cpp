// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/tasks/classification_details.h"

#include "core/metrics/calibration.h"
#include "core/metrics/classification.h"

#include <algorithm>
#include <numeric>

namespace diptych {
namespace {

double recallOfDraw(std::span<const uint32_t> drawn, std::span<const double> hits,
                    std::span<const int> labels, size_t classCount) {
    std::vector<double> right(classCount), total(classCount);
    for (const uint32_t i : drawn) {
        const auto label = static_cast<size_t>(labels[i]);
        total[label] += 1;
        right[label] += hits[i];
    }
    double sum = 0;
    size_t present = 0;
    for (size_t c = 0; c < classCount; ++c) {
        if (total[c] == 0)
            continue;
        sum += right[c] / total[c];
        ++present;
    }
    return sum / static_cast<double>(present);
}

double eceOfDraw(std::span<const uint32_t> drawn, const ClassificationResults& results) {
    std::vector<double> confidences;
    std::vector<uint8_t> correct;
    confidences.reserve(drawn.size());
    correct.reserve(drawn.size());
    for (const uint32_t i : drawn) {
        confidences.push_back(results.confidences[i]);
        correct.push_back(results.correct[i]);
    }
    return calibration(confidences, correct).ece;
}

Json calibrationJson(const ClassificationResults& results) {
    const Calibration reliability = calibration(results.confidences, results.correct);
    return {{"ece", reliability.ece}, {"mce", reliability.mce}, {"bins", reliabilityJson(reliability)}};
}

} // namespace

std::vector<Metric> classificationMetrics(const ClassificationResults& results, size_t classCount,
                                          const BootstrapOptions& options, bool preview,
                                          const RunContext& context) {
    const size_t n = results.labels.size();
    const double chance = 1.0 / static_cast<double>(classCount);
    std::vector<Metric> metrics;
    metrics.push_back({"top1", topKAccuracy(results.ranks, 1), {}, n, true, chance});
    if (classCount > 5)
        metrics.push_back({"top5", topKAccuracy(results.ranks, 5), {}, n, true, 5 * chance});
    metrics.push_back({"mean_per_class_recall",
                       meanPerClassRecall(results.predictions, results.labels, classCount),
                       {},
                       n,
                       true,
                       chance});
    if (!results.confidences.empty())
        metrics.push_back(
            {"ece", calibration(results.confidences, results.correct).ece, {}, n, false, {}, Unit::Number});
    if (preview)
        return metrics;
    context.begin("Computing intervals", static_cast<int64_t>(metrics.size()));
    for (Metric& metric : metrics) {
        if (metric.name == "top1" || metric.name == "top5")
            metric.interval =
                bootstrapMean(hitsAtK(results.ranks, metric.name == "top1" ? 1 : 5), options, context);
        else if (metric.name == "ece")
            metric.interval = eceInterval(results, options, context);
        else
            metric.interval =
                meanRecallInterval(hitsAtK(results.ranks, 1), results.labels, classCount, options, context);
        context.advance();
    }
    context.end();
    return metrics;
}

Json reliabilityJson(const Calibration& calibration) {
    Json bins = Json::array();
    for (const ReliabilityBin& bin : calibration.bins)
        bins.push_back({{"low", bin.low},
                        {"high", bin.high},
                        {"count", bin.count},
                        {"confidence", bin.meanConfidence},
                        {"accuracy", bin.accuracy}});
    return bins;
}

Json classificationDetails(const ClassificationResults& results, std::span<const std::string> classNames) {
    Json details;
    const auto scores = perClassScores(results.predictions, results.labels, classNames.size());
    details["classes"] = Json::array();
    for (size_t c = 0; c < classNames.size(); ++c)
        details["classes"].push_back({{"name", classNames[c]},
                                      {"support", scores[c].support},
                                      {"predicted", scores[c].predicted},
                                      {"recall", scores[c].support ? Json(scores[c].recall) : Json()},
                                      {"precision", scores[c].predicted ? Json(scores[c].precision) : Json()},
                                      {"f1", scores[c].f1}});
    const ConfusionMatrix confusion(results.predictions, results.labels, classNames.size());
    Json cells = Json::array();
    for (const ConfusionCell& cell : confusion.cells())
        cells.push_back({cell.target, cell.prediction, cell.count});
    details["confusion"] = {{"cells", std::move(cells)}};
    if (!results.confidences.empty())
        details["calibration"] = calibrationJson(results);
    return details;
}

std::vector<double> hitsAtK(std::span<const size_t> ranks, size_t k) {
    std::vector<double> hits(ranks.size());
    std::ranges::transform(ranks, hits.begin(), [k](size_t rank) { return rank < k ? 1.0 : 0.0; });
    return hits;
}

double meanRecall(std::span<const double> hits, std::span<const int> labels, size_t classCount) {
    std::vector<uint32_t> all(hits.size());
    std::iota(all.begin(), all.end(), 0U);
    return recallOfDraw(all, hits, labels, classCount);
}

std::optional<Interval> meanRecallInterval(std::span<const double> hits, std::span<const int> labels,
                                           size_t classCount, const BootstrapOptions& options,
                                           const RunContext& context) {
    return bootstrap(
        hits.size(), [&](auto drawn) { return recallOfDraw(drawn, hits, labels, classCount); }, options,
        context);
}

std::optional<Interval> eceInterval(const ClassificationResults& results, const BootstrapOptions& options,
                                    const RunContext& context) {
    return bootstrap(
        results.correct.size(), [&](auto drawn) { return eceOfDraw(drawn, results); }, options, context);
}

} // namespace diptych
