// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/metrics/representation.h"

#include "core/metrics/check.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace diptych {
namespace {

/// Rows that one product takes: short enough for float32 sums, long enough to be quick.
constexpr size_t kChunk = 2048;
constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

std::vector<double> columnMeans(const Matrix& rows) {
    std::vector<double> means(rows.cols());
    for (size_t i = 0; i < rows.rows(); ++i)
        for (size_t j = 0; j < rows.cols(); ++j)
            means[j] += static_cast<double>(rows(i, j));
    for (double& mean : means)
        mean /= static_cast<double>(rows.rows());
    return means;
}

/// Centred rows of a chunk, transposed: [d, count].
Matrix centredChunk(const Matrix& rows, const std::vector<double>& means, size_t first, size_t count) {
    Matrix out(rows.cols(), count);
    for (size_t i = 0; i < count; ++i)
        for (size_t j = 0; j < rows.cols(); ++j)
            out(j, i) = static_cast<float>(static_cast<double>(rows(first + i, j)) - means[j]);
    return out;
}

void addProduct(std::vector<double>& sum, const Matrix& a, const Matrix& b, const RunContext& context) {
    const Matrix product = multiplyTransposed(a, b, context.threadCount());
    std::ranges::transform(sum, product.values(), sum.begin(),
                           [](double total, float value) { return total + static_cast<double>(value); });
}

double sumOfSquares(const std::vector<double>& values) {
    return std::inner_product(values.begin(), values.end(), values.begin(), 0.0);
}

/// What HSIC of two centred spaces is made of besides ||XᵀY||²: by example the squared length of its row in
/// each. The Gram matrix of centred rows has row sums of 0, so that without its diagonal they are its
/// negative.
double unbiasedHsic(double squaredProduct, const std::vector<double>& first,
                    const std::vector<double>& second) {
    const auto n = static_cast<double>(first.size());
    const double both = std::inner_product(first.begin(), first.end(), second.begin(), 0.0);
    const double sums =
        std::accumulate(first.begin(), first.end(), 0.0) * std::accumulate(second.begin(), second.end(), 0.0);
    return (squaredProduct - both + sums / ((n - 1) * (n - 2)) - 2 / (n - 2) * both) / (n * (n - 3));
}

double alignment(double both, double first, double second) {
    return first > 0 && second > 0 ? both / std::sqrt(first * second) : kNaN;
}

void addLengths(std::vector<double>& lengths, const Matrix& chunk, size_t first) {
    for (size_t j = 0; j < chunk.rows(); ++j)
        for (size_t i = 0; i < chunk.cols(); ++i)
            lengths[first + i] += static_cast<double>(chunk(j, i)) * static_cast<double>(chunk(j, i));
}

} // namespace

Cka linearCka(const Matrix& first, const Matrix& second, const RunContext& context) {
    const size_t n = first.rows();
    requireSameLength(n, "rows of the first space", second.rows(), "of the second");
    requireNotEmpty(n, "examples");
    requireFinite(first, "First space");
    requireFinite(second, "Second space");
    const std::vector<double> means1 = columnMeans(first), means2 = columnMeans(second);
    std::vector<double> xy(first.cols() * second.cols()), xx(first.cols() * first.cols()),
        yy(second.cols() * second.cols()), lengths1(n), lengths2(n);
    context.begin("Comparing spaces", static_cast<int64_t>(n));
    for (size_t start = 0; start < n; start += kChunk) {
        context.throwIfCancelled();
        const size_t count = std::min(kChunk, n - start);
        const Matrix x = centredChunk(first, means1, start, count),
                     y = centredChunk(second, means2, start, count);
        addProduct(xy, x, y, context);
        addProduct(xx, x, x, context);
        addProduct(yy, y, y, context);
        addLengths(lengths1, x, start);
        addLengths(lengths2, y, start);
        context.advance(static_cast<int64_t>(count));
    }
    context.end();
    const double both = sumOfSquares(xy), one = sumOfSquares(xx), other = sumOfSquares(yy);
    Cka out{kNaN, alignment(both, one, other), n};
    if (n >= 4)
        out.debiased =
            alignment(unbiasedHsic(both, lengths1, lengths2), unbiasedHsic(one, lengths1, lengths1),
                      unbiasedHsic(other, lengths2, lengths2));
    return out;
}

