// SPDX-License-Identifier: GPL-3.0-or-later
// Mouse and keys of a PointCanvas.
#include "ui/plots/lasso.h"
#include "ui/plots/point_canvas.h"
#include "ui/plots/point_canvas_accessible.h"

#include <QApplication>
#include <QMouseEvent>
#include <QWheelEvent>

#include <algorithm>
#include <cmath>

namespace diptych::ui {

namespace {

constexpr double kKeyZoom = 1.4;
constexpr double kKeyPan = 0.2; // of the view
constexpr double kLineStep = 2; // pixels between corners of a line drawn by hand

SelectMode modeOf(Qt::KeyboardModifiers modifiers) {
    if (modifiers & (Qt::AltModifier | Qt::ControlModifier))
        return SelectMode::Remove;
    return modifiers & Qt::ShiftModifier ? SelectMode::Add : SelectMode::Replace;
}

} // namespace

void PointCanvas::setTool(Tool tool) {
    if (m_tool == tool)
        return;
    m_tool = tool;
    updateCursor();
    Q_EMIT toolChanged(tool);
}

void PointCanvas::setTurnable(bool turnable) {
    m_turnable = turnable;
    if (!turnable && m_tool == Tool::Turn)
        setTool(Tool::Lasso);
}

void PointCanvas::updateCursor() {
    if (panning())
        setCursor(Qt::ClosedHandCursor);
    else if (m_spaceHeld || m_tool == Tool::Hand)
        setCursor(Qt::OpenHandCursor);
    else if (m_tool == Tool::Turn)
        setCursor(Qt::SizeAllCursor);
    else
        setCursor(m_hovered >= 0 ? Qt::PointingHandCursor : Qt::CrossCursor);
}

void PointCanvas::setHovered(int point) {
    if (point == m_hovered)
        return;
    m_hovered = point;
    updateCursor();
    update();
    Q_EMIT hoveredChanged(point);
}

void PointCanvas::hover(const QPointF& position) {
    m_pointer = position;
    setHovered(pointAt(position));
    if (m_hovered >= 0)
        update(); // the card follows the pointer
}

bool PointCanvas::event(QEvent* event) {
    if (event->type() == QEvent::ShortcutOverride) {
        // Keys that mean something here are not shortcuts of the window while the canvas has the focus.
        const auto* key = static_cast<QKeyEvent*>(event);
        if (key->key() == Qt::Key_Escape && m_drawing) {
            event->accept();
            return true;
        }
    }
    return QWidget::event(event);
}

void PointCanvas::changeEvent(QEvent* event) {
    QWidget::changeEvent(event);
    if (event->type() == QEvent::PaletteChange || event->type() == QEvent::FontChange)
        invalidate();
}

void PointCanvas::resizeEvent(QResizeEvent* event) {
    QWidget::resizeEvent(event);
    if (m_fitted)
        fit();
    else
        invalidate();
}

void PointCanvas::wheelEvent(QWheelEvent* event) {
    const int turned = event->angleDelta().y() != 0 ? event->angleDelta().y() : event->angleDelta().x();
    zoom(std::pow(1.0016, turned), event->position());
    hover(event->position());
    event->accept();
}

void PointCanvas::mousePressEvent(QMouseEvent* event) {
    m_pointer = event->position();
    const bool left = event->button() == Qt::LeftButton;
    m_turns = left && !m_spaceHeld && m_tool == Tool::Turn;
    const bool pans =
        event->button() == Qt::MiddleButton || (left && (m_spaceHeld || m_tool == Tool::Hand)) || m_turns;
    if (pans) {
        m_panFrom = event->position();
        m_drawing = Drawing{event->position(), {}, false}; // a press that does not move is a click
        m_spaceUsed = true;
    } else if (left) {
        m_drawing = Drawing{event->position(), {event->position()}, false};
    } else if (event->button() == Qt::RightButton) {
        const int point = pointAt(event->position()); // the menu is about what is under the pointer
        if (point >= 0 && m_selected[static_cast<size_t>(point)] == 0)
            Q_EMIT marked({point}, SelectMode::Replace, point);
    }
    updateCursor();
    update();
}

void PointCanvas::mouseMoveEvent(QMouseEvent* event) {
    const QPointF at = event->position();
    if (m_drawing && !m_drawing->far)
        m_drawing->far = (at - m_drawing->start).manhattanLength() >= QApplication::startDragDistance() / 2.0;
    if (panning() && m_turns) {
        Q_EMIT turned(at - *m_panFrom);
        m_panFrom = at;
    } else if (panning()) {
        const double ratio = devicePixelRatioF();
        const QPointF moved = at - *m_panFrom;
        const QPointF whole(std::round(moved.x() * ratio) / ratio, std::round(moved.y() * ratio) / ratio);
        panBy(whole);
        m_panFrom = *m_panFrom + whole;
    } else if (m_drawing) {
        QPolygonF& line = m_drawing->line;
        if (m_tool == Tool::Rectangle)
            line = QPolygonF(QRectF(m_drawing->start, at).normalized());
        else if ((at - line.last()).manhattanLength() >= kLineStep)
            line.append(at);
        update();
    } else {
        hover(at);
        return;
    }
    m_pointer = at;
    setHovered(-1);
}

void PointCanvas::mouseReleaseEvent(QMouseEvent* event) {
    const bool wasPanning = panning();
    m_panFrom.reset();
    const bool far = m_drawing && m_drawing->far;
    if (m_drawing && far && !wasPanning)
        markInside(event->modifiers());
    else if (m_drawing && !far && event->button() == Qt::LeftButton && !m_spaceHeld)
        click(event->position(), event->modifiers());
    m_drawing.reset();
    hover(event->position());
    updateCursor();
    update();
}

void PointCanvas::mouseDoubleClickEvent(QMouseEvent* event) {
    if (event->button() != Qt::LeftButton)
        return;
    const int point = pointAt(event->position());
    if (point >= 0)
        Q_EMIT activated(point);
    else
        fit();
}

void PointCanvas::click(const QPointF& position, Qt::KeyboardModifiers modifiers) {
    const int point = pointAt(position);
    if (point < 0) {
        if (modifiers == Qt::NoModifier && m_tool != Tool::Hand && m_tool != Tool::Turn)
            Q_EMIT marked({}, SelectMode::Replace, -1);
        return;
    }
    const SelectMode mode = modifiers & Qt::AltModifier       ? SelectMode::Remove
                            : modifiers & Qt::ControlModifier ? SelectMode::Toggle
                            : modifiers & Qt::ShiftModifier   ? SelectMode::Add
                                                              : SelectMode::Replace;
    Q_EMIT marked({point}, mode, point);
}

void PointCanvas::markInside(Qt::KeyboardModifiers modifiers) {
    const PlotTransform here = transform();
    QPolygonF plane;
    for (const QPointF& corner : m_drawing->line)
        plane.append(here.toPlane(corner));
    const Lasso lasso(plane);
    std::vector<int> points;
    m_index.forEachRun(lasso.bounds(), [&](uint32_t first, uint32_t end) {
        for (uint32_t place = first; place < end; ++place)
            if ((m_styles[place].flags & PointStyle::Hidden) == 0 &&
                lasso.contains(static_cast<double>(m_index.xs()[place]),
                               static_cast<double>(m_index.ys()[place])))
                points.push_back(static_cast<int>(m_index.points()[place]));
    });
    std::sort(points.begin(), points.end());
    Q_EMIT marked(points, modeOf(modifiers), -1);
}

bool PointCanvas::cancelDrawing() {
    if (!m_drawing || panning())
        return false;
    m_drawing.reset();
    update();
    return true;
}

void PointCanvas::step(double dx, double dy, Qt::KeyboardModifiers modifiers) {
    const QPointF from =
        m_current >= 0 && !isHidden(m_current) ? position(m_current) : QPointF(width() / 2.0, height() / 2.0);
    int best = -1;
    double bestCost = 0;
    // The nearest one that lies more in the key's direction than across it.
    const auto look = [&](const QRectF& area) {
        m_index.forEachRun(transform().toPlane(area), [&](uint32_t first, uint32_t end) {
            for (uint32_t place = first; place < end; ++place) {
                const auto point = static_cast<int>(m_index.points()[place]);
                if (point == m_current || (m_styles[place].flags & PointStyle::Hidden) != 0)
                    continue;
                const QPointF way = position(point) - from;
                const double along = way.x() * dx + way.y() * dy,
                             across = std::abs(way.x() * dy - way.y() * dx);
                if (along <= 0 || across > along)
                    continue;
                const double cost = along + 2 * across;
                if (best < 0 || cost < bestCost) {
                    best = point;
                    bestCost = cost;
                }
            }
        });
    };
    for (double reach = 32; best < 0 && reach < 4.0 * (width() + height()); reach *= 2)
        look(QRectF(from - QPointF(reach, reach), QSizeF(2 * reach, 2 * reach)));
    if (best < 0)
        return;
    bringIntoSight(best);
    if (modifiers & Qt::ShiftModifier)
        Q_EMIT marked({best}, SelectMode::Add, best);
    else
        Q_EMIT moved(best);
}

bool PointCanvas::pressTool(int key) {
    switch (key) {
    case Qt::Key_L:
        setTool(Tool::Lasso);
        return true;
    case Qt::Key_R:
        setTool(Tool::Rectangle);
        return true;
    case Qt::Key_H:
        setTool(Tool::Hand);
        return true;
    case Qt::Key_O:
        if (m_turnable)
            setTool(Tool::Turn);
        return m_turnable;
    case Qt::Key_F:
    case Qt::Key_Home:
        fit();
        return true;
    case Qt::Key_Plus:
    case Qt::Key_Equal:
        zoom(kKeyZoom, QPointF(width() / 2.0, height() / 2.0));
        return true;
    case Qt::Key_Minus:
        zoom(1 / kKeyZoom, QPointF(width() / 2.0, height() / 2.0));
        return true;
    default:
        return false;
    }
}

void PointCanvas::keyPressEvent(QKeyEvent* event) {
    const Qt::KeyboardModifiers modifiers = event->modifiers() & ~Qt::KeypadModifier;
    const double dx = event->key() == Qt::Key_Left ? -1 : event->key() == Qt::Key_Right ? 1 : 0;
    const double dy = event->key() == Qt::Key_Up ? -1 : event->key() == Qt::Key_Down ? 1 : 0;
    if (dx != 0 || dy != 0) {
        if (modifiers == Qt::ControlModifier)
            panBy({-dx * width() * kKeyPan, -dy * height() * kKeyPan});
        else if ((modifiers & ~Qt::ShiftModifier) == 0)
            step(dx, dy, modifiers);
        else
            return QWidget::keyPressEvent(event);
    } else if (event->key() == Qt::Key_Space && modifiers == Qt::NoModifier) {
        if (!event->isAutoRepeat()) {
            m_spaceHeld = true;
            m_spaceUsed = false;
            updateCursor();
        }
    } else if (event->key() == Qt::Key_Escape && cancelDrawing()) {
        return;
    } else if ((event->key() == Qt::Key_Return || event->key() == Qt::Key_Enter) && m_current >= 0) {
        Q_EMIT activated(m_current);
    } else if (event->matches(QKeySequence::SelectAll)) {
        std::vector<int> points;
        for (size_t point = 0; point < m_x.size(); ++point)
            if (!isHidden(static_cast<int>(point)))
                points.push_back(static_cast<int>(point));
        Q_EMIT marked(points, SelectMode::Replace, -1);
    } else if ((modifiers & ~Qt::ShiftModifier) != 0 || !pressTool(event->key())) {
        QWidget::keyPressEvent(event);
    }
}

void PointCanvas::keyReleaseEvent(QKeyEvent* event) {
    if (event->key() != Qt::Key_Space || event->isAutoRepeat() || !m_spaceHeld)
        return QWidget::keyReleaseEvent(event);
    m_spaceHeld = false;
    updateCursor();
    if (!m_spaceUsed && m_current >= 0)
        Q_EMIT marked({m_current}, SelectMode::Toggle, m_current);
}

void PointCanvas::leaveEvent(QEvent* event) {
    QWidget::leaveEvent(event);
    setHovered(-1);
}

void PointCanvas::focusInEvent(QFocusEvent* event) {
    QWidget::focusInEvent(event);
    announceCurrentPoint(*this);
    update();
}

void PointCanvas::focusOutEvent(QFocusEvent* event) {
    QWidget::focusOutEvent(event);
    m_spaceHeld = false;
    updateCursor();
    update();
}

} // namespace diptych::ui
