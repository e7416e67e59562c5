// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/wheel_guard.h"

#include <QAbstractSlider>
#include <QAbstractSpinBox>
#include <QApplication>
#include <QComboBox>
#include <QEvent>
#include <QScrollBar>
#include <QTabBar>

namespace diptych::ui {
namespace {

/// The control that a wheel over @p widget would change; null if it would scroll.
QWidget* controlAt(QWidget* widget) {
    if (qobject_cast<QComboBox*>(widget) || qobject_cast<QAbstractSpinBox*>(widget) ||
        qobject_cast<QTabBar*>(widget))
        return widget;
    return qobject_cast<QAbstractSlider*>(widget) && !qobject_cast<QScrollBar*>(widget) ? widget : nullptr;
}

} // namespace

bool WheelGuard::eventFilter(QObject* watched, QEvent* event) {
    const bool wheel = event->type() == QEvent::Wheel;
    if (!wheel && event->type() != QEvent::Polish)
        return false;
    QWidget* control = watched->isWidgetType() ? controlAt(static_cast<QWidget*>(watched)) : nullptr;
    if (!control)
        return false;
    if (!wheel) {
        if (control->focusPolicy() == Qt::WheelFocus)
            control->setFocusPolicy(Qt::StrongFocus);
        return false;
    }
    const QWidget* focused = QApplication::focusWidget();
    if (focused && (focused == control || control->isAncestorOf(focused)))
        return false;
    event->ignore(); // so that it goes on to what is around the control
    return true;
}

} // namespace diptych::ui
