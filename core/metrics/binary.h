// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/metrics/bootstrap.h"

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace diptych {

// Two-class problems: a score for every example (higher = more likely positive) and a label, 1 = positive,
// 0 = negative. Equal scores form one step: no order among them is assumed anywhere.
// Refused with Error InvalidArgument: no examples, lengths that differ, labels other than 0 and 1, scores
// that are NaN or infinite. One class only: the ROC area is undefined (nullopt); so is average precision
// without positives.

/// One step of both curves: "positive if score >= threshold".
struct OperatingPoint {
    double threshold = 0; ///< infinite at the first point, where nothing is positive
    uint64_t truePositives = 0, falsePositives = 0;
};

/// Scores sorted once, so that areas can be computed again for many weightings. Immutable.
class BinaryRanking {
public:
    BinaryRanking(std::span<const double> scores, std::span<const uint8_t> labels);
    size_t size() const { return m_order.size(); }
    uint64_t positives() const { return m_positives; }
    uint64_t negatives() const { return m_order.size() - m_positives; }

    /// P(score of a positive > score of a negative) + P(equal) / 2: the Mann-Whitney statistic with
    /// mid-ranks, which is the area under the ROC curve (scikit-learn 1.9, roc_auc_score).
    std::optional<double> rocAuc() const;
    /// Sum over steps of (recall_k - recall_{k-1}) precision_k, without interpolation (scikit-learn 1.9,
    /// average_precision_score).
    std::optional<double> averagePrecision() const;
    /// The same with every example counted @p weights[i] times: [n].
    std::optional<double> rocAuc(std::span<const uint32_t> weights) const;
    std::optional<double> averagePrecision(std::span<const uint32_t> weights) const;

    /// Mean over recall 0, 0.1, ..., 1 of the best precision at that recall or more: the 11-point average
    /// precision of PASCAL VOC up to 2007 (Everingham et al. 2010, section 4.2).
    std::optional<double> elevenPointPrecision(std::span<const uint32_t> weights = {}) const;

    /// Points of both curves from the strictest threshold to the laxest, one for every distinct score, after
    /// a first one where nothing is positive.
    std::vector<OperatingPoint> operatingPoints() const;

private:
    /// Calls visit(positives, negatives) for every group of equal scores, highest first.
    template<class Visit>
    void forEachStep(std::span<const uint32_t> weights, Visit&& visit) const;

    std::vector<uint32_t> m_order; ///< by score, highest first
    std::vector<double> m_scores;  ///< in that order
    std::vector<uint8_t> m_labels; ///< in that order
    uint64_t m_positives = 0;
};

std::optional<double> rocAuc(std::span<const double> scores, std::span<const uint8_t> labels);
std::optional<double> averagePrecision(std::span<const double> scores, std::span<const uint8_t> labels);
/// Bootstrap intervals; draws of one class only are left out.
std::optional<Interval> bootstrapRocAuc(const BinaryRanking& ranking, const BootstrapOptions& options,
                                        const RunContext& context);
std::optional<Interval> bootstrapAveragePrecision(const BinaryRanking& ranking,
                                                  const BootstrapOptions& options, const RunContext& context);

struct RocPoint {
    double falsePositiveRate = 0, truePositiveRate = 0, threshold = 0;
};
/// From (0, 0) to (1, 1). @throws Error InvalidArgument if one class is missing
std::vector<RocPoint> rocCurve(const BinaryRanking& ranking);

struct PrecisionRecallPoint {
    double recall = 0, precision = 0, threshold = 0;
};
/// From recall 0, where precision is 1 by convention, to recall 1.
/// @throws Error InvalidArgument if there are no positives
std::vector<PrecisionRecallPoint> precisionRecallCurve(const BinaryRanking& ranking);

/// Share of examples for which (score >= threshold) equals the label.
double binaryAccuracy(std::span<const double> scores, std::span<const uint8_t> labels,
                      double threshold = 0.5);

struct ThresholdChoice {
    double threshold = 0;
    double accuracy = 0; ///< on the examples it was chosen on
};
/// The threshold of the highest accuracy; among equals the highest. It lies midway between two neighbouring
/// scores, on the lowest score if all examples should be positive, just above the highest if none should.
ThresholdChoice bestAccuracyThreshold(const BinaryRanking& ranking);

} // namespace diptych
