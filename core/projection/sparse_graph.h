// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/projection/neighbour_table.h"

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace diptych {

/// A symmetric matrix [n, n] of which few entries are not zero: row i has columns other[start[i]] to
/// other[start[i + 1] - 1], rising.
struct SparseGraph {
    std::vector<size_t> start; ///< [n + 1]
    std::vector<uint32_t> other;
    std::vector<float> weight; ///< by entry
    size_t rows() const { return start.empty() ? 0 : start.size() - 1; }
};

/// From a weight [n, k] for each neighbour: the entry of a pair is combine(weight one way, weight the other
/// way), with 0 where one is not among the other's neighbours.
SparseGraph symmetricGraph(const NeighbourTable& neighbours, std::span<const float> weights,
                           float (*combine)(float there, float back));

} // namespace diptych
