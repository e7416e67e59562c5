// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/context.h"
#include "core/tensor/matrix.h"

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace diptych {

/// The k nearest other rows of every row of a matrix.
struct NeighbourTable {
    size_t k = 0;                ///< neighbours of each row
    std::vector<uint32_t> index; ///< [n, k] nearest first, equal ones by index; a row is not its own
    std::vector<float> distance; ///< [n, k] Euclidean
    size_t rows() const { return k == 0 ? 0 : index.size() / k; }
    std::span<const uint32_t> indices(size_t row) const { return std::span(index).subspan(row * k, k); }
    std::span<const float> distances(size_t row) const { return std::span(distance).subspan(row * k, k); }
};

/// The min(k, n - 1) nearest rows of each row of @p features [n, d] by Euclidean distance, exactly: n² d
/// multiplications in float32 on centred rows, then the distances of those found in double. The result does
/// not depend on the number of threads.
/// @throws Error InvalidArgument for NaN or infinite features; Cancelled
NeighbourTable nearestRows(const Matrix& features, size_t k, const RunContext& context);

/// Of every point the share of its @p k nearest rows in @p neighbours that are among its k nearest in the
/// map, in [0, 1]: [n]. 1 for a point without neighbours.
/// @param positions [n, 2 or 3] @param neighbours of the same rows, with table.k >= min(k, n - 1)
std::vector<float> neighbourhoodPreservation(const NeighbourTable& neighbours, const Matrix& positions,
                                             size_t k, const RunContext& context);

} // namespace diptych
