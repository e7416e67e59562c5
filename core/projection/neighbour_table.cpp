// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/projection/neighbour_table.h"

#include "core/base/parallel.h"
#include "core/metrics/check.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace diptych {
namespace {

constexpr size_t kBlockRows = 1024;
constexpr size_t kRowsPerTask = 128;

struct Found {
    float square = 0; ///< of the distance
    uint32_t index = 0;
    bool operator<(const Found& other) const {
        return square < other.square || (square == other.square && index < other.index);
    }
};

/// The k best of a row so far, as a heap with the worst in front.
class Nearest {
public:
    void offer(Found candidate, size_t k) {
        if (m_heap.size() < k) {
            m_heap.push_back(candidate);
            std::push_heap(m_heap.begin(), m_heap.end());
        } else if (candidate < m_heap.front()) {
            std::pop_heap(m_heap.begin(), m_heap.end());
            m_heap.back() = candidate;
            std::push_heap(m_heap.begin(), m_heap.end());
        }
    }
    float worst(size_t k) const {
        return m_heap.size() < k ? std::numeric_limits<float>::infinity() : m_heap.front().square;
    }
    std::vector<Found>& all() { return m_heap; }

private:
    std::vector<Found> m_heap;
};

/// Rows less their mean: distances stay, and products lose fewer digits to a common offset.
Matrix centred(const Matrix& features) {
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

/// Every pair of blocks once: the product of two serves the rows of both.
class Search {
public:
    Search(const Matrix& features, size_t k, const RunContext& context)
        : m_features(features),
          m_rows(centred(features)),
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
                            finish(i, out);
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
        Nearest& best = m_best[row];
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
                Nearest& best = m_best[firstColumn + j];
                best.offer({square, static_cast<uint32_t>(firstRow + i)}, m_k);
                worst[j - first] = best.worst(m_k);
            }
        }
    }

    void finish(size_t row, NeighbourTable& out) {
        std::vector<Found>& found = m_best[row].all();
        for (Found& one : found)
            one.square = static_cast<float>(squareDistance(m_features.row(row), m_features.row(one.index)));
        std::sort(found.begin(), found.end());
        for (size_t j = 0; j < found.size(); ++j) {
            out.index[row * m_k + j] = found[j].index;
            out.distance[row * m_k + j] = std::sqrt(found[j].square);
        }
    }

    const Matrix& m_features;
    const Matrix m_rows;
    const size_t m_k;
    const RunContext& m_context;
    std::vector<float> m_squares;
    std::vector<Nearest> m_best;
};

} // namespace

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
    const NeighbourTable map = nearestRows(positions, k, context);
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
