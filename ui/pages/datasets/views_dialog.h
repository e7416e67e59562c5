// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QDialog>
#include <QStringList>

class QListWidget;

namespace diptych::ui {

/// Renames and removes saved views. What is done is told at once; the dialog closes after it.
class ViewsDialog : public QDialog {
    Q_OBJECT
public:
    ViewsDialog(const QStringList& names, QWidget* parent);

Q_SIGNALS:
    void renamed(const QString& before, const QString& after);
    void removed(const QString& name);

private:
    void rename();
    void remove();

    QListWidget* m_list;
};

} // namespace diptych::ui
