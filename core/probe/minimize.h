// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <span>
#include <vector>

namespace diptych {

/// When minimize() ends; the defaults are those of scikit-learn 1.9's LogisticRegression.
struct MinimizeOptions {
    int maxIterations = 1000;
    double tolerance = 1e-4; ///< ends once every |gradient component| is at most this
    /// ... or once (f_k - f_{k+1}) / max(|f_k|, |f_{k+1}|, 1) is at most this: 64 times the double epsilon.
    double relativeDecrease = 64 * 2.220446049250313e-16;
};

struct Minimum {
    std::vector<double> x;
    double value = 0;
    int iterations = 0;
    bool converged = false; ///< false: the iterations ran out, or the line search found no lower point
};

/// The function's value at @p x; writes its gradient. May throw: the search ends and the exception goes on.
using Objective = std::function<double(std::span<const double> x, std::span<double> gradient)>;

/// Unconstrained minimum by L-BFGS with ten corrections and More-Thuente line search, set up like SciPy's
/// L-BFGS-B, so that on the same function both walk nearly the same path from the same start.
/// @throws Error Internal, OutOfMemory; whatever the objective throws
Minimum minimize(const Objective& objective, std::vector<double> start, const MinimizeOptions& options);

} // namespace diptych
