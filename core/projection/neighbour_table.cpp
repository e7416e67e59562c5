// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/projection/neighbour_table.h"

#include "core/base/parallel.h"
#include "core/metrics/check.h"
#include "core/projection/nearest_heap.h"
#include "core/projection/space_neighbours.h"

#include <algorithm>
#include <cmath>

namespace diptych {
namespace {

constexpr size_t kBlockRows = 1024;
constexpr size_t kRowsPerTask = 128;

/// Every pair of blocks once: the product of two serves the rows of both.
class Search {
public:
    Search(const Matrix& features, size_t k, const RunContext& context)
        : m_features(features),
          m_rows(centredRows(features)),
          m_k(k),
          m_context(context),
          m_best(features.rows()) {
        for (size_t i = 0; i < m_rows.rows(); ++i) {
            double square = 0;
            for (const float value : m_rows.row(i))
                square += static_cast<double>(value) * static_cast<double>(value);
            m_squares.push_back(static_cast<float>(square));
        }
    }

    void run() {
        const size_t blocks = (m_rows.rows() + kBlockRows - 1) / kBlockRows;
        m_context.begin("Finding neighbours", static_cast<int64_t>(blocks * (blocks + 1) / 2));
        for (size_t a = 0; a < blocks; ++a) {
            const Matrix rows = block(a);
            for (size_t b = a; b < blocks; ++b) {
                m_context.throwIfCancelled();
                compare(a, rows, b);
                m_context.advance();
            }
        }
        m_context.end();
    }

    NeighbourTable table() {
        NeighbourTable out;
        out.k = m_k;
        out.index.resize(m_rows.rows() * m_k);
        out.distance.resize(out.index.size());
        parallelFor((m_rows.rows() + kRowsPerTask - 1) / kRowsPerTask, m_context.threadCount(),
                    [&](size_t task) {
                        const size_t last = std::min(m_rows.rows(), (task + 1) * kRowsPerTask);
                        for (size_t i = task * kRowsPerTask; i < last; ++i)
                            writeNeighbours(m_features, i, m_best[i].all(), out);
                    },
                    m_context.stop);
        m_context.throwIfCancelled();
        return out;
    }

private:
    Matrix block(size_t number) const {
        const size_t first = number * kBlockRows, count = std::min(kBlockRows, m_rows.rows() - first);
        const auto values = m_rows.values().subspan(first * m_rows.cols(), count * m_rows.cols());
        return {count, m_rows.cols(), {values.begin(), values.end()}};
    }

    void compare(size_t a, const Matrix& rowsA, size_t b) {
        const Matrix products = multiplyTransposed(rowsA, block(b), m_context.threadCount());
        const size_t firstA = a * kBlockRows, firstB = b * kBlockRows;
        const size_t tasksA = (products.rows() + kRowsPerTask - 1) / kRowsPerTask;
        const size_t tasksB = a == b ? 0 : (products.cols() + kRowsPerTask - 1) / kRowsPerTask;
        parallelFor(tasksA, m_context.threadCount(), [&](size_t task) {
            const size_t last = std::min(products.rows(), (task + 1) * kRowsPerTask);
            for (size_t i = task * kRowsPerTask; i < last; ++i)
                offerRow(firstA + i, products.row(i), firstB);
        });
        parallelFor(tasksB, m_context.threadCount(), [&](size_t task) {
            const size_t first = task * kRowsPerTask, last = std::min(products.cols(), first + kRowsPerTask);
            offerColumns(products, firstA, firstB, first, last);
        });
    }

    void offerRow(size_t row, std::span<const float> products, size_t firstOther) {
        NearestHeap& best = m_best[row];
        float worst = best.worst(m_k);
        for (size_t j = 0; j < products.size(); ++j) {
            const float square = m_squares[row] + m_squares[firstOther + j] - 2 * products[j];
            if (square > worst || firstOther + j == row)
                continue;
            best.offer({square, static_cast<uint32_t>(firstOther + j)}, m_k);
            worst = best.worst(m_k);
        }
    }

    void offerColumns(const Matrix& products, size_t firstRow, size_t firstColumn, size_t first,
                      size_t last) {
        std::vector<float> worst(last - first);
        for (size_t j = first; j < last; ++j)
            worst[j - first] = m_best[firstColumn + j].worst(m_k);
        for (size_t i = 0; i < products.rows(); ++i) {
            const std::span<const float> row = products.row(i);
            for (size_t j = first; j < last; ++j) {
                const float square = m_squares[firstRow + i] + m_squares[firstColumn + j] - 2 * row[j];
                if (square > worst[j - first])
                    continue;
                NearestHeap& best = m_best[firstColumn + j];
                best.offer({square, static_cast<uint32_t>(firstRow + i)}, m_k);
                worst[j - first] = best.worst(m_k);
            }
        }
    }

    const Matrix& m_features;
    const Matrix m_rows;
    const size_t m_k;
    const RunContext& m_context;
    std::vector<float> m_squares;
    std::vector<NearestHeap> m_best;
};

} // namespace

Matrix centredRows(const Matrix& features) {
    std::vector<double> mean(features.cols());
    for (size_t i = 0; i < features.rows(); ++i)
        for (size_t j = 0; j < mean.size(); ++j)
            mean[j] += static_cast<double>(features(i, j));
    Matrix out(features.rows(), features.cols());
    for (size_t i = 0; i < features.rows(); ++i)
        for (size_t j = 0; j < mean.size(); ++j)
            out(i, j) = static_cast<float>(static_cast<double>(features(i, j)) -
                                           mean[j] / static_cast<double>(features.rows()));
    return out;
}

double squareDistance(std::span<const float> a, std::span<const float> b) {
    double sum = 0;
    for (size_t j = 0; j < a.size(); ++j) {
        const double difference = static_cast<double>(a[j]) - static_cast<double>(b[j]);
        sum += difference * difference;
    }
    return sum;
}

void writeNeighbours(const Matrix& features, size_t row, std::vector<FoundRow>& found, NeighbourTable& out) {
    for (FoundRow& one : found)
        one.square = static_cast<float>(squareDistance(features.row(row), features.row(one.index)));
    std::sort(found.begin(), found.end());
    for (size_t j = 0; j < found.size(); ++j) {
        out.index[row * out.k + j] = found[j].index;
        out.distance[row * out.k + j] = std::sqrt(found[j].square);
    }
}

NeighbourTable nearestRows(const Matrix& features, size_t k, const RunContext& context) {
    requireFinite(features, "Features");
    k = features.rows() == 0 ? 0 : std::min(k, features.rows() - 1);
    if (k == 0)
        return {};
    Search search(features, k, context);
    search.run();
    return search.table();
}

std::vector<float> neighbourhoodPreservation(const NeighbourTable& neighbours, const Matrix& positions,
                                             size_t k, const RunContext& context) {
    std::vector<float> shares(positions.rows(), 1);
    const NeighbourTable map = nearestInSpace(positions, k, context);
    DIPTYCH_ASSERT(map.k <= neighbours.k && map.rows() == (map.k == 0 ? 0 : neighbours.rows()));
    for (size_t i = 0; i < map.rows(); ++i) {
        const auto wanted = neighbours.indices(i).first(map.k), there = map.indices(i);
        const auto kept = std::ranges::count_if(
            there, [&](uint32_t j) { return std::ranges::find(wanted, j) != wanted.end(); });
        shares[i] = static_cast<float>(kept) / static_cast<float>(map.k);
    }
    return shares;
}

} // namespace diptych
