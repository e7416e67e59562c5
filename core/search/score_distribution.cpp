// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/search/score_distribution.h"

#include "core/base/error.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace diptych {

ScoreDistribution::ScoreDistribution(std::vector<float> scores, size_t total)
    : m_scores(std::move(scores)), m_total(total) {
    DIPTYCH_ASSERT(m_total >= m_scores.size());
    std::ranges::sort(m_scores);
}

size_t ScoreDistribution::countFrom(float cut) const {
    if (m_scores.empty())
        return 0;
    const auto count = static_cast<size_t>(m_scores.end() - std::ranges::lower_bound(m_scores, cut));
    return sampled()
               ? static_cast<size_t>(std::llround(static_cast<double>(count) * static_cast<double>(m_total) /
                                                  static_cast<double>(m_scores.size())))
               : count;
}

double ScoreDistribution::shareBelow(float score) const {
    if (m_scores.empty())
        return 0;
    return static_cast<double>(std::ranges::lower_bound(m_scores, score) - m_scores.begin()) /
           static_cast<double>(m_scores.size());
}

float ScoreDistribution::quantile(double share) const {
    if (m_scores.empty())
        return 0;
    const double place = std::clamp(share, 0.0, 1.0) * static_cast<double>(m_scores.size() - 1);
    return m_scores[static_cast<size_t>(std::llround(place))];
}

std::optional<SuggestedCut> ScoreDistribution::suggestedCut() const {
    constexpr size_t kFewest = 20;          // of fewer scores no spread is known
    constexpr double kMinusSigma = 0.15866; // share of a normal distribution below its mean - deviation
    if (m_scores.size() < kFewest)
        return std::nullopt;
    const auto middle = static_cast<double>(quantile(0.5));
    const double deviation = middle - static_cast<double>(quantile(kMinusSigma));
    if (!(deviation > 0))
        return std::nullopt;
    const auto n = static_cast<double>(m_scores.size());
    const auto expected = [&](float score) {
        const double z = (static_cast<double>(score) - middle) / deviation;
        return n * 0.5 * std::erfc(z / std::numbers::sqrt2);
    };
    // From the highest down, as long as it holds: a lower score where it holds again by accident is no cut.
    std::optional<size_t> first;
    for (size_t i = m_scores.size(); i-- > m_scores.size() / 2;) {
        if (i > 0 && m_scores[i - 1] == m_scores[i])
            continue; // equals are on one side
        if (expected(m_scores[i]) > kByChance * static_cast<double>(m_scores.size() - i))
            break;
        first = i;
    }
    if (!first)
        return std::nullopt;
    const float score = m_scores[*first];
    return SuggestedCut{score, countFrom(score), expected(score) * static_cast<double>(m_total) / n};
}

std::vector<size_t> ScoreDistribution::histogram(size_t parts) const {
    std::vector<size_t> counts(parts);
    const auto low = static_cast<double>(lowest()), range = static_cast<double>(highest()) - low;
    for (const float score : m_scores) {
        const double share = range > 0 ? (static_cast<double>(score) - low) / range : 0;
        ++counts[std::min(parts - 1, static_cast<size_t>(share * static_cast<double>(parts)))];
    }
    return counts;
}

} // namespace diptych
