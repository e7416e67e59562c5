// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/projection/approximate_neighbours.h"

#include "core/base/parallel.h"
#include "core/base/random.h"
#include "core/metrics/check.h"
#include "core/projection/nearest_heap.h"
#include "core/tensor/dot_product.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace diptych {
namespace {

constexpr size_t kProbes = 10;    ///< groups whose rows a row is compared with
constexpr size_t kTrainRows = 40; ///< of each group
constexpr size_t kTrainSteps = 6;
constexpr size_t kBlockRows = 2048;
constexpr size_t kRowsPerTask = 128;
constexpr size_t kFriends = 15; ///< neighbours whose neighbours are looked at
constexpr size_t kFriendPasses = 2;
constexpr size_t kRecallSample = 200;

/// The rows @p chosen of a matrix.
Matrix gathered(const Matrix& rows, std::span<const uint32_t> chosen) {
    Matrix out(chosen.size(), rows.cols());
    for (size_t i = 0; i < chosen.size(); ++i)
        std::ranges::copy(rows.row(chosen[i]), out.row(i).begin());
    return out;
}

std::vector<float> squaresOf(const Matrix& rows) {
    std::vector<float> squares(rows.rows());
    const std::vector<float> origin(rows.cols());
    for (size_t i = 0; i < rows.rows(); ++i)
        squares[i] = static_cast<float>(squareDistance(rows.row(i), origin));
    return squares;
}

/// Calls @p use(i) for all i below @p count, many at a time. @throws Cancelled
void inParallel(size_t count, const RunContext& context, const std::function<void(size_t)>& use) {
    parallelFor((count + kRowsPerTask - 1) / kRowsPerTask, context.threadCount(),
                [&](size_t task) {
                    const size_t last = std::min(count, (task + 1) * kRowsPerTask);
                    for (size_t i = task * kRowsPerTask; i < last; ++i)
                        use(i);
                },
                context.stop);
    context.throwIfCancelled();
}

class Groups {
public:
    Groups(const Matrix& rows, const RunContext& context)
        : m_rows(rows),
          m_context(context),
          m_count(static_cast<size_t>(std::lround(std::sqrt(static_cast<double>(rows.rows()))))) {
        Random random(1);
        std::vector<uint32_t> order(rows.rows());
        std::iota(order.begin(), order.end(), 0U);
        const size_t train = std::min(rows.rows(), m_count * kTrainRows);
        for (size_t i = 0; i < train; ++i)
            std::swap(order[i], order[i + random.below(order.size() - i)]);
        order.resize(train);
        const Matrix sample = gathered(rows, order);
        m_centres = gathered(rows, std::span(order).first(m_count));
        for (size_t step = 0; step < kTrainSteps; ++step)
            moveCentres(sample, nearestCentres(sample, 1));
    }

    /// Of every row the @p probes nearest groups, nearest first: [rows, probes].
    std::vector<uint32_t> nearestCentres(const Matrix& rows, size_t probes) const {
        std::vector<float> squares = squaresOf(m_centres);
        std::vector<uint32_t> out(rows.rows() * probes);
        for (size_t first = 0; first < rows.rows(); first += kBlockRows) {
            m_context.throwIfCancelled();
            const size_t count = std::min(kBlockRows, rows.rows() - first);
            std::vector<uint32_t> block(count);
            std::iota(block.begin(), block.end(), static_cast<uint32_t>(first));
            const Matrix products =
                multiplyTransposed(gathered(rows, block), m_centres, m_context.threadCount());
            inParallel(count, m_context, [&](size_t i) {
                std::vector<std::pair<float, uint32_t>> near(m_count);
                for (size_t c = 0; c < m_count; ++c)
                    near[c] = {squares[c] - 2 * products(i, c), static_cast<uint32_t>(c)};
                const auto end = near.begin() + static_cast<std::ptrdiff_t>(probes);
                std::partial_sort(near.begin(), end, near.end());
                for (size_t p = 0; p < probes; ++p)
                    out[(first + i) * probes + p] = near[p].second;
            });
        }
        return out;
    }

    size_t count() const { return m_count; }

private:
    void moveCentres(const Matrix& sample, const std::vector<uint32_t>& of) {
        std::vector<double> sums(m_count * sample.cols());
        std::vector<size_t> members(m_count);
        for (size_t i = 0; i < sample.rows(); ++i) {
            ++members[of[i]];
            for (size_t j = 0; j < sample.cols(); ++j)
                sums[of[i] * sample.cols() + j] += static_cast<double>(sample(i, j));
        }
        for (size_t c = 0; c < m_count; ++c)
            for (size_t j = 0; members[c] > 0 && j < sample.cols(); ++j) // one without members stays
                m_centres(c, j) =
                    static_cast<float>(sums[c * sample.cols() + j] / static_cast<double>(members[c]));
    }

    const Matrix& m_rows;
    const RunContext& m_context;
    const size_t m_count;
    Matrix m_centres;
};

class Search {
public:
    Search(const Matrix& features, size_t k, const RunContext& context)
        : m_rows(centredRows(features)),
          m_squares(squaresOf(m_rows)),
          m_k(k),
          m_context(context),
          m_best(features.rows()) {}

    void lookInGroups() {
        const Groups groups(m_rows, m_context);
        const size_t probes = std::min(kProbes, groups.count());
        const std::vector<uint32_t> near = groups.nearestCentres(m_rows, probes);
        std::vector<std::vector<uint32_t>> members(groups.count()), visitors(groups.count());
        for (size_t i = 0; i < m_rows.rows(); ++i) {
            members[near[i * probes]].push_back(static_cast<uint32_t>(i));
            for (size_t p = 0; p < probes; ++p)
                visitors[near[i * probes + p]].push_back(static_cast<uint32_t>(i));
        }
        for (size_t group = 0; group < groups.count(); ++group) {
            const Matrix rows = gathered(m_rows, members[group]);
            for (size_t first = 0; first < visitors[group].size(); first += kBlockRows) {
                m_context.throwIfCancelled();
                const size_t count = std::min(kBlockRows, visitors[group].size() - first);
                compare(std::span(visitors[group]).subspan(first, count), members[group], rows);
            }
            m_context.advance();
        }
    }

