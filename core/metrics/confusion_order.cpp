// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/metrics/confusion_order.h"

#include "core/base/error.h"

#include <fmt/format.h>

#include <algorithm>

namespace diptych {
namespace {

constexpr size_t kNone = static_cast<size_t>(-1);

/// Nearest-neighbour chain (Murtagh 1983): for average linkage it finds the same tree as looking for the
/// closest pair each time, in O(n^2).
class Clusters {
public:
    Clusters(std::span<const int> counts, size_t n) : m_n(n), m_own(n * n), m_size(n, 1), m_leaves(n) {
        std::vector<double> totals(n);
        for (size_t i = 0; i < n * n; ++i)
            totals[i / n] += counts[i];
        const auto share = [&](size_t a, size_t b) {
            return totals[a] > 0 ? counts[a * n + b] / totals[a] : 0;
        };
        for (size_t a = 0; a < n; ++a) {
            m_leaves[a] = {static_cast<int>(a)};
            for (size_t b = 0; b < n; ++b)
                m_own[a * n + b] = a == b ? 0 : (share(a, b) + share(b, a)) / 2;
        }
        m_between = m_own;
    }

    std::vector<int> order() {
        std::vector<size_t> chain;
        while (true) {
            if (chain.empty()) {
                const size_t start = firstOpen();
                if (start == kNone)
                    break;
                chain.push_back(start);
            }
            const size_t top = chain.back(), before = chain.size() > 1 ? chain[chain.size() - 2] : kNone;
            const size_t nearest = nearestTo(top, before);
            if (nearest == kNone) { // nothing is like it: a block of its own
                m_blocks.push_back(std::move(m_leaves[top]));
                m_size[top] = 0;
                chain.clear();
            } else if (nearest == before) {
                join(before, top);
                chain.resize(chain.size() - 2);
            } else {
                chain.push_back(nearest);
            }
        }
        return joined();
    }

private:
    double& between(size_t a, size_t b) { return m_between[a * m_n + b]; }
    double likeness(int a, int b) const {
        return m_own[static_cast<size_t>(a) * m_n + static_cast<size_t>(b)];
    }
    size_t firstOpen() const {
        const auto found = std::ranges::find_if(m_size, [](size_t size) { return size > 0; });
        return found == m_size.end() ? kNone : static_cast<size_t>(found - m_size.begin());
    }
    /// kNone where no other cluster is like it at all; @p before wins a tie, which ends the chain.
    size_t nearestTo(size_t top, size_t before) {
        size_t nearest = before;
        double best = before == kNone ? 0 : between(top, before);
        for (size_t other = 0; other < m_n; ++other)
            if (m_size[other] > 0 && other != top && between(top, other) > best) {
                best = between(top, other);
                nearest = other;
            }
        return best > 0 ? nearest : kNone;
    }
    void join(size_t a, size_t b) {
        const auto sizeA = static_cast<double>(m_size[a]), sizeB = static_cast<double>(m_size[b]);
        for (size_t other = 0; other < m_n; ++other)
            between(a, other) = between(other, a) =
                (sizeA * between(a, other) + sizeB * between(b, other)) / (sizeA + sizeB);
        m_size[a] += m_size[b];
        m_size[b] = 0;
        std::vector<int>&left = m_leaves[a], &right = m_leaves[b];
        // Of the four ways to lay the two side by side, the one whose touching ends are most alike.
        const double ends[] = {likeness(left.back(), right.front()), likeness(left.back(), right.back()),
                               likeness(left.front(), right.front()), likeness(left.front(), right.back())};
        const auto best = std::max_element(std::begin(ends), std::end(ends)) - std::begin(ends);
        if (best >= 2)
            std::ranges::reverse(left);
        if (best == 1 || best == 3)
            std::ranges::reverse(right);
        left.insert(left.end(), right.begin(), right.end());
        right.clear();
    }
    std::vector<int> joined() {
        for (std::vector<int>& block : m_blocks)
            if (block.front() > block.back())
                std::ranges::reverse(block);
        std::ranges::sort(m_blocks, {},
                          [](const std::vector<int>& block) { return std::ranges::min(block); });
        std::vector<int> out;
        for (const std::vector<int>& block : m_blocks)
            out.insert(out.end(), block.begin(), block.end());
        return out;
    }

    size_t m_n;
    std::vector<double> m_own;     ///< [n, n] of classes
    std::vector<double> m_between; ///< [n, n] of clusters, each at its first class
    std::vector<size_t> m_size;    ///< 0 = joined into another, or done
    std::vector<std::vector<int>> m_leaves, m_blocks;
};

} // namespace

std::vector<int> confusionClusterOrder(std::span<const int> counts, size_t n) {
    if (counts.size() != n * n)
        throw Error(ErrorCode::InvalidArgument,
                    fmt::format("{} counts do not make a square matrix of {} classes", counts.size(), n));
    return Clusters(counts, n).order();
}

} // namespace diptych
