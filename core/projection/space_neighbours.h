// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/projection/neighbour_table.h"

namespace diptych {

/// nearestRows() of positions in a few dimensions, exactly, by a k-d tree (Friedman, Bentley and Finkel
/// 1977): n log n steps where comparing every pair takes n².
NeighbourTable nearestInSpace(const Matrix& positions, size_t k, const RunContext& context);

} // namespace diptych
