// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/plots/point_canvas_accessible.h"

#include "ui/plots/point_canvas.h"

#include <QAccessible>
#include <QAccessibleWidget>

#include <algorithm>

namespace diptych::ui {

namespace {

class CanvasAccessible : public QAccessibleWidget {
public:
    explicit CanvasAccessible(PointCanvas* canvas) : QAccessibleWidget(canvas, QAccessible::Chart) {}

    QString text(QAccessible::Text kind) const override {
        if (kind != QAccessible::Value && kind != QAccessible::Description)
            return QAccessibleWidget::text(kind);
        const auto* canvas = static_cast<PointCanvas*>(object());
        const auto& selected = canvas->selectedPoints();
        const auto count = std::count(selected.begin(), selected.end(), 1);
        QString said = PointCanvas::tr("%1 of %2 points selected").arg(count).arg(canvas->pointCount());
        const QString current = canvas->describe(canvas->current());
        return current.isEmpty() ? said : current + QStringLiteral(". ") + said;
    }
};

QAccessibleInterface* makeCanvasAccessible(const QString&, QObject* object) {
    auto* canvas = qobject_cast<PointCanvas*>(object);
    return canvas ? new CanvasAccessible(canvas) : nullptr;
}

} // namespace

void makePointCanvasesAccessible() {
    static const bool once = [] {
        QAccessible::installFactory(makeCanvasAccessible);
        return true;
    }();
    static_cast<void>(once);
}

void announceCurrentPoint(PointCanvas& canvas) {
    if (!QAccessible::isActive() || !canvas.hasFocus())
        return;
    QAccessibleValueChangeEvent event(&canvas, canvas.describe(canvas.current()));
    QAccessible::updateAccessibility(&event);
}

} // namespace diptych::ui