NeighbourOverlap neighbourOverlap(std::span<const uint32_t> first, std::span<const uint32_t> second,
                                  size_t k) {
    requireSameLength(first.size(), "neighbours in the first space", second.size(), "in the second");
    requireNotEmpty(first.size(), "neighbours");
    if (k == 0 || first.size() % k != 0)
        throw Error(ErrorCode::InvalidArgument,
                    fmt::format("{} neighbours are no whole number of lists of {}", first.size(), k));
    NeighbourOverlap out;
    out.k = k;
    out.n = first.size() / k;
    std::vector<uint32_t> a, b, common;
    for (size_t i = 0; i < out.n; ++i) {
        const auto ofFirst = first.subspan(i * k, k), ofSecond = second.subspan(i * k, k);
        a.assign(ofFirst.begin(), ofFirst.end());
        b.assign(ofSecond.begin(), ofSecond.end());
        std::ranges::sort(a);
        std::ranges::sort(b);
        common.clear();
        std::ranges::set_intersection(a, b, std::back_inserter(common));
        const auto shared = static_cast<double>(common.size()), all = static_cast<double>(k);
        out.commonOf.push_back(static_cast<float>(shared / all));
        out.common += shared / all;
        out.jaccard += shared / (2 * all - shared);
    }
    out.common /= static_cast<double>(out.n);
    out.jaccard /= static_cast<double>(out.n);
    out.chance = out.n > 1 ? std::min(1.0, static_cast<double>(k) / static_cast<double>(out.n - 1)) : 1;
    return out;
}

double alignPlane(std::span<float> x, std::span<float> y, std::span<const float> ontoX,
                  std::span<const float> ontoY) {
    requireSameLength(x.size(), "x", y.size(), "y");
    requireSameLength(x.size(), "points", ontoX.size(), "partners (x)");
    requireSameLength(x.size(), "points", ontoY.size(), "partners (y)");
    requireNotEmpty(x.size(), "points");
    for (const std::span<const float> values :
         {std::span<const float>(x), std::span<const float>(y), ontoX, ontoY})
        requireFinite(values, "Place");
    const auto mean = [](std::span<const float> values) {
        return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
    };
    const double mx = mean(x), my = mean(y), ox = mean(ontoX), oy = mean(ontoY);
    // Of centred points p and partners q: what q·p, q×p and their mirrored counterparts add up to.
    double dot = 0, cross = 0, mirroredDot = 0, mirroredCross = 0, size = 0, partners = 0;
    for (size_t i = 0; i < x.size(); ++i) {
        const double px = static_cast<double>(x[i]) - mx, py = static_cast<double>(y[i]) - my;
        const double qx = static_cast<double>(ontoX[i]) - ox, qy = static_cast<double>(ontoY[i]) - oy;
        dot += qx * px + qy * py;
        cross += qy * px - qx * py;
        mirroredDot += qx * px - qy * py;
        mirroredCross += qy * px + qx * py;
        size += px * px + py * py;
        partners += qx * qx + qy * qy;
    }
    const bool mirrored = std::hypot(mirroredDot, mirroredCross) > std::hypot(dot, cross);
    const double c = mirrored ? mirroredDot : dot, s = mirrored ? mirroredCross : cross;
    const double scale = size > 0 ? 1 / size : 0; // times the rotation's length, which is |(c, s)|
    for (size_t i = 0; i < x.size(); ++i) {
        const double px = static_cast<double>(x[i]) - mx;
        const double py = (static_cast<double>(y[i]) - my) * (mirrored ? -1 : 1);
        x[i] = static_cast<float>(ox + scale * (c * px - s * py));
        y[i] = static_cast<float>(oy + scale * (s * px + c * py));
    }
    if (size <= 0 || partners <= 0)
        return 1;
    return std::clamp(1 - (c * c + s * s) / (size * partners), 0.0, 1.0);
}

} // namespace diptych
