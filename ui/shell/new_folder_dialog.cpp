// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/shell/new_folder_dialog.h"

#include <QDir>
#include <QFileInfo>
#include <QLineEdit>

namespace diptych::ui {

NewFolderDialog::NewFolderDialog(const QString& title, QWidget* parent)
    : QFileDialog(parent, title, QDir::homePath()) {
    setAttribute(Qt::WA_DeleteOnClose);
    setFileMode(QFileDialog::Directory);
    setOption(QFileDialog::ShowDirsOnly);
    // The desktop's own dialog takes no name that does not exist; this one is asked what was typed.
    setOption(QFileDialog::DontUseNativeDialog);
    setLabelText(QFileDialog::Accept, tr("Use this folder"));
    connect(this, &QFileDialog::fileSelected, this, &NewFolderDialog::folderChosen);
}

void NewFolderDialog::accept() {
    const auto* typed = findChild<QLineEdit*>(QStringLiteral("fileNameEdit"));
    const QString name = typed ? typed->text().trimmed() : QString();
    const QFileInfo folder(directory().absoluteFilePath(name));
    if (name.isEmpty() || folder.exists()) {
        QFileDialog::accept();
        return;
    }
    Q_EMIT folderChosen(QDir::cleanPath(folder.absoluteFilePath()));
    done(QDialog::Accepted);
}

} // namespace diptych::ui