    /// Whoever is near to a neighbour may be one as well; @p friends of each are asked.
    void askFriends(size_t friends) {
        std::vector<uint32_t> known(m_rows.rows() * friends, UINT32_MAX);
        for (size_t i = 0; i < m_rows.rows(); ++i) {
            std::vector<FoundRow> found = m_best[i].all();
            std::sort(found.begin(), found.end());
            for (size_t j = 0; j < std::min(friends, found.size()); ++j)
                known[i * friends + j] = found[j].index;
        }
        const DotProduct dot = dotProduct();
        inParallel(m_rows.rows(), m_context, [&](size_t i) {
            std::vector<uint32_t> candidates;
            for (size_t a = 0; a < friends && known[i * friends + a] != UINT32_MAX; ++a)
                for (size_t b = 0; b < friends; ++b)
                    candidates.push_back(known[known[i * friends + a] * friends + b]);
            std::sort(candidates.begin(), candidates.end());
            candidates.erase(std::unique(candidates.begin(), candidates.end()), candidates.end());
            for (const uint32_t other : candidates) {
                if (other == UINT32_MAX || other == i || m_best[i].holds(other))
                    continue;
                const float product = dot(m_rows.row(i).data(), m_rows.row(other).data(), m_rows.cols());
                m_best[i].offer({m_squares[i] + m_squares[other] - 2 * product, other}, m_k);
            }
        });
    }

    NeighbourTable table(const Matrix& features) {
        NeighbourTable out;
        out.k = m_k;
        out.index.resize(m_rows.rows() * m_k);
        out.distance.resize(out.index.size());
        inParallel(m_rows.rows(), m_context, [&](size_t i) {
            completeRow(i);
            writeNeighbours(features, i, m_best[i].all(), out);
        });
        return out;
    }

private:
    void compare(std::span<const uint32_t> visitors, std::span<const uint32_t> members, const Matrix& rows) {
        const Matrix products = multiplyTransposed(gathered(m_rows, visitors), rows, m_context.threadCount());
        inParallel(visitors.size(), m_context, [&](size_t v) {
            const uint32_t row = visitors[v];
            float worst = m_best[row].worst(m_k);
            for (size_t j = 0; j < members.size(); ++j) {
                const float square = m_squares[row] + m_squares[members[j]] - 2 * products(v, j);
                if (square > worst || members[j] == row)
                    continue;
                m_best[row].offer({square, members[j]}, m_k);
                worst = m_best[row].worst(m_k);
            }
        });
    }

    /// Small groups may leave a row with fewer than it is to have: it takes those that come next in the data.
    void completeRow(size_t i) {
        for (uint32_t other = 0; m_best[i].all().size() < m_k; ++other)
            if (other != i && !m_best[i].holds(other))
                m_best[i].offer({static_cast<float>(squareDistance(m_rows.row(i), m_rows.row(other))), other},
                                m_k);
    }

    const Matrix m_rows;
    const std::vector<float> m_squares;
    const size_t m_k;
    const RunContext& m_context;
    std::vector<NearestHeap> m_best;
};

} // namespace

NeighbourTable approximateRows(const Matrix& features, size_t k, const RunContext& context) {
    requireFinite(features, "Features");
    k = features.rows() == 0 ? 0 : std::min(k, features.rows() - 1);
    if (k == 0)
        return {};
    const auto groups = std::lround(std::sqrt(static_cast<double>(features.rows())));
    context.begin("Finding neighbours", groups);
    Search search(features, k, context);
    search.lookInGroups();
    for (size_t pass = 0; pass < kFriendPasses; ++pass)
        search.askFriends(std::min(k, kFriends));
    context.end();
    return search.table(features);
}

double neighbourRecall(const Matrix& features, const NeighbourTable& table, size_t sample,
                       const RunContext& context) {
    if (table.k == 0)
        return 1;
    Random random(2);
    std::vector<uint32_t> chosen;
    for (size_t i = 0; i < sample; ++i)
        chosen.push_back(static_cast<uint32_t>(random.below(features.rows())));
    const Matrix rows = centredRows(features);
    const std::vector<float> squares = squaresOf(rows);
    const Matrix products = multiplyTransposed(rows, gathered(rows, chosen), context.threadCount());
    std::vector<size_t> found(sample);
    inParallel(sample, context, [&](size_t s) {
        NearestHeap best;
        for (size_t j = 0; j < rows.rows(); ++j)
            if (j != chosen[s])
                best.offer({squares[j] - 2 * products(j, s), static_cast<uint32_t>(j)}, table.k);
        const auto there = table.indices(chosen[s]);
        for (const FoundRow& one : best.all())
            found[s] += static_cast<size_t>(std::ranges::count(there, one.index));
    });
    return static_cast<double>(std::accumulate(found.begin(), found.end(), size_t{0})) /
           static_cast<double>(sample * table.k);
}

FoundNeighbours findNeighbours(const Matrix& features, size_t k, const RunContext& context) {
    if (features.rows() <= kMostExactNeighbourRows)
        return {nearestRows(features, k, context), 1};
    FoundNeighbours found{approximateRows(features, k, context), 1};
    found.recall = neighbourRecall(features, found.table, kRecallSample, context);
    return found;
}

} // namespace diptych
