// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/column_scroll_area.h"

#include <QEvent>
#include <QScrollBar>

#include <algorithm>

namespace diptych::ui {

ColumnScrollArea::ColumnScrollArea(QWidget* content, QWidget* parent) : QScrollArea(parent) {
    setFrameShape(QFrame::NoFrame);
    setWidgetResizable(true);
    setWidget(content); // watches it with eventFilter()
}

QSize ColumnScrollArea::minimumSizeHint() const {
    QSize size = QScrollArea::minimumSizeHint();
    if (widget())
        size.setWidth(std::max(size.width(), widget()->minimumSizeHint().width() +
                                                 verticalScrollBar()->sizeHint().width()));
    return size;
}

bool ColumnScrollArea::eventFilter(QObject* watched, QEvent* event) {
    const bool handled = QScrollArea::eventFilter(watched, event);
    if (watched == widget() && event->type() == QEvent::LayoutRequest)
        updateGeometry();
    return handled;
}

} // namespace diptych::ui
