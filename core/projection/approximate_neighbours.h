// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/projection/neighbour_table.h"

namespace diptych {

/// Up to so many rows neighbours are found exactly: every pair is compared, n² d multiplications.
inline constexpr size_t kMostExactNeighbourRows = 50'000;

/// Neighbours, and the share of the true ones among them: 1 where all pairs were compared.
struct FoundNeighbours {
    NeighbourTable table;
    double recall = 1;
};
/// nearestRows(), or approximateRows() with its recall measured where there are more than
/// kMostExactNeighbourRows.
FoundNeighbours findNeighbours(const Matrix& features, size_t k, const RunContext& context);

/// Most of what nearestRows() finds: rows are parted into about sqrt(n) groups by k-means, each is compared
/// with the rows of the groups nearest to it, and then with the neighbours of its neighbours (Sivic and
/// Zisserman 2003; Dong, Moses and Li 2011). The same for any number of threads.
/// @throws Error InvalidArgument for NaN or infinite features; Cancelled
NeighbourTable approximateRows(const Matrix& features, size_t k, const RunContext& context);

/// The share of the true neighbours that the table has, of @p sample rows drawn at random.
double neighbourRecall(const Matrix& features, const NeighbourTable& table, size_t sample,
                       const RunContext& context);

} // namespace diptych
