// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/context.h"
#include "core/tensor/matrix.h"

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace diptych {

// How alike two models' embeddings of the same examples are, in the same order.

/// Linear centred kernel alignment (Kornblith et al.: Similarity of Neural Network Representations Revisited,
/// ICML 2019): HSIC(K, L) / sqrt(HSIC(K, K) HSIC(L, L)) of the Gram matrices K = XXᵀ and L = YYᵀ. 1: one
/// space is the other one turned, mirrored and scaled; 0: they have nothing in common. Worked out from XᵀY,
/// XᵀX and YᵀY, so that nothing of n x n is ever made.
struct Cka {
    /// With the unbiased estimate of HSIC (Song et al. 2012, eq. 5), as Nguyen et al. (ICLR 2021) use it:
    /// about 0 for unrelated spaces however few the examples; may lie a little below 0. NaN where undefined:
    /// fewer than 4 examples, or a space that does not vary.
    double debiased = 0;
    /// As in the paper, ||YᵀX||² / (||XᵀX|| ||YᵀY||) of centred columns, in [0, 1]. Too high where the
    /// examples are not many more than the dimensions: unrelated spaces go to 1. NaN where undefined.
    double biased = 0;
    size_t n = 0;
};
/// @param first [n, d1] @param second [n, d2]
/// @throws Error InvalidArgument for row counts that differ, no rows, NaN; Cancelled
Cka linearCka(const Matrix& first, const Matrix& second, const RunContext& context);

/// Of every example's k nearest others in either space, how many are the same.
struct NeighbourOverlap {
    size_t k = 0, n = 0;
    /// Mean share of the k that are common: mutual k-nearest-neighbour alignment (Huh et al.: The Platonic
    /// Representation Hypothesis, ICML 2024), in [0, 1].
    double common = 0;
    double jaccard = 0;          ///< mean of common / (2 k - common) as counts, in [0, 1]
    double chance = 0;           ///< what neighbours drawn at random have in common: k / (n - 1)
    std::vector<float> commonOf; ///< by example: the share
};
/// @param first, second [n, k] indices of each example's nearest others, each once, in any order
/// @throws Error InvalidArgument for lengths that differ or are no multiple of k, no examples
NeighbourOverlap neighbourOverlap(std::span<const uint32_t> first, std::span<const uint32_t> second,
                                  size_t k);

/// Moves points of a plane so that they lie as near as can be to those they stand for: turned, mirrored where
/// that is nearer, scaled and shifted alike (orthogonal Procrustes; scipy 1.17, spatial.procrustes).
/// @param x, y moved @param ontoX, ontoY where their partners lie, as many
/// @return disparity: what is left of the partners' squared distances from their mean, in [0, 1]
/// @throws Error InvalidArgument for lengths that differ, no points, NaN
double alignPlane(std::span<float> x, std::span<float> y, std::span<const float> ontoX,
                  std::span<const float> ontoY);

} // namespace diptych
