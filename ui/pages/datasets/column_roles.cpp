// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/datasets/column_roles.h"

#include "ui/models/formatting.h"
#include "ui/theme/theme.h"

#include <QComboBox>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QMenu>
#include <QVBoxLayout>

#include <utility>

namespace diptych::ui {

namespace {

struct Role {
    const char* key; ///< of ImportOptions::columns
    const char* title;
};
const std::array<Role, 6> kRoleNames = {{
    {"image", QT_TRANSLATE_NOOP("diptych::ui::ColumnRoles", "Image file")},
    {"label", QT_TRANSLATE_NOOP("diptych::ui::ColumnRoles", "Class")},
    {"caption", QT_TRANSLATE_NOOP("diptych::ui::ColumnRoles", "Caption")},
    {"split", QT_TRANSLATE_NOOP("diptych::ui::ColumnRoles", "Split")},
    {"id", QT_TRANSLATE_NOOP("diptych::ui::ColumnRoles", "Id")},
    {"frames", QT_TRANSLATE_NOOP("diptych::ui::ColumnRoles", "Frames of a clip")},
}};

// Places in a role's list; the columns follow.
constexpr int kAutomatic = 0;
constexpr int kNone = 1;
constexpr int kFirstColumn = 2;

QString titleOf(size_t role) {
    return ColumnRoles::tr(kRoleNames[role].title);
}

} // namespace

void RawRowsModel::setTable(TablePreview table) {
    auto rows = std::exchange(table.rows, {});
    setRows({}); // the old rows do not fit the new columns
    beginResetModel();
    m_table = std::move(table);
    endResetModel();
    setRows(std::move(rows));
}

QVariant RawRowsModel::header(int column) const {
    const std::string& name = m_table.columns[static_cast<size_t>(column)];
    for (size_t role = 0; role < kRoleNames.size(); ++role) {
        const auto found = m_table.roles.find(kRoleNames[role].key);
        if (found != m_table.roles.end() && found->second == name)
            return tr("%1: %2").arg(titleOf(role), toQString(name));
    }
    return toQString(name);
}

QVariant RawRowsModel::cell(const std::vector<std::string>& row, int column, int role) const {
    if (role == Qt::DisplayRole || role == Qt::ToolTipRole)
        return toQString(row[static_cast<size_t>(column)]);
    return {};
}

ColumnRoles::ColumnRoles(QWidget* parent) : QWidget(parent) {
    auto* roles = new QHBoxLayout(this);
    roles->setContentsMargins(0, 0, 0, 0);
    roles->setSpacing(theme::kMedium);
    for (size_t i = 0; i < kRoles; ++i) {
        QComboBox* box = m_boxes[i] = new QComboBox(this);
        box->setObjectName(QStringLiteral("column-") + QLatin1String(kRoleNames[i].key));
        box->setMinimumContentsLength(8);
        box->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
        auto* label = new QLabel(titleOf(i), this);
        label->setBuddy(box);
        box->setAccessibleName(titleOf(i));
        theme::style(label, theme::Text::Caption);
        auto* pair = new QVBoxLayout;
        pair->setSpacing(theme::kTiny);
        pair->addWidget(label);
        pair->addWidget(box);
        roles->addLayout(pair, 1);
        connect(box, &QComboBox::activated, this, &ColumnRoles::changed);
    }
    clear();
}

void ColumnRoles::clear() {
    m_columns.clear();
    m_next.clear();
    for (QComboBox* box : m_boxes)
        box->clear();
    hide();
}

void ColumnRoles::setTable(const TablePreview& table) {
    const auto before = chosen();
    m_next.clear();
    m_columns.clear();
    for (const std::string& column : table.columns)
        m_columns << toQString(column);
    for (size_t i = 0; i < kRoles; ++i) {
        QComboBox* box = m_boxes[i];
        const std::string key = kRoleNames[i].key;
        const auto kept = before.find(key);
        const auto found = table.roles.find(key);
        const bool guessed = kept == before.end() && found != table.roles.end();
        box->clear();
        box->addItem(guessed ? tr("Automatic: %1").arg(toQString(found->second)) : tr("Automatic"));
        box->addItem(tr("None"));
        box->addItems(m_columns);
        if (kept != before.end())
            box->setCurrentIndex(kept->second.empty()
                                     ? kNone
                                     : static_cast<int>(m_columns.indexOf(toQString(kept->second))) +
                                           kFirstColumn);
        if (box->currentIndex() == kNone && kept != before.end() && !kept->second.empty())
            box->setCurrentIndex(kAutomatic); // this table has no such column
    }
    show();
}

std::map<std::string, std::string> ColumnRoles::chosen() const {
    std::map<std::string, std::string> columns = m_next;
    for (size_t i = 0; i < kRoles; ++i)
        if (m_boxes[i]->currentIndex() > kAutomatic)
            columns[kRoleNames[i].key] =
                m_boxes[i]->currentIndex() == kNone ? std::string() : m_boxes[i]->currentText().toStdString();
    return columns;
}

void ColumnRoles::attachTo(QHeaderView* header) {
    m_header = header;
    connect(header, &QHeaderView::sectionClicked, this, &ColumnRoles::askForRole);
}

void ColumnRoles::askForRole(int column) {
    if (column < 0 || column >= m_columns.size())
        return;
    const QString name = m_columns[column];
    auto* menu = new QMenu(this);
    menu->setAttribute(Qt::WA_DeleteOnClose);
    menu->setObjectName(QStringLiteral("columnMenu"));
    for (size_t i = 0; i < kRoles; ++i)
        menu->addAction(titleOf(i), this, [this, name, i] { give(name, static_cast<int>(i)); });
    menu->addSeparator();
    menu->addAction(tr("Nothing of these"), this, [this, name] { give(name, -1); });
    menu->popup(m_header->viewport()->mapToGlobal(
        QPoint(m_header->sectionViewportPosition(column), m_header->height())));
}

/// A column is one thing: whatever else it was, it is no more.
void ColumnRoles::give(const QString& column, int role) {
    for (size_t i = 0; i < kRoles; ++i) {
        QComboBox* box = m_boxes[i];
        const bool was = box->currentIndex() >= kFirstColumn
                             ? box->currentText() == column
                             : box->itemText(kAutomatic) == tr("Automatic: %1").arg(column);
        if (static_cast<int>(i) == role)
            box->setCurrentIndex(static_cast<int>(m_columns.indexOf(column)) + kFirstColumn);
        else if (was)
            box->setCurrentIndex(kNone);
    }
    Q_EMIT changed();
}

} // namespace diptych::ui
