// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/metrics/binary.h"

#include <optional>
#include <span>
#include <vector>

namespace diptych {

/// What "positive if score >= threshold" decides.
struct ThresholdCounts {
    double threshold = 0;
    uint64_t truePositives = 0, falsePositives = 0, trueNegatives = 0, falseNegatives = 0;

    uint64_t total() const { return truePositives + falsePositives + trueNegatives + falseNegatives; }
    uint64_t called() const { return truePositives + falsePositives; } ///< positive by the threshold
    double accuracy() const;
    std::optional<double> recall() const;            ///< true positive rate; none without positives
    std::optional<double> falsePositiveRate() const; ///< none without negatives
    std::optional<double> precision() const;         ///< none where nothing is called positive
    std::optional<double> f1() const;                ///< 2 TP / (2 TP + FP + FN); none where all three are 0
    double calledShare() const; ///< of all examples; the coverage where what is not called gets no answer
};

enum class ThresholdRule {
    Accuracy, ///< the most right decisions
    F1,
    Youden, ///< largest true positive rate less false positive rate (Youden 1950)
    Cost    ///< least cost of what is missed and of false alarms
};
/// What a mistake costs, for ThresholdRule::Cost. @pre both finite and at least 0
struct MistakeCosts {
    double missed = 1, falseAlarm = 1;
};

/// Scores sorted once, so that any threshold is answered in O(log n). Immutable.
class Thresholds {
public:
    /// @throws Error InvalidArgument as BinaryRanking does
    Thresholds(std::span<const double> scores, std::span<const uint8_t> labels);

    ThresholdCounts at(double threshold) const;
    /// The best by a rule; among equals the strictest. It lies midway between two neighbouring scores, as
    /// bestAccuracyThreshold() has it. None where the rule is not defined: F1 without positives, Youden with
    /// one class alone.
    std::optional<ThresholdCounts> best(ThresholdRule rule, MistakeCosts costs = {}) const;

    const BinaryRanking& ranking() const { return m_ranking; }
    double lowest() const { return m_points.back().threshold; }
    double highest() const { return m_points[1].threshold; }

private:
    ThresholdCounts countsOf(const OperatingPoint& point, double threshold) const;
    double between(size_t point) const;

    BinaryRanking m_ranking;
    std::vector<OperatingPoint> m_points; ///< strictest first; the first calls nothing positive
};

} // namespace diptych
