// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/theme/style_sheet.h"

#include <QHash>

namespace diptych::ui::theme {

namespace {

const char* const kControls = R"(
QToolTip { background: @raised; color: @text; border: 1px solid @border; padding: 4px 6px; }
QPushButton { background: @button; color: @text; border: 1px solid @border; border-radius: 6px;
  padding: 5px 14px; min-height: 18px; }
QPushButton:hover { background: @raised; }
QPushButton:pressed, QPushButton:checked { background: @accentSoft; border-color: @accent; }
QPushButton:focus { border-color: @accent; }
QPushButton:disabled { color: @faint; background: @window; }
QPushButton:default { border-color: @accent; }
QPushButton[kind="primary"] { background: @accent; color: @accentText; border-color: @accent; font-weight: 600; }
QPushButton[kind="primary"]:hover { background: @accentHover; }
QPushButton[kind="primary"]:focus { border-color: @text; }
QPushButton[kind="primary"]:disabled { background: @raised; color: @faint; border-color: @border; }
QPushButton[kind="flat"] { background: transparent; border-color: transparent; padding: 5px 8px; }
QPushButton[kind="flat"]:hover { background: @raised; }
QPushButton[kind="flat"]:focus { border-color: @accent; }
QPushButton::menu-indicator { image: url(:/icons/style-chevron-down-@mode.svg); width: 10px;
  subcontrol-position: right center; right: 7px; }
QToolButton { background: transparent; border: 1px solid transparent; border-radius: 6px; padding: 4px; }
QToolButton:hover { background: @raised; }
QToolButton:pressed, QToolButton:checked { background: @accentSoft; }
QToolButton:focus { border-color: @accent; }
QToolButton::menu-indicator { image: none; }
QLineEdit, QPlainTextEdit, QTextEdit, QComboBox, QSpinBox, QDoubleSpinBox { background: @surface; color: @text;
  border: 1px solid @border; border-radius: 6px; selection-background-color: @accent;
  selection-color: @accentText; }
QLineEdit, QComboBox, QSpinBox, QDoubleSpinBox { padding: 4px 8px; min-height: 20px; }
QLineEdit:focus, QPlainTextEdit:focus, QTextEdit:focus, QComboBox:focus, QSpinBox:focus, QDoubleSpinBox:focus {
  border-color: @accent; }
QLineEdit:disabled, QComboBox:disabled, QSpinBox:disabled, QDoubleSpinBox:disabled { color: @faint;
  background: @window; }
QComboBox { padding-right: 24px; }
QComboBox::drop-down { border: none; width: 22px; }
QComboBox::down-arrow { image: url(:/icons/style-chevron-down-@mode.svg); width: 12px; height: 12px; }
QComboBox QLineEdit { border: none; padding: 0; background: transparent; }
QComboBox QAbstractItemView { background: @surface; border: 1px solid @border; outline: none; padding: 4px;
  selection-background-color: @accentSoft; selection-color: @text; }
QSpinBox::up-button, QDoubleSpinBox::up-button, QSpinBox::down-button, QDoubleSpinBox::down-button {
  border: none; background: transparent; width: 18px; }
QSpinBox::up-arrow, QDoubleSpinBox::up-arrow { image: url(:/icons/style-chevron-up-@mode.svg); width: 10px; }
QSpinBox::down-arrow, QDoubleSpinBox::down-arrow { image: url(:/icons/style-chevron-down-@mode.svg);
  width: 10px; }
QCheckBox, QRadioButton { spacing: 8px; }
QCheckBox::indicator, QAbstractItemView::indicator, QRadioButton::indicator { width: 15px; height: 15px; border: 1px solid @mutedText;
  background: @surface; }
QCheckBox::indicator, QAbstractItemView::indicator { border-radius: 4px; }
QRadioButton::indicator { border-radius: 8px; }
QCheckBox::indicator:checked, QAbstractItemView::indicator:checked { background: @accent; border-color: @accent;
  image: url(:/icons/style-check-@mode.svg); }
QRadioButton::indicator:checked { background: @accent; border: 4px solid @accentSoft; width: 9px; height: 9px; }
QCheckBox::indicator:focus, QRadioButton::indicator:focus { border-color: @accent; }
QProgressBar { background: @raised; border: none; border-radius: 3px; max-height: 6px; min-height: 6px; }
QProgressBar::chunk { background: @accent; border-radius: 3px; }
QSlider { min-height: 24px; }
QSlider::groove:horizontal { height: 4px; border-radius: 2px; background: @border; }
QSlider::sub-page:horizontal { background: @accent; border-radius: 2px; }
QSlider::handle:horizontal { background: @surface; border: 1px solid @mutedText; width: 14px; height: 14px;
  margin: -6px 0; border-radius: 8px; }
QSlider::handle:horizontal:hover, QSlider::handle:horizontal:focus { border-color: @accent; }
)";

const char* const kViews = R"(
QFrame[card="true"] { background: @surface; border: 1px solid @border; border-radius: 8px; }
QAbstractScrollArea { background: @surface; }
QAbstractItemView { background: @surface; border: 1px solid @border; border-radius: 6px; outline: none;
  selection-background-color: @accentSoft; selection-color: @text; alternate-background-color: @window;
  gridline-color: @border; }
QListView::item, QTreeView::item { padding: 5px 6px; border: none; }
QTableView::item { padding: 3px 8px; border: none; }
QAbstractItemView::item:hover { background: @raised; }
QAbstractItemView::item:selected { background: @accentSoft; color: @text; }
QAbstractItemView:focus { border-color: @accent; }
QAbstractItemView[frameless="true"] { border: none; border-radius: 0; }
QHeaderView { background: @surface; border: none; }
QHeaderView::section { background: @surface; color: @mutedText; border: none; border-bottom: 1px solid @border;
  padding: 6px 8px; font-weight: 600; }
QHeaderView::section:hover { color: @text; }
QAbstractScrollArea::corner { background: transparent; border: none; }
QTableCornerButton::section { background: @surface; border: none; border-bottom: 1px solid @border; }
QScrollArea { background: transparent; border: none; }
QScrollArea > QWidget > QWidget { background: transparent; }
QScrollBar:vertical { background: transparent; width: 12px; margin: 0; }
QScrollBar:horizontal { background: transparent; height: 12px; margin: 0; }
QScrollBar::handle { background: @scroll; border-radius: 4px; margin: 2px; }
QScrollBar::handle:vertical { min-height: 32px; }
QScrollBar::handle:horizontal { min-width: 32px; }
QScrollBar::handle:hover { background: @mutedText; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }
QTabWidget::pane { border: none; border-top: 1px solid @border; }
QTabBar { qproperty-drawBase: 0; }
QTabBar::tab { background: transparent; color: @mutedText; padding: 7px 12px; border: none;
  border-bottom: 2px solid transparent; }
QTabBar::tab:hover { color: @text; }
QTabBar::tab:selected { color: @text; border-bottom-color: @accent; }
QTabBar::tab:focus { color: @accent; }
QSplitter::handle { background: transparent; }
QSplitter::handle:hover { background: @accentSoft; }
QMenuBar { background: @window; border-bottom: 1px solid @border; padding: 1px 4px; }
QMenuBar::item { padding: 5px 9px; border-radius: 4px; background: transparent; }
QMenuBar::item:selected { background: @raised; }
QMenu { background: @surface; border: 1px solid @border; padding: 4px; }
QMenu::item { padding: 6px 26px 6px 12px; border-radius: 4px; }
QMenu::icon { padding-left: 8px; }
QMenu::item:selected { background: @accentSoft; color: @text; }
QMenu::item:disabled { color: @faint; }
QMenu::separator { height: 1px; background: @border; margin: 4px 6px; }
QStatusBar { background: @window; border-top: 1px solid @border; }
QStatusBar::item { border: none; }
QGroupBox { border: 1px solid @border; border-radius: 8px; margin-top: 10px; padding-top: 10px; }
QGroupBox::title { subcontrol-origin: margin; left: 10px; color: @mutedText; }
)";

} // namespace

