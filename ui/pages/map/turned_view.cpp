// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/map/turned_view.h"

#include <algorithm>
#include <cmath>

namespace diptych::ui {
namespace {

constexpr double kRadiansPerPixel = 0.008;

/// Turns two of the view's axes towards each other, and keeps them at length 1 and a right angle.
void turnAxes(std::array<double, 9>& rows, size_t a, size_t b, double angle) {
    const double c = std::cos(angle), s = std::sin(angle);
    for (size_t j = 0; j < 3; ++j) {
        const double first = rows[3 * a + j], second = rows[3 * b + j];
        rows[3 * a + j] = c * first + s * second;
        rows[3 * b + j] = c * second - s * first;
    }
}

} // namespace

void TurnedView::setPoints(const Matrix& positions) {
    DIPTYCH_ASSERT(positions.cols() == 3);
    m_positions = positions;
    m_rows = {1, 0, 0, 0, 1, 0, 0, 0, 1};
    m_center = {};
    for (size_t i = 0; i < positions.rows(); ++i)
        for (size_t j = 0; j < 3; ++j)
            m_center[j] += static_cast<double>(positions(i, j)) / static_cast<double>(positions.rows());
    m_radius = 0;
    for (size_t i = 0; i < positions.rows(); ++i) {
        double square = 0;
        for (size_t j = 0; j < 3; ++j)
            square += std::pow(static_cast<double>(positions(i, j)) - m_center[j], 2);
        m_radius = std::max(m_radius, std::sqrt(square));
    }
}

void TurnedView::turn(const QPointF& pixels) {
    turnAxes(m_rows, 0, 2, pixels.x() * kRadiansPerPixel);
    turnAxes(m_rows, 1, 2, -pixels.y() * kRadiansPerPixel);
}

QPointF TurnedView::project(std::span<const float> position) const {
    QPointF seen;
    for (size_t j = 0; j < 3; ++j) {
        const double value = static_cast<double>(position[j]) - m_center[j];
        seen += QPointF(m_rows[j] * value, m_rows[3 + j] * value);
    }
    return seen;
}

void TurnedView::project(std::vector<float>& x, std::vector<float>& y) const {
    x.resize(m_positions.rows());
    y.resize(m_positions.rows());
    for (size_t i = 0; i < m_positions.rows(); ++i) {
        const QPointF seen = project(m_positions.row(i));
        x[i] = static_cast<float>(seen.x());
        y[i] = static_cast<float>(seen.y());
    }
}

QRectF TurnedView::area() const {
    return {-m_radius, -m_radius, 2 * m_radius, 2 * m_radius};
}

} // namespace diptych::ui
