// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/projection/spectral.h"

#include "core/base/parallel.h"
#include "core/base/random.h"
#include "core/projection/cross_products.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace diptych {
namespace {

using Vector = std::vector<double>;

constexpr size_t kMostSteps = 150;
/// The steps' vectors take no more than this.
constexpr size_t kMostBytes = size_t{512} << 20;
constexpr size_t kRowsPerTask = 512;

bool connected(const SparseGraph& graph) {
    std::vector<uint8_t> seen(graph.rows());
    std::vector<uint32_t> open{0};
    seen[0] = 1;
    size_t count = 1;
    while (!open.empty()) {
        const uint32_t i = open.back();
        open.pop_back();
        for (size_t e = graph.start[i]; e < graph.start[i + 1]; ++e)
            if (!seen[graph.other[e]]) {
                seen[graph.other[e]] = 1;
                ++count;
                open.push_back(graph.other[e]);
            }
    }
    return count == graph.rows();
}

double dot(const Vector& a, const Vector& b) {
    return std::inner_product(a.begin(), a.end(), b.begin(), 0.0);
}

void takeOut(Vector& vector, const Vector& direction) {
    const double share = dot(vector, direction);
    for (size_t i = 0; i < vector.size(); ++i)
        vector[i] -= share * direction[i];
}

/// @return its length before; 0 for one that is rounding alone
double scaleToOne(Vector& vector) {
    const double length = std::sqrt(dot(vector, vector));
    if (length < 1e-10)
        return 0;
    for (double& value : vector)
        value /= length;
    return length;
}

/// D^(-1/2) W D^(-1/2), whose largest eigenvalues are the Laplacian's smallest.
class NormalisedGraph {
public:
    explicit NormalisedGraph(const SparseGraph& graph) : m_graph(graph), m_scale(graph.rows()) {
        for (size_t i = 0; i < graph.rows(); ++i) {
            double degree = 0;
            for (size_t e = graph.start[i]; e < graph.start[i + 1]; ++e)
                degree += static_cast<double>(graph.weight[e]);
            m_scale[i] = 1 / std::sqrt(degree);
        }
    }
    /// The eigenvector of eigenvalue 1, which says nothing.
    Vector trivial() const {
        Vector out;
        for (const double scale : m_scale)
            out.push_back(1 / scale);
        scaleToOne(out);
        return out;
    }
    Vector times(const Vector& vector, unsigned threads) const {
        Vector out(vector.size());
        parallelFor((vector.size() + kRowsPerTask - 1) / kRowsPerTask, threads, [&](size_t task) {
            const size_t last = std::min(vector.size(), (task + 1) * kRowsPerTask);
            for (size_t i = task * kRowsPerTask; i < last; ++i) {
                double sum = 0;
                for (size_t e = m_graph.start[i]; e < m_graph.start[i + 1]; ++e)
                    sum += static_cast<double>(m_graph.weight[e]) * m_scale[m_graph.other[e]] *
                           vector[m_graph.other[e]];
                out[i] = sum * m_scale[i];
            }
        });
        return out;
    }

private:
    const SparseGraph& m_graph;
    Vector m_scale;
};

} // namespace

std::optional<Matrix> spectralLayout(const SparseGraph& graph, size_t count, const RunContext& context) {
    const size_t n = graph.rows();
    if (n < count + 2 || !connected(graph))
        return std::nullopt;
    const NormalisedGraph matrix(graph);
    const size_t most =
        std::min({kMostSteps, n - 1, std::max(count + 10, kMostBytes / (n * sizeof(double)))});
    std::vector<Vector> basis{matrix.trivial(), Vector(n)};
    Random random(context.seed);
    for (double& value : basis[1])
        value = random.uniform(-1, 1);
    takeOut(basis[1], basis[0]);
    scaleToOne(basis[1]);
    // The matrix in the basis of its Krylov vectors, every one made orthogonal to all before it.
    Vector diagonal, beside;
    context.begin("Starting from the graph's eigenvectors", static_cast<int64_t>(most));
    while (diagonal.size() < most) {
        context.throwIfCancelled();
        Vector next = matrix.times(basis.back(), context.threadCount());
        diagonal.push_back(dot(next, basis.back()));
        for (int pass = 0; pass < 2; ++pass)
            for (const Vector& before : basis)
                takeOut(next, before);
        context.advance();
        const double length = scaleToOne(next);
        if (length == 0 || diagonal.size() == most)
            break;
        beside.push_back(length);
        basis.push_back(std::move(next));
    }
    const size_t steps = diagonal.size();
    std::vector<double> small(steps * steps);
    for (size_t i = 0; i < steps; ++i) {
        small[i * steps + i] = diagonal[i];
        if (i + 1 < steps)
            small[i * steps + i + 1] = small[(i + 1) * steps + i] = beside[i];
    }
    context.end();
    if (steps < count)
        return std::nullopt;
    const Eigen eigen = largestEigenvectors(small, steps, count);
    Matrix out(n, count);
    for (size_t c = 0; c < count; ++c)
        for (size_t s = 0; s < steps; ++s)
            for (size_t i = 0; i < n; ++i)
                out(i, c) += static_cast<float>(eigen.vectors[c][s] * basis[s + 1][i]);
    return out;
}

} // namespace diptych
