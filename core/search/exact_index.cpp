// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/parallel.h"
#include "core/metrics/check.h"
#include "core/search/vector_index.h"
#include "core/tensor/dot_product.h"

#include <algorithm>
#include <thread>

namespace diptych {
namespace {

constexpr size_t kRowsPerTask = 4096;
/// Products below which threads cost more than they bring.
constexpr size_t kFewProducts = size_t{1} << 20;

class ExactIndex : public VectorIndex {
public:
    ExactIndex(const Matrix& rows, unsigned threads) : m_rows(rows), m_threads(threads) {
        requireNotEmpty(rows.rows(), "images to search");
        requireFinite(rows, "Embeddings");
    }
    SearchMethod method() const override { return SearchMethod::Exact; }
    double recallAt10() const override { return 1; }
    std::vector<Neighbour> nearest(std::span<const float> query, size_t k) const override {
        requireNotEmpty(k, "neighbours to find");
        requireSameLength(query.size(), "numbers of the query", m_rows.cols(), "of an embedding");
        requireFinite(query, "The query");
        return largest(cosinesOf(m_rows, query, m_threads), k);
    }

private:
    const Matrix& m_rows;
    const unsigned m_threads;
};

} // namespace

std::string searchMethodName(SearchMethod method) {
    return method == SearchMethod::Exact ? "exact" : "hnsw";
}

std::unique_ptr<VectorIndex> exactIndex(const Matrix& rows, unsigned threads) {
    return std::make_unique<ExactIndex>(rows, threads);
}

std::vector<float> cosinesOf(const Matrix& rows, std::span<const float> query, unsigned threads) {
    const DotProduct dot = dotProduct();
    std::vector<float> cosines(rows.rows());
    if (threads == 0)
        threads = std::max(1u, std::thread::hardware_concurrency());
    if (rows.values().size() < kFewProducts)
        threads = 1;
    parallelFor((rows.rows() + kRowsPerTask - 1) / kRowsPerTask, threads, [&](size_t task) {
        const size_t last = std::min(rows.rows(), (task + 1) * kRowsPerTask);
        for (size_t i = task * kRowsPerTask; i < last; ++i)
            cosines[i] = std::clamp(dot(rows.row(i).data(), query.data(), query.size()), -1.0F, 1.0F);
    });
    return cosines;
}

std::vector<Neighbour> largest(std::span<const float> cosines, size_t k) {
    std::vector<Neighbour> found(cosines.size());
    for (size_t i = 0; i < cosines.size(); ++i)
        found[i] = {static_cast<uint32_t>(i), cosines[i]};
    const auto nearer = [](const Neighbour& a, const Neighbour& b) {
        return a.similarity > b.similarity || (a.similarity == b.similarity && a.index < b.index);
    };
    k = std::min(k, found.size());
    std::ranges::partial_sort(found, found.begin() + static_cast<std::ptrdiff_t>(k), nearer);
    found.resize(k);
    return found;
}

} // namespace diptych
