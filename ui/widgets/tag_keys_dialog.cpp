// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/tag_keys_dialog.h"

#include "ui/theme/theme.h"

#include <QCompleter>
#include <QDialogButtonBox>
#include <QFormLayout>
#include <QLabel>
#include <QLineEdit>
#include <QVBoxLayout>

namespace diptych::ui {

TagKeysDialog::TagKeysDialog(const QStringList& keys, const QStringList& known, QWidget* parent)
    : QDialog(parent) {
    setObjectName(QStringLiteral("tagKeys"));
    setWindowTitle(tr("Keys for tags"));
    auto* layout = new QVBoxLayout(this);
    auto* hint = new QLabel(tr("Press the key on a picture to give it the tag, and again to take it off."));
    theme::style(hint, theme::Text::Caption);
    layout->addWidget(hint);
    auto* form = new QFormLayout;
    for (int i = 0; i < keys.size(); ++i) {
        auto* field = new QLineEdit(keys[i]);
        field->setMinimumWidth(240);
        field->setCompleter(new QCompleter(known, field));
        form->addRow(tr("Key &%1").arg(i + 1), field);
        m_fields.push_back(field);
    }
    layout->addLayout(form);
    auto* buttons = new QDialogButtonBox(QDialogButtonBox::Ok | QDialogButtonBox::Cancel);
    connect(buttons, &QDialogButtonBox::accepted, this, &QDialog::accept);
    connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
    layout->addWidget(buttons);
}

QStringList TagKeysDialog::keys() const {
    QStringList keys;
    for (const QLineEdit* field : m_fields)
        keys << field->text().trimmed();
    return keys;
}

} // namespace diptych::ui
