// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QObject>

namespace diptych::ui {

/// Keeps the wheel from changing values that the pointer merely passes over: combo boxes, spin boxes, sliders
/// and tab bars react to it only while they have the keyboard focus, which the wheel does not give them.
/// Elsewhere it scrolls what is around them. An event filter for the application.
class WheelGuard : public QObject {
    Q_OBJECT
public:
    using QObject::QObject;
    bool eventFilter(QObject* watched, QEvent* event) override;
};

} // namespace diptych::ui
