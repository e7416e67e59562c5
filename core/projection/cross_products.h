// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/context.h"
#include "core/tensor/matrix.h"

#include <functional>
#include <span>
#include <vector>

namespace diptych {

/// XᵀX in double, [c, c], of a matrix X [r, c] whose rows @p fillRow writes one at a time, from any thread.
/// The sums run in one order whatever the number of threads. @throws Cancelled
std::vector<double> crossProducts(size_t rows, size_t columns,
                                  const std::function<void(size_t row, std::span<double> values)>& fillRow,
                                  const RunContext& context);

/// Eigenvalues, falling, and their eigenvectors (of length 1, in that order) of a symmetric matrix [n, n].
struct Eigen {
    std::vector<double> values;
    std::vector<std::vector<double>> vectors;
};
/// The @p count largest. @throws Error OutOfMemory, Internal
Eigen largestEigenvectors(std::span<const double> symmetric, size_t n, size_t count);

} // namespace diptych
