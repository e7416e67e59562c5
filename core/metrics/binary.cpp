// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/metrics/binary.h"

#include "core/metrics/check.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace diptych {

namespace {

double ratio(uint64_t part, uint64_t whole) {
    return static_cast<double>(part) / static_cast<double>(whole);
}

void check(std::span<const double> scores, std::span<const uint8_t> labels) {
    requireNotEmpty(scores.size(), "examples");
    requireSameLength(scores.size(), "scores", labels.size(), "labels");
    requireFinite(scores, "Score");
    requireBinary(labels, "Label");
}

template<class Area>
std::optional<Interval> bootstrapArea(const BinaryRanking& ranking, const BootstrapOptions& options,
                                      const RunContext& context, Area&& area) {
    const Statistic statistic = [&](std::span<const uint32_t> examples) {
        std::vector<uint32_t> weights(ranking.size());
        for (const uint32_t i : examples)
            ++weights[i];
        return area(weights).value_or(std::numeric_limits<double>::quiet_NaN());
    };
    return bootstrap(ranking.size(), statistic, options, context);
}

} // namespace

BinaryRanking::BinaryRanking(std::span<const double> scores, std::span<const uint8_t> labels) {
    check(scores, labels);
    m_order.resize(scores.size());
    std::iota(m_order.begin(), m_order.end(), 0u);
    std::ranges::stable_sort(m_order, std::greater(), [&](uint32_t i) { return scores[i]; });
    m_scores.reserve(scores.size());
    m_labels.reserve(scores.size());
    for (const uint32_t i : m_order) {
        m_scores.push_back(scores[i]);
        m_labels.push_back(labels[i]);
        m_positives += labels[i];
    }
}

template<class Visit>
void BinaryRanking::forEachStep(std::span<const uint32_t> weights, Visit&& visit) const {
    for (size_t i = 0; i < m_order.size();) {
        uint64_t positives = 0, negatives = 0;
        const double score = m_scores[i];
        for (; i < m_order.size() && m_scores[i] == score; ++i) {
            const uint64_t weight = weights.empty() ? 1 : weights[m_order[i]];
            (m_labels[i] ? positives : negatives) += weight;
        }
        visit(positives, negatives);
    }
}

std::optional<double> BinaryRanking::rocAuc(std::span<const uint32_t> weights) const {
    // Twice the number of (positive, negative) pairs in the right order, a tie counting once.
    double pairs = 0;
    uint64_t positivesAbove = 0, negativesAbove = 0;
    forEachStep(weights, [&](uint64_t positives, uint64_t negatives) {
        pairs += static_cast<double>(negatives) * static_cast<double>(2 * positivesAbove + positives);
        positivesAbove += positives;
        negativesAbove += negatives;
    });
    if (positivesAbove == 0 || negativesAbove == 0)
        return std::nullopt;
    return pairs / 2 / static_cast<double>(positivesAbove) / static_cast<double>(negativesAbove);
}

std::optional<double> BinaryRanking::averagePrecision(std::span<const uint32_t> weights) const {
    double sum = 0;
    uint64_t positivesAbove = 0, negativesAbove = 0;
    forEachStep(weights, [&](uint64_t positives, uint64_t negatives) {
        positivesAbove += positives;
        negativesAbove += negatives;
        if (positives > 0)
            sum += static_cast<double>(positives) * ratio(positivesAbove, positivesAbove + negativesAbove);
    });
    if (positivesAbove == 0)
        return std::nullopt;
    return sum / static_cast<double>(positivesAbove);
}

std::optional<double> BinaryRanking::elevenPointPrecision(std::span<const uint32_t> weights) const {
    std::vector<std::pair<uint64_t, double>> steps; // positives found, precision
    uint64_t positivesAbove = 0, negativesAbove = 0;
    forEachStep(weights, [&](uint64_t positives, uint64_t negatives) {
        positivesAbove += positives;
        negativesAbove += negatives;
        if (positives > 0)
            steps.emplace_back(positivesAbove, ratio(positivesAbove, positivesAbove + negativesAbove));
    });
    if (positivesAbove == 0)
        return std::nullopt;
    double best = 0, sum = 0;
    size_t step = steps.size();
    for (uint64_t tenth = 11;
         tenth-- > 0;) { // from recall 1 down, so that the best so far is of that or more
        for (; step > 0 && 10 * steps[step - 1].first >= tenth * positivesAbove; --step)
            best = std::max(best, steps[step - 1].second);
        sum += best;
    }
    return sum / 11;
}

