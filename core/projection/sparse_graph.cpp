// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/projection/sparse_graph.h"

#include <algorithm>

namespace diptych {
namespace {

struct Edge {
    uint32_t other;
    float weight;
};

/// The neighbours of a row and those rows that have it as their neighbour, each by number.
struct Directed {
    std::vector<size_t> start;
    std::vector<Edge> edges;
    std::span<const Edge> row(size_t i) const {
        return std::span(edges).subspan(start[i], start[i + 1] - start[i]);
    }
};

Directed reversed(const NeighbourTable& neighbours, std::span<const float> weights) {
    const size_t n = neighbours.rows();
    Directed out{std::vector<size_t>(n + 1), std::vector<Edge>(weights.size())};
    for (const uint32_t other : neighbours.index)
        ++out.start[other + 1];
    for (size_t i = 0; i < n; ++i)
        out.start[i + 1] += out.start[i];
    std::vector<size_t> next(out.start.begin(), out.start.end() - 1);
    for (size_t i = 0; i < n; ++i) // in order of i, so every row is sorted
        for (size_t j = 0; j < neighbours.k; ++j)
            out.edges[next[neighbours.indices(i)[j]]++] = {static_cast<uint32_t>(i),
                                                           weights[i * neighbours.k + j]};
    return out;
}

} // namespace

SparseGraph symmetricGraph(const NeighbourTable& neighbours, std::span<const float> weights,
                           float (*combine)(float there, float back)) {
    DIPTYCH_ASSERT(weights.size() == neighbours.index.size());
    const Directed back = reversed(neighbours, weights);
    SparseGraph graph;
    graph.start.push_back(0);
    std::vector<Edge> there(neighbours.k);
    for (size_t i = 0; i < neighbours.rows(); ++i) {
        for (size_t j = 0; j < neighbours.k; ++j)
            there[j] = {neighbours.indices(i)[j], weights[i * neighbours.k + j]};
        std::ranges::sort(there, {}, &Edge::other);
        auto a = there.begin();
        auto b = back.row(i).begin();
        const auto lastA = there.end();
        const auto lastB = back.row(i).end();
        while (a != lastA || b != lastB) {
            const uint32_t other =
                std::min(a != lastA ? a->other : UINT32_MAX, b != lastB ? b->other : UINT32_MAX);
            const float forth = a != lastA && a->other == other ? (a++)->weight : 0;
            const float reverse = b != lastB && b->other == other ? (b++)->weight : 0;
            const float weight = combine(forth, reverse);
            if (weight > 0) {
                graph.other.push_back(other);
                graph.weight.push_back(weight);
            }
        }
        graph.start.push_back(graph.other.size());
    }
    return graph;
}

} // namespace diptych
