// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <map>
#include <span>
#include <string>

namespace diptych {

// Winoground (Thrush, Jiang, Bartolo, Singh, Williams, Kiela, Ross: Winoground: Probing Vision and Language
// Models for Visio-Linguistic Compositionality, CVPR 2022, section 3.3): two images, two captions of the same
// words, matched 0 to 0 and 1 to 1. All inequalities are strict, so ties are wrong.

/// Score of caption a with image b, in the model's own unit.
struct PairScores {
    double caption0Image0 = 0, caption0Image1 = 0, caption1Image0 = 0, caption1Image1 = 0;
};

/// Which of the four inequalities hold and what follows.
struct PairOutcome {
    bool image0PicksCaption0 = false; ///< s(c0, i0) > s(c1, i0)
    bool image1PicksCaption1 = false; ///< s(c1, i1) > s(c0, i1)
    bool caption0PicksImage0 = false; ///< s(c0, i0) > s(c0, i1)
    bool caption1PicksImage1 = false; ///< s(c1, i1) > s(c1, i0)
    bool text() const { return image0PicksCaption0 && image1PicksCaption1; }
    bool image() const { return caption0PicksImage0 && caption1PicksImage1; }
    bool group() const { return text() && image(); }
};
/// @throws Error InvalidArgument for a score that is NaN or infinite
PairOutcome pairOutcome(const PairScores& scores);

/// Shares of examples, in [0, 1].
struct PairTotals {
    double text = 0, image = 0, group = 0;
    size_t n = 0;
};
/// @throws Error InvalidArgument if there are no outcomes
PairTotals pairTotals(std::span<const PairOutcome> outcomes);
/// @param tags of the outcomes; every tag that occurs gets an entry: [n]
/// @throws Error InvalidArgument for lengths that differ
std::map<std::string, PairTotals> pairTotalsByTag(std::span<const PairOutcome> outcomes,
                                                  std::span<const std::string> tags);

/// Four scores in random order: each pair of inequalities holds with 1/4, all four with 1/6 (the largest two
/// of four must be the matching ones: 4 of 24 orders).
inline constexpr PairTotals kPairChance{0.25, 0.25, 1.0 / 6.0, 0};
/// Human annotators on Winoground's 400 examples, as the paper's table of results gives them ("MTurk Human").
inline constexpr PairTotals kWinogroundHuman{0.8950, 0.8850, 0.8550, 400};

} // namespace diptych
