// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QPolygonF>
#include <QRectF>

#include <array>
#include <cstdint>
#include <vector>

namespace diptych::ui {

/// A closed line drawn by hand, prepared for asking about many points: a question looks only at the edges
/// that pass its height. What the line winds round at least once is inside (the non-zero rule), so that loops
/// take nothing away.
class Lasso {
public:
    explicit Lasso(const QPolygonF& outline);
    bool contains(double x, double y) const;
    const QRectF& bounds() const { return m_bounds; }

private:
    static constexpr int kBands = 256;
    struct Edge {
        double x0, y0, x1, y1;
    };
    size_t band(double y) const;

    std::array<std::vector<Edge>, kBands> m_bands;
    QRectF m_bounds;
};

} // namespace diptych::ui
