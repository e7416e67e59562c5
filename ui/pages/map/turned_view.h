// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/tensor/matrix.h"

#include <QPointF>
#include <QRectF>

#include <array>
#include <span>
#include <vector>

namespace diptych::ui {

/// Points in three dimensions as they are seen from a side that a drag turns; without perspective, so that
/// equal distances look equal. Values only.
class TurnedView {
public:
    /// Other points, seen with the first axis across and the second upwards. @param positions [n, 3]
    void setPoints(const Matrix& positions);
    void clear() { m_positions = {}; }
    bool empty() const { return m_positions.rows() == 0; }
    /// As if a ball around the points were dragged by so much.
    void turn(const QPointF& pixels);
    /// What is seen of all points: [n] each.
    void project(std::vector<float>& x, std::vector<float>& y) const;
    QPointF project(std::span<const float> position) const;
    QRectF area() const; ///< holds all points, however they are turned

private:
    Matrix m_positions;
    std::array<double, 3> m_center{};
    std::array<double, 9> m_rows{}; ///< across, upwards, towards the eye: each of length 1
    double m_radius = 0;
};

} // namespace diptych::ui
