// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QPointF>
#include <QRectF>

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

namespace diptych::ui {

/// Points of a plane by place, in a uniform grid of cells: finds those in a rectangle and the nearest one
/// without looking at all. Points are kept cell by cell, in a shuffled order within a cell, so that no
/// category that comes last in the data lies on top of the others. A "place" is a position in that order, a
/// "point" the index of the data. Points with a coordinate that is not finite are left out. Values only; may
/// be read from several threads.
class PointIndex {
public:
    /// @param x, y of equal length
    void build(std::span<const float> x, std::span<const float> y);

    size_t size() const { return m_points.size(); }               ///< of points that have a place
    std::span<const float> xs() const { return m_x; }             ///< by place
    std::span<const float> ys() const { return m_y; }             ///< by place
    std::span<const uint32_t> points() const { return m_points; } ///< by place
    QRectF bounds() const { return m_bounds; }                    ///< of all; y grows with top() to bottom()
    /// Of the cells that hold a point: what the points cover, whatever a few far out do to the bounds.
    double coveredArea() const { return m_coveredArea; }

    /// Calls @p use(first, end) with runs of places whose cells touch @p area, in order; they hold all points
    /// in the area and some outside.
    template<class Use>
    void forEachRun(const QRectF& area, Use use) const {
        if (m_points.empty())
            return;
        const int left = column(area.left()), right = column(area.right());
        for (int row = rowOf(area.top()); row <= rowOf(area.bottom()); ++row) {
            const size_t base = static_cast<size_t>(row) * static_cast<size_t>(m_columns);
            const uint32_t first = m_starts[base + static_cast<size_t>(left)];
            const uint32_t end = m_starts[base + static_cast<size_t>(right) + 1];
            if (first < end)
                use(first, end);
        }
    }
    /// The place nearest to @p where, not further than @p radius, among those that @p accept takes; -1 =
    /// none.
    int64_t nearest(const QPointF& where, double radius, const std::function<bool(uint32_t)>& accept) const;

private:
    int column(double x) const;
    int rowOf(double y) const;
    void layCells(size_t count);

    std::vector<float> m_x, m_y;
    std::vector<uint32_t> m_points;
    std::vector<uint32_t> m_starts; ///< [cells + 1] first place of each cell
    int m_columns = 1, m_rows = 1;
    double m_cellsPerX = 0, m_cellsPerY = 0;
    double m_coveredArea = 0;
    QRectF m_bounds;
};

} // namespace diptych::ui
