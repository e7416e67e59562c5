// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/probe/neighbours.h"

#include "core/base/parallel.h"
#include "core/metrics/check.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>

namespace diptych {

namespace {

constexpr size_t kChunkBytes = size_t{64} << 20;

bool nearer(const Neighbour& a, const Neighbour& b) {
    return a.similarity > b.similarity || (a.similarity == b.similarity && a.index < b.index);
}

std::vector<float> inverseNorms(const Matrix& matrix) {
    std::vector<float> inverse(matrix.rows());
    for (size_t i = 0; i < matrix.rows(); ++i) {
        double square = 0;
        for (const float value : matrix.row(i))
            square += static_cast<double>(value) * static_cast<double>(value);
        inverse[i] = square > 0 ? static_cast<float>(1 / std::sqrt(square)) : 0;
    }
    return inverse;
}

/// A heap of the k best with the worst in front, then sorted: O(m + k log k) for most rows.
std::vector<Neighbour> bestOf(std::span<const float> products, std::span<const float> scales, size_t k) {
    std::vector<Neighbour> heap;
    heap.reserve(k);
    for (size_t j = 0; j < products.size(); ++j) {
        const Neighbour candidate{static_cast<uint32_t>(j), products[j] * scales[j]};
        if (heap.size() < k) {
            heap.push_back(candidate);
            std::ranges::push_heap(heap, nearer);
        } else if (nearer(candidate, heap.front())) {
            std::ranges::pop_heap(heap, nearer);
            heap.back() = candidate;
            std::ranges::push_heap(heap, nearer);
        }
    }
    std::ranges::sort(heap, nearer);
    return heap;
}

} // namespace

std::vector<std::vector<Neighbour>> nearestNeighbours(const Matrix& queries, const Matrix& candidates,
                                                      size_t k, const RunContext& context) {
    requireNotEmpty(candidates.rows(), "examples to compare with");
    requireNotEmpty(k, "neighbours to find");
    requireSameLength(queries.cols(), "feature columns", candidates.cols(),
                      "in the examples to compare with");
    requireFinite(queries, "Features");
    requireFinite(candidates, "Features");
    const std::vector<float> queryScales = inverseNorms(queries), scales = inverseNorms(candidates);
    std::vector<std::vector<Neighbour>> neighbours(queries.rows());
    const size_t rowBytes = (candidates.rows() + queries.cols()) * sizeof(float);
    const size_t chunk = std::max<size_t>(1, kChunkBytes / rowBytes);
    context.begin("Comparing", static_cast<int64_t>(queries.rows()));
    for (size_t first = 0; first < queries.rows(); first += chunk) {
        context.throwIfCancelled();
        const size_t count = std::min(chunk, queries.rows() - first);
        Matrix part(count, queries.cols());
        for (size_t i = 0; i < count; ++i)
            std::ranges::transform(queries.row(first + i), part.row(i).begin(),
                                   [&](float value) { return value * queryScales[first + i]; });
        const Matrix products = multiplyTransposed(part, candidates, context.threadCount());
        parallelFor(count, context.threadCount(), [&](size_t i) {
            neighbours[first + i] = bestOf(products.row(i), scales, std::min(k, candidates.rows()));
        });
        context.advance(static_cast<int64_t>(count));
    }
    context.end();
    return neighbours;
}

std::vector<std::vector<LabelShare>> knnShares(std::span<const std::vector<Neighbour>> neighbours,
                                               std::span<const int> labels, const KnnOptions& options) {
    if (!(options.temperature > 0))
        throw Error(ErrorCode::InvalidArgument,
                    fmt::format("The temperature is {}; it must be positive", options.temperature));
    requireNotEmpty(options.k, "neighbours to ask");
    std::vector<std::vector<LabelShare>> all;
    all.reserve(neighbours.size());
    for (const std::vector<Neighbour>& found : neighbours) {
        requireNotEmpty(found.size(), "neighbours");
        std::map<int, double> votes;
        double total = 0;
        for (size_t j = 0; j < std::min(options.k, found.size()); ++j) {
            // Less the largest similarity, which only scales all votes alike, so that nothing overflows.
            const double closeness = static_cast<double>(found[j].similarity) - found[0].similarity;
            const double vote =
                options.vote == KnnVote::Majority ? 1 : std::exp(closeness / options.temperature);
            votes[labels[found[j].index]] += vote;
            total += vote;
        }
        std::vector<LabelShare>& shares = all.emplace_back();
        for (const auto& [label, vote] : votes)
            shares.push_back({label, vote / total});
        std::ranges::stable_sort(shares, std::greater(), &LabelShare::share);
    }
    return all;
}

std::vector<int> knnVote(std::span<const std::vector<Neighbour>> neighbours, std::span<const int> labels,
                         const KnnOptions& options) {
    std::vector<int> predictions;
    predictions.reserve(neighbours.size());
    for (const auto& shares : knnShares(neighbours, labels, options))
        predictions.push_back(shares.front().label);
    return predictions;
}

std::vector<NearDuplicate> findNearDuplicates(const Matrix& trainFeatures, const Matrix& testFeatures,
                                              double threshold, const RunContext& context) {
    std::vector<NearDuplicate> found;
    const auto nearest = nearestNeighbours(testFeatures, trainFeatures, 1, context);
    for (size_t i = 0; i < nearest.size(); ++i)
        if (static_cast<double>(nearest[i][0].similarity) >= threshold)
            found.push_back({i, nearest[i][0].index, nearest[i][0].similarity});
    return found;
}

} // namespace diptych
