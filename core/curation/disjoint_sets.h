// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <numeric>
#include <utility>
#include <vector>

namespace diptych {

/// Sets that are merged and never parted (union-find with path halving, by size).
class DisjointSets {
public:
    explicit DisjointSets(size_t count) : m_parent(count), m_size(count, 1) {
        std::iota(m_parent.begin(), m_parent.end(), uint32_t{0});
    }
    uint32_t find(uint32_t item) {
        while (m_parent[item] != item)
            item = m_parent[item] = m_parent[m_parent[item]];
        return item;
    }
    /// @p a and @p b are what find() gave and differ. @return the one that stands for both now
    uint32_t merge(uint32_t a, uint32_t b) {
        if (m_size[a] < m_size[b])
            std::swap(a, b);
        m_parent[b] = a;
        m_size[a] += m_size[b];
        return a;
    }
    uint32_t sizeOf(uint32_t root) const { return m_size[root]; }

private:
    std::vector<uint32_t> m_parent, m_size;
};

} // namespace diptych
