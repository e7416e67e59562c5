// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QFileDialog>

namespace diptych::ui {

/// Asks for a folder that is to be made, or for one there is: a name that does not exist yet is as good as
/// one that does. Deletes itself.
class NewFolderDialog : public QFileDialog {
    Q_OBJECT
public:
    explicit NewFolderDialog(const QString& title, QWidget* parent = nullptr);

Q_SIGNALS:
    void folderChosen(const QString& path); ///< absolute; it may not exist

protected:
    void accept() override;
};

} // namespace diptych::ui
