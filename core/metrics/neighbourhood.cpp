// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/metrics/neighbourhood.h"

#include "core/base/parallel.h"
#include "core/metrics/check.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

namespace diptych {
namespace {

constexpr size_t kChunkBytes = size_t{64} << 20;

/// Sum of max(0, rank - k) over one point's neighbours in the map.
uint64_t penalty(size_t row, std::span<const float> products, std::span<const double> squares,
                 std::span<const uint32_t> neighbours) {
    const auto distance = [&](size_t j) { return squares[j] - 2 * static_cast<double>(products[j]); };
    uint64_t sum = 0;
    for (const uint32_t neighbour : neighbours) {
        const double limit = distance(neighbour);
        size_t rank = 1;
        for (size_t j = 0; j < products.size(); ++j)
            rank += j != row && (distance(j) < limit || (distance(j) == limit && j < neighbour));
        sum += rank > neighbours.size() ? rank - neighbours.size() : 0;
    }
    return sum;
}

} // namespace

double trustworthiness(const Matrix& features, std::span<const uint32_t> mapNeighbours, size_t k,
                       const RunContext& context) {
    const size_t n = features.rows();
    requireFinite(features, "Features");
    requireSameLength(n * k, "neighbours by the features' rows", mapNeighbours.size(),
                      "neighbours in the map");
    if (k == 0 || 2 * k >= n)
        throw Error(ErrorCode::InvalidArgument,
                    fmt::format("Trustworthiness over {} neighbours needs more than {} points; there are {}",
                                k, 2 * k, n));
    std::vector<double> squares(n);
    for (size_t i = 0; i < n; ++i)
        for (const float value : features.row(i))
            squares[i] += static_cast<double>(value) * static_cast<double>(value);
    const size_t chunk = std::max<size_t>(1, kChunkBytes / ((n + features.cols()) * sizeof(float)));
    std::vector<uint64_t> penalties(n);
    context.begin("Comparing neighbourhoods", static_cast<int64_t>(n));
    for (size_t first = 0; first < n; first += chunk) {
        context.throwIfCancelled();
        const size_t count = std::min(chunk, n - first);
        const auto rows = features.values().subspan(first * features.cols(), count * features.cols());
        const Matrix products = multiplyTransposed({count, features.cols(), {rows.begin(), rows.end()}},
                                                   features, context.threadCount());
        parallelFor(count, context.threadCount(), [&](size_t i) {
            penalties[first + i] =
                penalty(first + i, products.row(i), squares, mapNeighbours.subspan((first + i) * k, k));
        });
        context.advance(static_cast<int64_t>(count));
    }
    context.end();
    uint64_t total = 0;
    for (const uint64_t one : penalties)
        total += one;
    const auto points = static_cast<double>(n), near = static_cast<double>(k);
    return 1 - 2 * static_cast<double>(total) / (points * near * (2 * points - 3 * near - 1));
}

} // namespace diptych