QString styleSheet(const Colors& c) {
    QColor faint = c.mutedText;
    faint.setAlpha(150);
    QColor scroll = c.mutedText;
    scroll.setAlpha(110);
    // Longer names first: "@text" is also the beginning of no other, "@accent" of three.
    const QList<std::pair<QString, QString>> values{
        {QStringLiteral("@accentText"), c.accentText.name()},
        {QStringLiteral("@accentSoft"), c.accentSoft.name()},
        {QStringLiteral("@accentHover"), (c.dark ? c.accent.lighter(112) : c.accent.darker(112)).name()},
        {QStringLiteral("@accent"), c.accent.name()},
        {QStringLiteral("@mutedText"), c.mutedText.name()},
        {QStringLiteral("@button"), (c.dark ? c.raised : c.surface).name()},
        {QStringLiteral("@window"), c.window.name()},
        {QStringLiteral("@surface"), c.surface.name()},
        {QStringLiteral("@raised"), c.raised.name()},
        {QStringLiteral("@border"), c.border.name()},
        {QStringLiteral("@text"), c.text.name()},
        {QStringLiteral("@faint"), faint.name(QColor::HexArgb)},
        {QStringLiteral("@scroll"), scroll.name(QColor::HexArgb)},
        {QStringLiteral("@mode"), c.dark ? QStringLiteral("dark") : QStringLiteral("light")},
    };
    QString sheet = QString::fromLatin1(kControls) + QString::fromLatin1(kViews);
    for (const auto& [name, value] : values)
        sheet.replace(name, value);
    return sheet;
}

} // namespace diptych::ui::theme
