// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/context.h"
#include "core/probe/neighbours.h"
#include "core/tensor/matrix.h"

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace diptych {

/// How the rows nearest to a query are found: by comparing all, or by walking a graph of neighbours (Malkov
/// and Yashunin 2018), which looks at a few thousand of them and may miss some.
enum class SearchMethod { Exact, Hnsw };
/// "exact", "hnsw"
std::string searchMethodName(SearchMethod method);

/// Up to so many rows all are compared: a tenth of a second at 512 dimensions. Beyond, a graph pays.
inline constexpr size_t kMostExactRows = 200'000;

/// Finds the rows of a matrix most similar to a query by cosine. Thread-safe.
class VectorIndex {
public:
    virtual ~VectorIndex() = default;
    virtual SearchMethod method() const = 0;
    /// The min(k, rows) nearest rows, best first, equal ones by row. @param query [d], of length 1
    /// @throws Error InvalidArgument: another width, NaN, k of 0
    virtual std::vector<Neighbour> nearest(std::span<const float> query, size_t k) const = 0;
    /// Share of the 10 nearest that nearest() finds, in [0, 1]: 1 where all rows are compared, else measured
    /// on a sample of queries: rows of the matrix, and differences of two, which lie off the data as texts
    /// do.
    virtual double recallAt10() const = 0;
};

/// Compares all rows. @param rows [n, d], each of length 1; outlives the index
/// @throws Error InvalidArgument: no rows, NaN
std::unique_ptr<VectorIndex> exactIndex(const Matrix& rows, unsigned threads = 0);

/// What a graph is built with. The names of the paper are M, efConstruction and ef.
struct HnswOptions {
    size_t links = 16;            ///< to neighbours of a row; twice as many in the lowest layer
    size_t candidates = 200;      ///< looked at for the links of a row
    double wantedRecall = 0.98;   ///< at 10: a query looks at as many candidates as this takes on the sample,
    size_t mostCandidates = 4096; ///< but at no more than these
    size_t sample = 200;          ///< queries that recall is measured on
};

/// Builds a graph over the rows on the threads of @p context, which takes a minute for some 100,000; the rows
/// are not copied. Which rows it links depends on the order in which threads come to them.
/// @param rows as for exactIndex()
/// @throws Error InvalidArgument, OutOfMemory; Cancelled
std::unique_ptr<VectorIndex> buildHnswIndex(const Matrix& rows, const HnswOptions& options,
                                            const RunContext& context);

/// Cosine of every row with the query, in [-1, 1]: [n]. One pass over the rows, on @p threads threads.
/// @param rows [n, d] @param query [d]; all of length 1
std::vector<float> cosinesOf(const Matrix& rows, std::span<const float> query, unsigned threads = 0);
/// The min(k, n) largest, best first, equal ones by index.
std::vector<Neighbour> largest(std::span<const float> cosines, size_t k);

} // namespace diptych
