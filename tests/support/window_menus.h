// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/widgets/sample_picture.h"
#include "ui/widgets/thumbnail_grid.h"

#include <QApplication>
#include <QContextMenuEvent>
#include <QMenu>
#include <QStringList>

namespace diptych::test {

/// What a right click brings up: the texts of the menu's entries, without keys; empty = no menu.
inline QStringList contextMenuOf(QWidget* view, QPoint point) {
    QContextMenuEvent event(QContextMenuEvent::Mouse, point, view->mapToGlobal(point));
    QApplication::sendEvent(view, &event);
    auto* menu = qobject_cast<QMenu*>(QApplication::activePopupWidget());
    QStringList texts;
    if (!menu)
        return texts;
    for (const QAction* action : menu->actions())
        texts << action->text().section(QLatin1Char('\t'), 0, 0);
    menu->close();
    texts.removeAll(QString());
    return texts;
}

/// Names of the visible pictures and grids below @p root that have no such menu.
inline QStringList picturesWithoutMenu(QWidget* root) {
    QStringList without;
    for (auto* grid : root->findChildren<ui::ThumbnailGrid*>()) {
        if (!grid->isVisible() || grid->model()->rowCount() == 0)
            continue;
        const QPoint point = grid->visualRect(grid->model()->index(0, 0)).center();
        if (!contextMenuOf(grid->viewport(), point).contains(QStringLiteral("Tag")))
            without << grid->objectName();
    }
    for (auto* picture : root->findChildren<ui::SamplePicture*>())
        if (picture->isVisible() && picture->sample() &&
            !contextMenuOf(picture, picture->rect().center()).contains(QStringLiteral("Tag")))
            without << picture->objectName();
    return without;
}

} // namespace diptych::test
