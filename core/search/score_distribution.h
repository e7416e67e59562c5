// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

namespace diptych {

/// A cut from which on few images score as high as they do by chance. Most of a dataset has nothing to do
/// with a query; how the scores of that bulk are spread is read off its lower half, which what fits does not
/// reach: normal around the median, with the distance from there to the quantile 0.159 as its standard
/// deviation (the empirical null of Efron 2004). The cut is the lowest score where at most kByChance of those
/// above it are what the bulk would give (the tail-area false discovery rate).
struct SuggestedCut {
    float score = 0;
    size_t count = 0;    ///< score this or more; estimated where the distribution is sampled
    double byChance = 0; ///< of those, how many the bulk would give
};
inline constexpr double kByChance = 0.2;

/// How similar a query is to all that was searched, so that a hit, and a cut, can be judged.
class ScoreDistribution {
public:
    ScoreDistribution() = default;
    /// @param scores cosines of all, or of a sample drawn without regard to the query; in any order
    /// @param total of how many; at least scores.size()
    ScoreDistribution(std::vector<float> scores, size_t total);

    const std::vector<float>& scores() const { return m_scores; } ///< ascending
    size_t total() const { return m_total; }
    bool sampled() const { return m_scores.size() < m_total; }
    float lowest() const { return m_scores.empty() ? 0 : m_scores.front(); }
    float highest() const { return m_scores.empty() ? 0 : m_scores.back(); }
    /// How many have at least this score: counted, or estimated from the sample.
    size_t countFrom(float cut) const;
    /// The share that scores less, in [0, 1].
    double shareBelow(float score) const;
    /// The score at a share of the way from lowest to highest rank, in [0, 1].
    float quantile(double share) const;
    /// Where those that fit begin, if some stand out: see SuggestedCut.
    std::optional<SuggestedCut> suggestedCut() const;
    /// Of the range from lowest to highest in @p parts equal parts how many scores lie in each.
    std::vector<size_t> histogram(size_t parts) const;

private:
    std::vector<float> m_scores;
    size_t m_total = 0;
};

} // namespace diptych
