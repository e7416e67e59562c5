// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/search/score_distribution.h"

#include "core/base/error.h"

#include <algorithm>
#include <cmath>

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
