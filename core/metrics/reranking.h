// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/metrics/ranking.h"

#include <functional>

namespace diptych {

// Rankings of a dual encoder whose first places are ordered anew by a model that looks at image and text
// together, as ALBEF (Li et al., NeurIPS 2021, section 6) and BLIP evaluate retrieval. Behind the first k the
// old order stays. Ties count against the model, as in rankRetrieval().

/// How well image and text fit; higher is better. Asked for the candidates among the first k alone.
using PairScore = std::function<double(size_t image, size_t text)>;

/// The pairs to be scored: of every image the texts that are among its first k, or that have it among theirs.
/// Ascending. [images]
std::vector<std::vector<uint32_t>> pairsToRerank(const RetrievalRanks& ranks, size_t k);

/// @param ranks with at least so many candidates kept for every query as k and as an image has texts
/// @param textImage the image each text belongs to: [t]
/// @return ranks and average precision after; of each query's candidates the first k, best first, with their
/// new scores
RetrievalRanks rerank(const RetrievalRanks& ranks, std::span<const int> textImage, size_t k,
                      const PairScore& score);

} // namespace diptych
