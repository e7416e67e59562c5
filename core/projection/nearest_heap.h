// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/projection/neighbour_table.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

namespace diptych {

// Private to core/projection: what searches for neighbours share.

struct FoundRow {
    float square = 0; ///< of the distance
    uint32_t index = 0;
    bool operator<(const FoundRow& other) const {
        return square < other.square || (square == other.square && index < other.index);
    }
};

/// The k best of a row so far, as a heap with the worst in front.
class NearestHeap {
public:
    void offer(FoundRow candidate, size_t k) {
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
    bool holds(uint32_t index) const { return std::ranges::count(m_heap, index, &FoundRow::index) > 0; }
    std::vector<FoundRow>& all() { return m_heap; }

private:
    std::vector<FoundRow> m_heap;
};

/// Rows less their mean: distances stay, and products lose fewer digits to a common offset.
Matrix centredRows(const Matrix& features);
double squareDistance(std::span<const float> a, std::span<const float> b);
/// Writes @p found of a row into the table, nearest first, with the distances of the features in double.
void writeNeighbours(const Matrix& features, size_t row, std::vector<FoundRow>& found, NeighbourTable& out);

} // namespace diptych
