// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "tests/support/window_fixture.h"
#include "ui/widgets/sample_actions.h"

#include <QApplication>
#include <QMimeData>
#include <QMouseEvent>
#include <QTest>
#include <QTimer>
#include <QUrl>
#include <QWindow>

namespace diptych::test {

/// Presses at @p from and drags to the right. @return names of the files that leave the window then
inline QStringList filesDragged(ui::SampleActions& actions, QWidget* widget, const QPoint& from) {
    QStringList files;
    QObject listener;
    QWidget* window = widget->window();
    QObject::connect(&actions, &ui::SampleActions::dragging, &listener, [&](const QMimeData& mime) {
        for (const QUrl& url : mime.urls())
            files << url.fileName();
        // The drag itself waits for a button that a test does not hold.
        QTimer::singleShot(0, window, [window] { QTest::keyClick(window->windowHandle(), Qt::Key_Escape); });
    });
    QTest::mousePress(widget, Qt::LeftButton, {}, from);
    for (const int far : {30, 60}) { // with the button held, which QTest::mouseMove() does not say
        const QPoint at = from + QPoint(far, 0);
        QMouseEvent move(QEvent::MouseMove, at, widget->mapToGlobal(at), Qt::NoButton, Qt::LeftButton,
                         Qt::NoModifier);
        QApplication::sendEvent(widget, &move);
    }
    (void)QTest::qWaitFor([&] { return !files.isEmpty(); });
    QTest::mouseRelease(widget, Qt::LeftButton, {}, from + QPoint(60, 0));
    return files;
}

} // namespace diptych::test