std::optional<double> BinaryRanking::rocAuc() const {
    return rocAuc(std::span<const uint32_t>());
}
std::optional<double> BinaryRanking::averagePrecision() const {
    return averagePrecision(std::span<const uint32_t>());
}

std::vector<OperatingPoint> BinaryRanking::operatingPoints() const {
    std::vector<OperatingPoint> points{{std::numeric_limits<double>::infinity(), 0, 0}};
    size_t seen = 0;
    forEachStep({}, [&](uint64_t positives, uint64_t negatives) {
        const OperatingPoint& last = points.back();
        points.push_back({m_scores[seen], last.truePositives + positives, last.falsePositives + negatives});
        seen += positives + negatives;
    });
    return points;
}

std::optional<double> rocAuc(std::span<const double> scores, std::span<const uint8_t> labels) {
    return BinaryRanking(scores, labels).rocAuc();
}

std::optional<double> averagePrecision(std::span<const double> scores, std::span<const uint8_t> labels) {
    return BinaryRanking(scores, labels).averagePrecision();
}

std::optional<Interval> bootstrapRocAuc(const BinaryRanking& ranking, const BootstrapOptions& options,
                                        const RunContext& context) {
    return bootstrapArea(ranking, options, context,
                         [&](const auto& weights) { return ranking.rocAuc(weights); });
}

std::optional<Interval> bootstrapAveragePrecision(const BinaryRanking& ranking,
                                                  const BootstrapOptions& options,
                                                  const RunContext& context) {
    return bootstrapArea(ranking, options, context,
                         [&](const auto& weights) { return ranking.averagePrecision(weights); });
}

std::vector<RocPoint> rocCurve(const BinaryRanking& ranking) {
    requireNotEmpty(ranking.positives(), "positive examples");
    requireNotEmpty(ranking.negatives(), "negative examples");
    std::vector<RocPoint> curve;
    for (const OperatingPoint& point : ranking.operatingPoints())
        curve.push_back({ratio(point.falsePositives, ranking.negatives()),
                         ratio(point.truePositives, ranking.positives()), point.threshold});
    return curve;
}

std::vector<PrecisionRecallPoint> precisionRecallCurve(const BinaryRanking& ranking) {
    requireNotEmpty(ranking.positives(), "positive examples");
    std::vector<PrecisionRecallPoint> curve;
    for (const OperatingPoint& point : ranking.operatingPoints()) {
        const uint64_t taken = point.truePositives + point.falsePositives;
        curve.push_back({ratio(point.truePositives, ranking.positives()),
                         taken == 0 ? 1 : ratio(point.truePositives, taken), point.threshold});
    }
    return curve;
}

double binaryAccuracy(std::span<const double> scores, std::span<const uint8_t> labels, double threshold) {
    check(scores, labels);
    if (std::isnan(threshold))
        throw Error(ErrorCode::InvalidArgument, "The threshold is not a number");
    uint64_t right = 0;
    for (size_t i = 0; i < scores.size(); ++i)
        right += (scores[i] >= threshold) == (labels[i] == 1);
    return ratio(right, scores.size());
}

ThresholdChoice bestAccuracyThreshold(const BinaryRanking& ranking) {
    const std::vector<OperatingPoint> points = ranking.operatingPoints();
    size_t best = 0;
    uint64_t bestRight = 0;
    for (size_t k = 0; k < points.size(); ++k) {
        const uint64_t right = points[k].truePositives + ranking.negatives() - points[k].falsePositives;
        if (right > bestRight) {
            best = k;
            bestRight = right;
        }
    }
    double threshold = points[best].threshold;
    if (best == 0) {
        threshold = std::nextafter(points[1].threshold, std::numeric_limits<double>::infinity());
    } else if (best + 1 < points.size()) {
        // Halved first, so that huge scores do not overflow; never rounded onto the neighbour below.
        const double below = points[best + 1].threshold;
        const double middle = threshold / 2 + below / 2;
        if (middle > below && middle < threshold)
            threshold = middle;
    }
    return {threshold, ratio(bestRight, ranking.size())};
}

} // namespace diptych
