// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/plots/lasso.h"

#include <algorithm>

namespace diptych::ui {

Lasso::Lasso(const QPolygonF& outline) : m_bounds(outline.boundingRect()) {
    for (qsizetype i = 0; i < outline.size(); ++i) {
        const QPointF& from = outline[i];
        const QPointF& to = outline[(i + 1) % outline.size()];
        if (from.y() == to.y())
            continue;
        const Edge edge{from.x(), from.y(), to.x(), to.y()};
        const size_t last = band(std::max(from.y(), to.y()));
        for (size_t at = band(std::min(from.y(), to.y())); at <= last; ++at)
            m_bands[at].push_back(edge);
    }
}

size_t Lasso::band(double y) const {
    if (m_bounds.height() <= 0)
        return 0;
    const double share = (y - m_bounds.top()) / m_bounds.height();
    return static_cast<size_t>(std::clamp(share, 0.0, 1.0) * (kBands - 1));
}

bool Lasso::contains(double x, double y) const {
    if (y < m_bounds.top() || y > m_bounds.bottom() || x < m_bounds.left() || x > m_bounds.right())
        return false;
    int winding = 0;
    for (const Edge& edge : m_bands[band(y)]) {
        const bool upward = edge.y0 <= y && y < edge.y1, downward = edge.y1 <= y && y < edge.y0;
        if (!upward && !downward)
            continue;
        const double crossing = edge.x0 + (y - edge.y0) * (edge.x1 - edge.x0) / (edge.y1 - edge.y0);
        if (crossing > x)
            winding += upward ? 1 : -1;
    }
    return winding != 0;
}

} // namespace diptych::ui
