// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/metrics/thresholds.h"

#include "core/base/error.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace diptych {
namespace {

std::optional<double> ratio(uint64_t part, uint64_t whole) {
    if (whole == 0)
        return std::nullopt;
    return static_cast<double>(part) / static_cast<double>(whole);
}

/// Higher is better.
std::optional<double> worth(const ThresholdCounts& counts, ThresholdRule rule, MistakeCosts costs) {
    switch (rule) {
    case ThresholdRule::Accuracy:
        return counts.accuracy();
    case ThresholdRule::F1:
        return counts.truePositives + counts.falseNegatives > 0 ? counts.f1() : std::nullopt;
    case ThresholdRule::Youden: {
        const auto recall = counts.recall(), alarms = counts.falsePositiveRate();
        return recall && alarms ? std::optional(*recall - *alarms) : std::nullopt;
    }
    case ThresholdRule::Cost:
        return -(costs.missed * static_cast<double>(counts.falseNegatives) +
                 costs.falseAlarm * static_cast<double>(counts.falsePositives));
    }
    return std::nullopt;
}

} // namespace

double ThresholdCounts::accuracy() const {
    return static_cast<double>(truePositives + trueNegatives) / static_cast<double>(total());
}

std::optional<double> ThresholdCounts::recall() const {
    return ratio(truePositives, truePositives + falseNegatives);
}

std::optional<double> ThresholdCounts::falsePositiveRate() const {
    return ratio(falsePositives, falsePositives + trueNegatives);
}

std::optional<double> ThresholdCounts::precision() const {
    return ratio(truePositives, called());
}

std::optional<double> ThresholdCounts::f1() const {
    return ratio(2 * truePositives, 2 * truePositives + falsePositives + falseNegatives);
}

double ThresholdCounts::calledShare() const {
    return static_cast<double>(called()) / static_cast<double>(total());
}

Thresholds::Thresholds(std::span<const double> scores, std::span<const uint8_t> labels)
    : m_ranking(scores, labels), m_points(m_ranking.operatingPoints()) {}

ThresholdCounts Thresholds::countsOf(const OperatingPoint& point, double threshold) const {
    return {threshold, point.truePositives, point.falsePositives,
            m_ranking.negatives() - point.falsePositives, m_ranking.positives() - point.truePositives};
}

ThresholdCounts Thresholds::at(double threshold) const {
    // The laxest point that is at least as strict: its scores are those >= threshold.
    const auto after = std::partition_point(
        m_points.begin(), m_points.end(), [&](const OperatingPoint& p) { return p.threshold >= threshold; });
    return countsOf(after == m_points.begin() ? m_points.front() : *(after - 1), threshold);
}

/// Midway between the score of a point and the next lower one.
double Thresholds::between(size_t point) const {
    if (point == 0)
        return std::nextafter(m_points[1].threshold, std::numeric_limits<double>::infinity());
    if (point + 1 == m_points.size())
        return m_points.back().threshold;
    const double high = m_points[point].threshold, low = m_points[point + 1].threshold;
    const double middle = low + (high - low) / 2;
    return middle > low ? middle : high;
}

std::optional<ThresholdCounts> Thresholds::best(ThresholdRule rule, MistakeCosts costs) const {
    DIPTYCH_ASSERT(std::isfinite(costs.missed) && std::isfinite(costs.falseAlarm) && costs.missed >= 0 &&
                   costs.falseAlarm >= 0);
    std::optional<size_t> best;
    double most = -std::numeric_limits<double>::infinity();
    for (size_t i = 0; i < m_points.size(); ++i) {
        const auto value = worth(countsOf(m_points[i], m_points[i].threshold), rule, costs);
        if (value && *value > most) {
            most = *value;
            best = i;
        }
    }
    if (!best)
        return std::nullopt;
    return countsOf(m_points[*best], between(*best));
}

} // namespace diptych
