// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

class QMenuBar;
class QWidget;

namespace diptych::ui {

/// Every shortcut of the menus, and the keys of the views, in a table.
void showShortcuts(const QMenuBar& menus, QWidget* parent);
void showAbout(QWidget* parent);

} // namespace diptych::ui
