// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/context.h"
#include "core/tensor/matrix.h"

#include <vector>

namespace diptych {

/// How near each row lies to its neighbours: the mean cosine with its min(k, n - 1) most similar other rows,
/// exactly. The lowest are the most unusual. [n]; 1 where there is no other row.
/// @param rows [n, d], each of length 1
/// @throws Error InvalidArgument: k of 0, NaN; Cancelled
std::vector<double> neighbourSimilarity(const Matrix& rows, size_t k, const RunContext& context);

} // namespace diptych
