// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/projection/space_neighbours.h"

#include "core/base/parallel.h"
#include "core/metrics/check.h"
#include "core/projection/nearest_heap.h"

#include <algorithm>
#include <numeric>

namespace diptych {
namespace {

constexpr size_t kLeaf = 12;
constexpr size_t kRowsPerTask = 512;

/// The middle of a range parts it along the axis in which it spreads most; both halves likewise.
class KdTree {
public:
    explicit KdTree(const Matrix& positions)
        : m_positions(positions), m_order(positions.rows()), m_axis(positions.rows()) {
        std::iota(m_order.begin(), m_order.end(), 0U);
        part(0, m_order.size());
    }

    void nearest(size_t row, size_t k, NearestHeap& best) const { look(row, k, best, 0, m_order.size()); }

private:
    float at(size_t place, size_t axis) const { return m_positions(m_order[place], axis); }

    size_t widestAxis(size_t first, size_t last) const {
        size_t widest = 0;
        float most = -1;
        for (size_t axis = 0; axis < m_positions.cols(); ++axis) {
            float low = at(first, axis), high = low;
            for (size_t place = first; place < last; ++place) {
                low = std::min(low, at(place, axis));
                high = std::max(high, at(place, axis));
            }
            if (high - low > most) {
                most = high - low;
                widest = axis;
            }
        }
        return widest;
    }

    void part(size_t first, size_t last) {
        if (last - first <= kLeaf)
            return;
        const size_t middle = (first + last) / 2, axis = widestAxis(first, last);
        const auto begin = m_order.begin();
        std::nth_element(begin + static_cast<std::ptrdiff_t>(first),
                         begin + static_cast<std::ptrdiff_t>(middle),
                         begin + static_cast<std::ptrdiff_t>(last), [&](uint32_t a, uint32_t b) {
                             return m_positions(a, axis) < m_positions(b, axis) ||
                                    (m_positions(a, axis) == m_positions(b, axis) && a < b);
                         });
        m_axis[middle] = static_cast<uint8_t>(axis);
        part(first, middle);
        part(middle + 1, last);
    }

    void offer(size_t row, size_t k, NearestHeap& best, size_t place) const {
        if (m_order[place] != row)
            best.offer(
                {static_cast<float>(squareDistance(m_positions.row(row), m_positions.row(m_order[place]))),
                 m_order[place]},
                k);
    }

    void look(size_t row, size_t k, NearestHeap& best, size_t first, size_t last) const {
        if (last - first <= kLeaf) {
            for (size_t place = first; place < last; ++place)
                offer(row, k, best, place);
            return;
        }
        const size_t middle = (first + last) / 2, axis = m_axis[middle];
        const double away =
            static_cast<double>(m_positions(row, axis)) - static_cast<double>(at(middle, axis));
        const auto below = [&] { look(row, k, best, first, middle); };
        const auto above = [&] { look(row, k, best, middle + 1, last); };
        offer(row, k, best, middle);
        if (away < 0)
            below();
        else
            above();
        if (away * away > static_cast<double>(best.worst(k)))
            return; // nothing beyond the parting line is near enough
        if (away < 0)
            above();
        else
            below();
    }

    const Matrix& m_positions;
    std::vector<uint32_t> m_order;
    std::vector<uint8_t> m_axis; ///< by place, of those that part
};

} // namespace

NeighbourTable nearestInSpace(const Matrix& positions, size_t k, const RunContext& context) {
    requireFinite(positions, "Positions");
    k = positions.rows() == 0 ? 0 : std::min(k, positions.rows() - 1);
    if (k == 0)
        return {};
    NeighbourTable out;
    out.k = k;
    out.index.resize(positions.rows() * k);
    out.distance.resize(out.index.size());
    const KdTree tree(positions);
    parallelFor((positions.rows() + kRowsPerTask - 1) / kRowsPerTask, context.threadCount(),
                [&](size_t task) {
                    const size_t last = std::min(positions.rows(), (task + 1) * kRowsPerTask);
                    for (size_t i = task * kRowsPerTask; i < last; ++i) {
                        NearestHeap best;
                        tree.nearest(i, k, best);
                        writeNeighbours(positions, i, best.all(), out);
                    }
                },
                context.stop);
    context.throwIfCancelled();
    return out;
}

} // namespace diptych
