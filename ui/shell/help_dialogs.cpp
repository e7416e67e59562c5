// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/shell/help_dialogs.h"

#include "core/session/session.h"
#include "ui/models/formatting.h"
#include "ui/theme/theme.h"

#include <QCoreApplication>
#include <QDialog>
#include <QDialogButtonBox>
#include <QGridLayout>
#include <QLabel>
#include <QMenu>
#include <QMenuBar>
#include <QVBoxLayout>

namespace diptych::ui {

namespace {

QString tr(const char* text) {
    return QCoreApplication::translate("diptych::ui::Help", text);
}

void collect(const QList<QAction*>& actions, QList<std::pair<QString, QString>>& out) {
    for (const QAction* action : actions) {
        if (const QMenu* menu = action->menu())
            collect(menu->actions(), out);
        else if (!action->shortcut().isEmpty()) {
            QString title = action->text();
            title.remove(QLatin1Char('&')).remove(QChar(0x2026));
            out.append({action->shortcut().toString(QKeySequence::NativeText), title});
        }
    }
}

QDialog* makeDialog(const QString& title, QWidget* content, QWidget* parent) {
    auto* dialog = new QDialog(parent);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setWindowTitle(title);
    auto* buttons = new QDialogButtonBox(QDialogButtonBox::Close, dialog);
    QObject::connect(buttons, &QDialogButtonBox::rejected, dialog, &QDialog::reject);
    auto* column = new QVBoxLayout(dialog);
    column->setContentsMargins(theme::kHuge, theme::kHuge, theme::kHuge, theme::kLarge);
    column->setSpacing(theme::kLarge);
    column->addWidget(content);
    column->addWidget(buttons);
    return dialog;
}

} // namespace

void showShortcuts(const QMenuBar& menus, QWidget* parent) {
    QList<std::pair<QString, QString>> rows;
    collect(menus.actions(), rows);
    rows.append({tr("Esc"), tr("Stop, or clear what is filtered or selected")});
    rows.append({tr("Enter"), tr("Open the image in the Inspector")});
    rows.append({tr("Ctrl+wheel"), tr("Size of the pictures")});
    auto* content = new QWidget;
    auto* grid = new QGridLayout(content);
    grid->setContentsMargins(0, 0, 0, 0);
    grid->setHorizontalSpacing(theme::kHuge);
    grid->setVerticalSpacing(theme::kSmall);
    const int half = (static_cast<int>(rows.size()) + 1) / 2;
    for (int i = 0; i < rows.size(); ++i) {
        auto* keys = new QLabel(rows[i].first, content);
        QFont bold = keys->font();
        bold.setWeight(QFont::DemiBold);
        keys->setFont(bold);
        auto* what = new QLabel(rows[i].second, content);
        grid->addWidget(keys, i % half, i / half * 2);
        grid->addWidget(what, i % half, i / half * 2 + 1);
    }
    makeDialog(tr("Keyboard shortcuts"), content, parent)->open();
}

void showAbout(QWidget* parent) {
    auto* content = new QWidget;
    auto* column = new QVBoxLayout(content);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(theme::kSmall);
    auto* name = new QLabel(tr("Diptych %1").arg(toQString(programVersion())), content);
    theme::style(name, theme::Text::Title);
    auto* text = new QLabel(tr("A workbench for exploring and evaluating vision-language models."), content);
    auto* licence = new QLabel(
        tr("Free software under the GNU General Public License, version 3 or later; without any warranty.\n"
           "Built with Qt %1, LibTorch, OpenCV, SQLite and QCustomPlot.")
            .arg(QString::fromLatin1(qVersion())),
        content);
    theme::style(licence, theme::Text::Caption);
    column->addWidget(name);
    column->addWidget(text);
    column->addWidget(licence);
    makeDialog(tr("About Diptych"), content, parent)->open();
}

} // namespace diptych::ui
