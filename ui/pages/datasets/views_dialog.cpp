// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/datasets/views_dialog.h"

#include "ui/theme/theme.h"

#include <QDialogButtonBox>
#include <QInputDialog>
#include <QLabel>
#include <QLineEdit>
#include <QListWidget>
#include <QMessageBox>
#include <QPushButton>
#include <QVBoxLayout>

namespace diptych::ui {

ViewsDialog::ViewsDialog(const QStringList& names, QWidget* parent)
    : QDialog(parent), m_list(new QListWidget(this)) {
    setAttribute(Qt::WA_DeleteOnClose);
    setWindowTitle(tr("Saved views"));
    m_list->setAccessibleName(windowTitle());
    m_list->addItems(names);
    m_list->setCurrentRow(0);
    auto* buttons = new QDialogButtonBox(QDialogButtonBox::Close, this);
    QPushButton* rename = buttons->addButton(tr("Rename…"), QDialogButtonBox::ActionRole);
    QPushButton* remove = buttons->addButton(tr("Remove"), QDialogButtonBox::ActionRole);
    rename->setObjectName(QStringLiteral("renameView"));
    remove->setObjectName(QStringLiteral("removeView"));
    connect(rename, &QPushButton::clicked, this, &ViewsDialog::rename);
    connect(remove, &QPushButton::clicked, this, &ViewsDialog::remove);
    connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
    auto* layout = new QVBoxLayout(this);
    layout->setSpacing(theme::kMedium);
    layout->addWidget(m_list);
    layout->addWidget(buttons);
    resize(360, 300);
}

void ViewsDialog::rename() {
    const QListWidgetItem* item = m_list->currentItem();
    if (!item)
        return;
    const QString before = item->text();
    bool accepted = false;
    const QString after =
        QInputDialog::getText(this, tr("Rename view"), tr("Name"), QLineEdit::Normal, before, &accepted)
            .trimmed();
    if (!accepted || after.isEmpty() || after == before)
        return;
    Q_EMIT renamed(before, after);
    accept();
}

void ViewsDialog::remove() {
    const QListWidgetItem* item = m_list->currentItem();
    if (!item)
        return;
    QMessageBox question(QMessageBox::Question, tr("Remove view"),
                         tr("Remove the view “%1”? Its images stay.").arg(item->text()), QMessageBox::Cancel,
                         this);
    QPushButton* remove = question.addButton(tr("Remove"), QMessageBox::DestructiveRole);
    question.exec();
    if (question.clickedButton() != remove)
        return;
    Q_EMIT removed(item->text());
    accept();
}

} // namespace diptych::ui
