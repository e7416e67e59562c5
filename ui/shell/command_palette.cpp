// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/shell/command_palette.h"

#include "ui/theme/theme.h"

#include <QKeyEvent>
#include <QLineEdit>
#include <QListWidget>
#include <QVBoxLayout>

#include <algorithm>

namespace diptych::ui {
namespace {

constexpr int kWidth = 620, kHeight = 380;
constexpr size_t kMostShown = 200; ///< more is not read

} // namespace

CommandPalette::CommandPalette(QWidget* parent)
    : QDialog(parent), m_field(new QLineEdit(this)), m_list(new QListWidget(this)) {
    setWindowTitle(tr("Go to"));
    resize(kWidth, kHeight);
    m_field->setObjectName(QStringLiteral("paletteField"));
    m_field->setPlaceholderText(tr("An action, a page, a dataset, a model, a run"));
    m_field->setAccessibleName(tr("Find"));
    m_list->setObjectName(QStringLiteral("paletteList"));
    m_list->setAccessibleName(tr("What matches"));
    m_field->installEventFilter(this);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(theme::kMedium, theme::kMedium, theme::kMedium, theme::kMedium);
    column->setSpacing(theme::kSmall);
    column->addWidget(m_field);
    column->addWidget(m_list, 1);
    connect(m_field, &QLineEdit::textChanged, this, &CommandPalette::refill);
    connect(m_field, &QLineEdit::returnPressed, this, &CommandPalette::accept);
    connect(m_list, &QListWidget::itemActivated, this, &CommandPalette::accept);
    connect(m_list, &QListWidget::itemClicked, this, &CommandPalette::accept);
    m_field->setFocus();
}

void CommandPalette::addEntries(std::vector<PaletteEntry> entries) {
    m_entries.insert(m_entries.end(), std::make_move_iterator(entries.begin()),
                     std::make_move_iterator(entries.end()));
    refill();
}

void CommandPalette::refill() {
    const QStringList words = m_field->text().split(QLatin1Char(' '), Qt::SkipEmptyParts);
    std::vector<size_t> found;
    for (size_t i = 0; i < m_entries.size(); ++i) {
        const QString searched = m_entries[i].text + QLatin1Char(' ') + m_entries[i].detail;
        if (std::all_of(words.begin(), words.end(),
                        [&](const QString& word) { return searched.contains(word, Qt::CaseInsensitive); }))
            found.push_back(i);
    }
    if (!words.isEmpty())
        std::stable_partition(found.begin(), found.end(), [&](size_t i) {
            return m_entries[i].text.startsWith(words.front(), Qt::CaseInsensitive);
        });
    m_list->clear();
    for (size_t i = 0; i < std::min(found.size(), kMostShown); ++i) {
        const PaletteEntry& entry = m_entries[found[i]];
        auto* item = new QListWidgetItem(
            entry.detail.isEmpty() ? entry.text : tr("%1   ·   %2").arg(entry.text, entry.detail), m_list);
        item->setData(Qt::UserRole, QVariant::fromValue<qulonglong>(found[i]));
    }
    m_list->setCurrentRow(0);
}

QStringList CommandPalette::shown() const {
    QStringList texts;
    for (int i = 0; i < m_list->count(); ++i)
        texts.append(m_entries[m_list->item(i)->data(Qt::UserRole).toULongLong()].text);
    return texts;
}

void CommandPalette::accept() {
    const QListWidgetItem* item = m_list->currentItem();
    if (!item)
        return;
    const auto act = m_entries[item->data(Qt::UserRole).toULongLong()].act;
    QDialog::accept(); // first: what is done may open a dialog of its own
    act();
}

bool CommandPalette::eventFilter(QObject* watched, QEvent* event) {
    if (watched == m_field && event->type() == QEvent::KeyPress) {
        const int key = static_cast<QKeyEvent*>(event)->key();
        const int by = key == Qt::Key_Down ? 1 : key == Qt::Key_Up ? -1 : 0;
        if (by != 0 && m_list->count() > 0) {
            m_list->setCurrentRow(std::clamp(m_list->currentRow() + by, 0, m_list->count() - 1));
            return true;
        }
    }
    return QDialog::eventFilter(watched, event);
}

} // namespace diptych::ui
