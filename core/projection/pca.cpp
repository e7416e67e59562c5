// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/projection/pca.h"

#include "core/base/parallel.h"
#include "core/metrics/check.h"
#include "core/projection/cross_products.h"

#include <algorithm>
#include <cmath>
#include <span>

namespace diptych {
namespace {

constexpr size_t kRowsPerTask = 256;
/// Eigenvalues below this share of the largest are rounding, and so would be the directions made from them.
constexpr double kNoVariance = 1e-12;

std::vector<double> columnMeans(const Matrix& features) {
    std::vector<double> mean(features.cols());
    for (size_t i = 0; i < features.rows(); ++i)
        for (size_t j = 0; j < mean.size(); ++j)
            mean[j] += static_cast<double>(features(i, j));
    for (double& value : mean)
        value /= static_cast<double>(features.rows());
    return mean;
}

double totalVariance(const Matrix& features, std::span<const double> mean) {
    double sum = 0;
    for (size_t i = 0; i < features.rows(); ++i)
        for (size_t j = 0; j < mean.size(); ++j) {
            const double value = static_cast<double>(features(i, j)) - mean[j];
            sum += value * value;
        }
    return sum;
}

Eigen eigenOfCovariance(const Matrix& features, std::span<const double> mean, size_t count,
                        const RunContext& context) {
    const auto fillRow = [&](size_t i, std::span<double> values) {
        for (size_t j = 0; j < values.size(); ++j)
            values[j] = static_cast<double>(features(i, j)) - mean[j];
    };
    const auto products = crossProducts(features.rows(), features.cols(), fillRow, context);
    return largestEigenvectors(products, features.cols(), count);
}

/// From the products of the points with each other, [n, n]: its eigenvectors u give the components Xᵀu.
Eigen eigenOfPoints(const Matrix& features, std::span<const double> mean, size_t count,
                    const RunContext& context) {
    const size_t n = features.rows(), d = features.cols();
    const auto fillColumn = [&](size_t j, std::span<double> values) {
        for (size_t i = 0; i < n; ++i)
            values[i] = static_cast<double>(features(i, j)) - mean[j];
    };
    Eigen points = largestEigenvectors(crossProducts(d, n, fillColumn, context), n, count);
    const double smallest = points.values.front() * kNoVariance;
    for (size_t c = 0; c < points.vectors.size(); ++c) {
        auto& vector = points.vectors[c];
        std::vector<double> component(d);
        for (size_t i = 0; i < n && points.values[c] > smallest; ++i)
            for (size_t j = 0; j < d; ++j)
                component[j] += vector[i] * (static_cast<double>(features(i, j)) - mean[j]);
        vector = std::move(component);
    }
    return points;
}

/// Length 1, and the sign by the largest entry, as scikit-learn's svd_flip().
void normalise(std::vector<double>& component) {
    double square = 0;
    size_t largest = 0;
    for (size_t j = 0; j < component.size(); ++j) {
        square += component[j] * component[j];
        if (std::abs(component[j]) > std::abs(component[largest]))
            largest = j;
    }
    if (square == 0)
        return;
    const double scale = (component[largest] < 0 ? -1 : 1) / std::sqrt(square);
    for (double& value : component)
        value *= scale;
}

} // namespace

Matrix Pca::transform(const Matrix& points, unsigned threads) const {
    DIPTYCH_ASSERT(points.cols() == mean.size());
    Matrix out(points.rows(), components.size());
    parallelFor((points.rows() + kRowsPerTask - 1) / kRowsPerTask, threads, [&](size_t task) {
        const size_t last = std::min(points.rows(), (task + 1) * kRowsPerTask);
        for (size_t i = task * kRowsPerTask; i < last; ++i)
            for (size_t c = 0; c < components.size(); ++c) {
                double sum = 0;
                for (size_t j = 0; j < mean.size(); ++j)
                    sum += (static_cast<double>(points(i, j)) - mean[j]) * components[c][j];
                out(i, c) = static_cast<float>(sum);
            }
    });
    return out;
}

Pca fitPca(const Matrix& features, size_t count, const RunContext& context) {
    requireNotEmpty(features.rows(), "points");
    requireNotEmpty(features.cols(), "feature columns");
    requireFinite(features, "Features");
    const size_t n = features.rows(), d = features.cols();
    count = std::min({count, n, d});
    context.begin("Computing the principal components", 0);
    Pca pca;
    pca.mean = columnMeans(features);
    Eigen eigen = d <= n ? eigenOfCovariance(features, pca.mean, count, context)
                         : eigenOfPoints(features, pca.mean, count, context);
    const double total = totalVariance(features, pca.mean);
    for (size_t c = 0; c < count; ++c) {
        const double value = std::max(0.0, eigen.values[c]);
        pca.variance.push_back(n > 1 ? value / static_cast<double>(n - 1) : 0);
        pca.varianceRatio.push_back(total > 0 ? value / total : 0);
        normalise(eigen.vectors[c]);
        pca.components.push_back(std::move(eigen.vectors[c]));
    }
    context.throwIfCancelled();
    context.end();
    return pca;
}

} // namespace diptych
