// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/plots/point_index.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace diptych::ui {

namespace {

constexpr double kPointsPerCell = 12;
constexpr int kMostCells = 1024; // along one side

/// A step that visits every index below @p count once, far from the one before.
size_t shuffleStep(size_t count) {
    size_t step = static_cast<size_t>(static_cast<double>(count) * 0.6180339887) | 1U;
    while (std::gcd(step, count) != 1)
        step += 2;
    return step;
}

int clampedCell(double value, int cells) {
    return std::isnan(value) ? 0 : static_cast<int>(std::clamp(value, 0.0, static_cast<double>(cells - 1)));
}

} // namespace

int PointIndex::column(double x) const {
    return clampedCell((x - m_bounds.left()) * m_cellsPerX, m_columns);
}

int PointIndex::rowOf(double y) const {
    return clampedCell((y - m_bounds.top()) * m_cellsPerY, m_rows);
}

void PointIndex::layCells(size_t count) {
    const double width = m_bounds.width(), height = m_bounds.height();
    const double cells = std::max(1.0, static_cast<double>(count) / kPointsPerCell);
    const double aspect = width > 0 && height > 0 ? width / height : 1;
    m_columns = std::clamp(static_cast<int>(std::sqrt(cells * aspect)), 1, kMostCells);
    m_rows = std::clamp(static_cast<int>(cells / m_columns), 1, kMostCells);
    m_cellsPerX = width > 0 ? m_columns / width : 0;
    m_cellsPerY = height > 0 ? m_rows / height : 0;
}

void PointIndex::build(std::span<const float> x, std::span<const float> y) {
    const auto finite = [&](size_t i) { return std::isfinite(x[i]) && std::isfinite(y[i]); };
    float left = std::numeric_limits<float>::max(), right = std::numeric_limits<float>::lowest();
    float low = left, high = right;
    size_t count = 0;
    for (size_t i = 0; i < x.size(); ++i) {
        if (!finite(i))
            continue;
        left = std::min(left, x[i]);
        right = std::max(right, x[i]);
        low = std::min(low, y[i]);
        high = std::max(high, y[i]);
        ++count;
    }
    m_bounds = count == 0 ? QRectF()
                          : QRectF(QPointF(static_cast<double>(left), static_cast<double>(low)),
                                   QPointF(static_cast<double>(right), static_cast<double>(high)));
    layCells(count);
    std::vector<uint32_t> cellOf(x.size());
    m_starts.assign(static_cast<size_t>(m_columns) * static_cast<size_t>(m_rows) + 1, 0);
    for (size_t i = 0; i < x.size(); ++i) {
        if (!finite(i))
            continue;
        cellOf[i] = static_cast<uint32_t>(rowOf(static_cast<double>(y[i])) * m_columns +
                                          column(static_cast<double>(x[i])));
        ++m_starts[cellOf[i] + 1];
    }
    const auto occupied = std::count_if(m_starts.begin(), m_starts.end(), [](uint32_t n) { return n > 0; });
    m_coveredArea = m_bounds.width() * m_bounds.height() * static_cast<double>(occupied) /
                    static_cast<double>(m_starts.size() - 1);
    std::partial_sum(m_starts.begin(), m_starts.end(), m_starts.begin());
    m_x.resize(count);
    m_y.resize(count);
    m_points.resize(count);
    std::vector<uint32_t> next(m_starts.begin(), m_starts.end() - 1);
    const size_t step = x.empty() ? 1 : shuffleStep(x.size());
    for (size_t k = 0, i = 0; k < x.size(); ++k, i = (i + step) % x.size()) {
        if (!finite(i))
            continue;
        const uint32_t place = next[cellOf[i]]++;
        m_x[place] = x[i];
        m_y[place] = y[i];
        m_points[place] = static_cast<uint32_t>(i);
    }
}

int64_t PointIndex::nearest(const QPointF& where, double radius,
                            const std::function<bool(uint32_t)>& accept) const {
    int64_t best = -1;
    double bestSquare = radius * radius;
    const QRectF area(where - QPointF(radius, radius), where + QPointF(radius, radius));
    forEachRun(area, [&](uint32_t first, uint32_t end) {
        for (uint32_t place = first; place < end; ++place) {
            const double dx = static_cast<double>(m_x[place]) - where.x();
            const double dy = static_cast<double>(m_y[place]) - where.y();
            const double square = dx * dx + dy * dy;
            if (square <= bestSquare && accept(place)) {
                bestSquare = square;
                best = place;
            }
        }
    });
    return best;
}

} // namespace diptych::ui
