// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/parallel.h"
#include "core/base/random.h"
#include "core/metrics/check.h"
#include "core/search/vector_index.h"
#include "core/tensor/dot_product.h"

#include <hnswlib/hnswlib.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstring>
#include <numeric>

namespace diptych {
namespace {

constexpr size_t kRowsPerTask = 256;
constexpr size_t kRecallAt = 10;
constexpr size_t kFirstCandidates = 64;

/// The graph holds pointers to rows, not their numbers: embeddings of a million images are in memory once.
class RowSpace : public hnswlib::SpaceInterface<float> {
public:
    explicit RowSpace(size_t dimension) : m_dimension(dimension), m_dot(dotProduct()) {}
    size_t get_data_size() override { return sizeof(const float*); }
    hnswlib::DISTFUNC<float> get_dist_func() override { return distance; }
    void* get_dist_func_param() override { return this; }

private:
    static float distance(const void* a, const void* b, const void* parameter) {
        const auto* space = static_cast<const RowSpace*>(parameter);
        return 1 - space->m_dot(rowAt(a), rowAt(b), space->m_dimension);
    }
    /// hnswlib packs its elements: a pointer may lie at any multiple of four bytes.
    static const float* rowAt(const void* element) {
        const float* row = nullptr;
        std::memcpy(&row, element, sizeof(row));
        return row;
    }

    const size_t m_dimension;
    const DotProduct m_dot;
};

/// Queries that a search may be asked: every other one a row, the rest differences of two.
Matrix sampleQueries(const Matrix& rows, size_t count, uint64_t seed) {
    Random random(seed);
    Matrix queries(count, rows.cols());
    for (size_t i = 0; i < count; ++i) {
        std::ranges::copy(rows.row(random.below(rows.rows())), queries.row(i).begin());
        if (i % 2 == 0)
            continue;
        const auto less = rows.row(random.below(rows.rows()));
        for (size_t j = 0; j < less.size(); ++j)
            queries(i, j) -= less[j];
    }
    normalizeRows(queries);
    return queries;
}

class HnswIndex : public VectorIndex {
public:
    HnswIndex(const Matrix& rows, const HnswOptions& options, const RunContext& context)
        : m_rows(rows),
          m_space(rows.cols()),
          m_graph(&m_space, rows.rows(), options.links, options.candidates, context.seed + 1) {
        addRows(context);
        measure(options, context);
    }
    SearchMethod method() const override { return SearchMethod::Hnsw; }
    double recallAt10() const override { return m_recall; }

    std::vector<Neighbour> nearest(std::span<const float> query, size_t k) const override {
        requireNotEmpty(k, "neighbours to find");
        requireSameLength(query.size(), "numbers of the query", m_rows.cols(), "of an embedding");
        requireFinite(query, "The query");
        const float* numbers = query.data();
        auto queue = m_graph.searchKnn(&numbers, std::min(k, m_rows.rows()));
        std::vector<Neighbour> found;
        for (; !queue.empty(); queue.pop())
            found.push_back(
                {static_cast<uint32_t>(queue.top().second), std::clamp(1 - queue.top().first, -1.0F, 1.0F)});
        std::ranges::sort(found, [](const Neighbour& a, const Neighbour& b) {
            return a.similarity > b.similarity || (a.similarity == b.similarity && a.index < b.index);
        });
        return found;
    }

private:
    void add(size_t row) {
        const float* numbers = m_rows.row(row).data();
        m_graph.addPoint(&numbers, row);
    }

    void addRows(const RunContext& context) {
        context.begin("Building the search index", static_cast<int64_t>(m_rows.rows()));
        add(0); // an entry for the threads to begin at
        parallelFor((m_rows.rows() + kRowsPerTask - 1) / kRowsPerTask, context.threadCount(),
                    [&](size_t task) {
                        const size_t last = std::min(m_rows.rows(), (task + 1) * kRowsPerTask);
                        for (size_t i = std::max<size_t>(1, task * kRowsPerTask); i < last; ++i)
                            add(i);
                        context.advance(static_cast<int64_t>(last - task * kRowsPerTask));
                    },
                    context.stop);
        context.throwIfCancelled();
        context.end();
    }

    /// As many candidates a query as the recall wanted takes.
    void measure(const HnswOptions& options, const RunContext& context) {
        const Matrix queries = sampleQueries(m_rows, options.sample, context.seed + 2);
        const auto exact = nearestNeighbours(queries, m_rows, kRecallAt, context);
        for (size_t candidates = kFirstCandidates;; candidates *= 2) {
            m_graph.setEf(candidates);
            m_recall = recall(queries, exact, context);
            if (m_recall >= options.wantedRecall || candidates >= options.mostCandidates)
                return;
        }
    }

    double recall(const Matrix& queries, const std::vector<std::vector<Neighbour>>& exact,
                  const RunContext& context) const {
        std::atomic<size_t> found = 0, wanted = 0;
        parallelFor(
            queries.rows(), context.threadCount(),
            [&](size_t i) {
                const auto there = nearest(queries.row(i), kRecallAt);
                for (const Neighbour& one : exact[i])
                    found += std::ranges::count(there, one.index, &Neighbour::index) > 0;
                wanted += exact[i].size();
            },
            context.stop);
        context.throwIfCancelled();
        return static_cast<double>(found) / static_cast<double>(wanted);
    }

    const Matrix& m_rows;
    RowSpace m_space;
    hnswlib::HierarchicalNSW<float> m_graph;
    double m_recall = 0;
};

} // namespace

std::unique_ptr<VectorIndex> buildHnswIndex(const Matrix& rows, const HnswOptions& options,
                                            const RunContext& context) {
    requireNotEmpty(rows.rows(), "images to search");
    requireFinite(rows, "Embeddings");
    try {
        return std::make_unique<HnswIndex>(rows, options, context);
    } catch (const Error&) {
        throw;
    } catch (const std::bad_alloc&) {
        throw Error(ErrorCode::OutOfMemory, "Not enough memory for the search index");
    } catch (const std::runtime_error& error) { // the library's, where it cannot have memory
        throw Error(ErrorCode::OutOfMemory,
                    std::string("The search index could not be built: ") + error.what());
    }
}

} // namespace diptych
