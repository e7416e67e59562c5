// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/context.h"
#include "core/tensor/matrix.h"

#include <cstddef>
#include <vector>

namespace diptych {

/// The directions of most variance of a set of points (Pearson 1901; Hotelling 1933), computed in double from
/// the covariance matrix, or from the products of the points where there are fewer of them than dimensions.
struct Pca {
    std::vector<double> mean; ///< [d]
    std::vector<std::vector<double>>
        components;                    ///< [k][d] of length 1; the largest entry by size is positive
    std::vector<double> variance;      ///< [k] along each, divided by n - 1; falling
    std::vector<double> varianceRatio; ///< [k] its share of the variance of all dimensions, in [0, 1]

    /// Coordinates of the rows of @p points along the components: [m, k]. @pre points.cols() == mean.size()
    Matrix transform(const Matrix& points, unsigned threads) const;
};

/// The min(count, n, d) first components of @p features [n, d]. The variance of a single point is 0. Agrees
/// with scikit-learn's sklearn.decomposition.PCA(svd_solver="full") from version 1.5 on, the signs too.
/// @throws Error InvalidArgument (no rows, no columns, NaN), OutOfMemory; Cancelled
Pca fitPca(const Matrix& features, size_t count, const RunContext& context);

} // namespace diptych
