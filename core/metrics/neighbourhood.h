// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/context.h"
#include "core/tensor/matrix.h"

#include <cstdint>
#include <span>

namespace diptych {

/// How far a map is to be trusted: 1 less a penalty for every point that is among the k nearest in the map
/// but not in the features, by how far down it comes there: 1 - 2 / (n k (2n - 3k - 1)) sum over i, and j
/// near i in the map, of max(0, rank(i, j) - k) (Venna and Kaski: Neighborhood preservation in nonlinear
/// projection methods, ICANN 2001), as scikit-learn's sklearn.manifold.trustworthiness. rank is 1 for a
/// point's nearest by Euclidean distance in the features; among points as far away the one of lower index
/// comes first. In [0, 1].
/// @param features [n, d] @param mapNeighbours [n, k] indices of each point's nearest in the map
/// @throws Error InvalidArgument unless k < n / 2, for NaN, for lengths that differ; Cancelled
double trustworthiness(const Matrix& features, std::span<const uint32_t> mapNeighbours, size_t k,
                       const RunContext& context);

} // namespace diptych
