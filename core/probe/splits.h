// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace diptych {

/// Two disjoint sets of examples that together are all, each ascending.
struct Split {
    std::vector<size_t> first, second;
};

/// Draws @p secondShare of every class for the second set, rounded to whole examples, so that both sets have
/// the classes in the same shares. A class of two examples or more gives at least one to each set; a class of
/// one stays in the first. Same seed, same split.
/// @throws Error InvalidArgument: no examples, a share outside (0, 1)
Split stratifiedSplit(std::span<const int> labels, double secondShare, uint64_t seed);

/// @p perClass examples of every class, drawn without replacement; all of a class that has fewer. Ascending.
/// Of the same seed, the draw of k holds the draw of fewer than k.
/// @throws Error InvalidArgument: no examples, perClass of 0
std::vector<size_t> fewShotSample(std::span<const int> labels, size_t perClass, uint64_t seed);

} // namespace diptych
