// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/context.h"
#include "core/tensor/matrix.h"

#include <cstddef>
#include <memory>

namespace diptych {

/// What pushes the points of a t-SNE map apart, before it is divided by the normaliser: with
/// w = 1 / (1 + |y_i - y_j|²), of every point the sum of w² (y_i - y_j) over all others, and the sum of w
/// over all pairs of different points, each pair both ways. The results do not depend on the number of
/// threads.
class Repulsion {
public:
    virtual ~Repulsion() = default;
    /// @param positions [n, 2] @param forces [n, 2], overwritten. @return the normaliser
    virtual double compute(const Matrix& positions, Matrix& forces, unsigned threads) = 0;
};

/// Every pair: n² steps.
std::unique_ptr<Repulsion> exactRepulsion();
/// On a grid: the points' charges are spread by cubic B-splines, convolved with the kernel by Fourier
/// transforms and read off again, as in Linderman et al. (2019) but with splines, which need fewer nodes for
/// the same error: below 3 % of the largest force. n + m log m steps with four nodes for each unit of the
/// map's area.
std::unique_ptr<Repulsion> gridRepulsion();

} // namespace diptych
