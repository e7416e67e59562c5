// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace diptych {

/// What of a meme is compared with others.
struct MemeContent {
    std::string text;
    std::string image; ///< equal for equal images; empty = not known
    int label = -1;    ///< 0, 1 or -1 = none
};

/// Benign confounders (Kiela et al., The Hateful Memes Challenge, NeurIPS 2020, section 3): memes that share
/// their text and differ in image, or share their image and differ in text, and whose labels differ.
struct ConfounderGroup {
    enum class Kind { SameText, SameImage };
    Kind kind = Kind::SameText;
    std::vector<size_t> members; ///< ascending; two or more
};

/// Groups of the same text first, each kind in order of its first member. Texts are equal if their bytes
/// are; empty ones are none. Memes without a label belong to no group.
std::vector<ConfounderGroup> confounderGroups(std::span<const MemeContent> memes);

/// A number for every meme, the same for those that are joined by groups: [n]. The clusters that are drawn
/// together, since their members are not independent.
std::vector<int64_t> groupClusters(size_t memes, std::span<const ConfounderGroup> groups);

} // namespace diptych
