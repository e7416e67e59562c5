// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QDialog>
#include <QStringList>

#include <vector>

class QLineEdit;

namespace diptych::ui {

/// Which tag each of the keys 1 to 9 gives.
class TagKeysDialog : public QDialog {
    Q_OBJECT
public:
    /// @param keys one tag a key, empty = none. @param known tags to choose from while typing
    TagKeysDialog(const QStringList& keys, const QStringList& known, QWidget* parent = nullptr);
    QStringList keys() const;

private:
    std::vector<QLineEdit*> m_fields;
};

} // namespace diptych::ui
