// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/text/prefix_trie.h"

#include <functional>
#include <optional>
#include <string_view>
#include <vector>

namespace diptych {

/// What merging needs to know of a piece.
struct ScoredPiece {
    float score = 0;
    bool isUnused = false; ///< may be passed through and is taken apart again
};
/// The piece with a text; none for what cannot be merged to.
using FindPiece = std::function<std::optional<ScoredPiece>(std::string_view)>;

/// Byte pair encoding as SentencePiece has it, without a list of merges: of all neighbours, those are joined
/// first whose union scores highest, and of equals the leftmost. O(n log n).
/// @param whole pieces that are taken wherever they stand and never merged; may be null
std::vector<std::string_view> mergedPieces(std::string_view text, const FindPiece& find,
                                           const PrefixTrie* whole);

} // namespace diptych
