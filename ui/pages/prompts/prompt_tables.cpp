// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/prompts/prompt_tables.h"

#include "core/tasks/class_prompts.h"
#include "ui/models/formatting.h"
#include "ui/models/table_model.h"
#include "ui/theme/theme.h"

#include <QLineEdit>
#include <QPersistentModelIndex>

namespace diptych::ui {
namespace {

constexpr Qt::Alignment kNumbers = Qt::AlignRight | Qt::AlignVCenter;

QString joined(const std::vector<std::string>& texts) {
    QStringList list;
    for (const std::string& text : texts)
        list << toQString(text);
    return list.join(QStringLiteral(" | "));
}

QString signedText(double points) {
    return (points > 0 ? QStringLiteral("+") : QString()) + QLocale().toString(points, 'f', 1);
}

} // namespace

bool DraftTable::setData(const QModelIndex& index, const QVariant& value, int role) {
    if (role != Qt::EditRole)
        return false;
    m_editor.edit(tr("Edit prompts"), withText(index, value.toString()));
    return true;
}

TemplatesTable::TemplatesTable(DraftEditor& editor, QObject* parent) : DraftTable(editor, parent) {
    connect(&editor, &DraftEditor::draftChanged, this, &TemplatesTable::follow);
    follow();
}

void TemplatesTable::follow() {
    const int rows = static_cast<int>(m_editor.draft().templates.size());
    if (rows == m_rows) {
        if (rows > 0)
            Q_EMIT dataChanged(index(0, 0), index(rows - 1, ColumnCount - 1));
        return;
    }
    beginResetModel();
    m_rows = rows;
    endResetModel();
}

void TemplatesTable::setFound(const std::vector<TemplateRow>& rows, double ensemble) {
    m_found.clear();
    for (const TemplateRow& row : rows)
        m_found[row.text] = row;
    m_ensemble = ensemble;
    if (m_rows > 0)
        Q_EMIT dataChanged(index(0, Alone), index(m_rows - 1, Changed));
}

PromptDraft TemplatesTable::withText(const QModelIndex& index, const QString& text) const {
    PromptDraft draft = m_editor.draft();
    draft.templates[static_cast<size_t>(index.row())].text = text.trimmed().toStdString();
    return draft;
}

int TemplatesTable::rowCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : m_rows;
}

int TemplatesTable::columnCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : ColumnCount;
}

QVariant TemplatesTable::headerData(int section, Qt::Orientation orientation, int role) const {
    if (orientation != Qt::Horizontal)
        return {};
    if (role == Qt::TextAlignmentRole && section >= Alone)
        return QVariant::fromValue(kNumbers);
    if (role == Qt::ToolTipRole && section == Changed)
        return tr(
            "What the ensemble gains or loses by a click on the tick: without this template where it is "
            "used, with it where it is set aside, in points of accuracy");
    if (role != Qt::DisplayRole)
        return {};
    return section == Used    ? QString()
           : section == Text  ? tr("Template")
           : section == Alone ? tr("Alone")
                              : tr("Change");
}

Qt::ItemFlags TemplatesTable::flags(const QModelIndex& index) const {
    Qt::ItemFlags flags = DraftTable::flags(index);
    if (index.column() == Used)
        flags |= Qt::ItemIsUserCheckable;
    return index.column() == Text ? flags | Qt::ItemIsEditable : flags;
}

QVariant TemplatesTable::number(const DraftTemplate& entry, int column, int role) const {
    const auto found = m_found.find(entry.text);
    const std::optional<double> share = found == m_found.end() ? std::nullopt
                                        : column == Alone      ? found->second.alone
                                                               : found->second.changed;
    const double points = share ? (*share - m_ensemble) * 100 : 0;
    if (role == kSortRole)
        return share ? (column == Alone ? *share : points) : -1000.0;
    if (role == Qt::ToolTipRole && share && column == Changed)
        return (entry.used ? tr("The ensemble without it: %1") : tr("The ensemble with it: %1"))
            .arg(shareText(*share));
    if (role != Qt::DisplayRole)
        return {};
    return !share ? QStringLiteral("–") : column == Alone ? shareText(*share) : signedText(points);
}

QVariant TemplatesTable::data(const QModelIndex& index, int role) const {
    const DraftTemplate& entry = m_editor.draft().templates[static_cast<size_t>(index.row())];
    if (role == Qt::TextAlignmentRole && index.column() >= Alone)
        return QVariant::fromValue(kNumbers);
    if (role == Qt::ForegroundRole && !entry.used)
        return theme::colors().mutedText;
    if (index.column() == Used) {
        if (role == Qt::CheckStateRole)
            return entry.used ? Qt::Checked : Qt::Unchecked;
        if (role == Qt::AccessibleTextRole)
            return entry.used ? tr("Used") : tr("Set aside");
        return role == kSortRole ? QVariant(entry.used) : QVariant();
    }
    if (index.column() == Text)
        return role == Qt::DisplayRole || role == Qt::EditRole || role == kSortRole || role == Qt::ToolTipRole
                   ? QVariant(toQString(entry.text))
                   : QVariant();
    return number(entry, index.column(), role);
}

bool TemplatesTable::setData(const QModelIndex& index, const QVariant& value, int role) {
    if (role != Qt::CheckStateRole || index.column() != Used)
        return DraftTable::setData(index, value, role);
    PromptDraft draft = m_editor.draft();
    draft.templates[static_cast<size_t>(index.row())].used = value.toInt() == Qt::Checked;
    m_editor.edit(tr("Use templates"), std::move(draft));
    return true;
}

ClassWordsTable::ClassWordsTable(DraftEditor& editor, QObject* parent) : DraftTable(editor, parent) {
    connect(&editor, &DraftEditor::draftChanged, this, [this] {
        if (!m_names.empty())
            Q_EMIT dataChanged(index(0, Called), index(rowCount() - 1, Own));
    });
}

void ClassWordsTable::setClasses(std::vector<std::string> names) {
    beginResetModel();
    m_names = std::move(names);
    m_count.clear();
    m_right.clear();
    m_moved.clear();
    endResetModel();
}

void ClassWordsTable::setFound(std::vector<size_t> count, std::vector<size_t> right, std::vector<int> moved) {
    m_count = std::move(count);
    m_right = std::move(right);
    m_moved = std::move(moved);
    if (!m_names.empty())
        Q_EMIT dataChanged(index(0, Images), index(rowCount() - 1, Moved));
}

PromptDraft ClassWordsTable::withText(const QModelIndex& index, const QString& text) const {
    PromptDraft draft = m_editor.draft();
    const std::string& name = m_names[static_cast<size_t>(index.row())];
    const auto found = draft.classes.find(name);
    ClassWords words = found == draft.classes.end() ? ClassWords() : found->second;
    std::vector<std::string> texts = promptsIn(text.toStdString());
    if (index.column() == Called)
        words.names = texts == std::vector{name} ? std::vector<std::string>() : std::move(texts);
    else
        words.prompts = std::move(texts);
    draft.setWords(name, words);
    return draft;
}

int ClassWordsTable::rowCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : static_cast<int>(m_names.size());
}

int ClassWordsTable::columnCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : ColumnCount;
}

QVariant ClassWordsTable::headerData(int section, Qt::Orientation orientation, int role) const {
    if (orientation != Qt::Horizontal)
        return {};
    if (role == Qt::TextAlignmentRole && section >= Images)
        return QVariant::fromValue(kNumbers);
    if (role == Qt::ToolTipRole)
        return section == Called ? tr("What stands for {}; with | between several names")
               : section == Own  ? tr("Prompts that only this class has, with | between several")
               : section == Moved
                   ? tr("Images that are right now, less those that were right with the reference")
                   : QString();
    static const char* const kTitles[ColumnCount] = {QT_TR_NOOP("Class"),       QT_TR_NOOP("Called"),
                                                     QT_TR_NOOP("Own prompts"), QT_TR_NOOP("Images"),
                                                     QT_TR_NOOP("Right"),       QT_TR_NOOP("Moved")};
    return role == Qt::DisplayRole ? QVariant(tr(kTitles[section])) : QVariant();
}

Qt::ItemFlags ClassWordsTable::flags(const QModelIndex& index) const {
    const Qt::ItemFlags flags = DraftTable::flags(index);
    return index.column() == Called || index.column() == Own ? flags | Qt::ItemIsEditable : flags;
}

QVariant ClassWordsTable::number(size_t row, int column, int role) const {
    if (row >= m_count.size())
        return role == kSortRole ? QVariant(-1) : QVariant();
    const bool none = m_count[row] == 0;
    const double right = none ? -1 : static_cast<double>(m_right[row]) / static_cast<double>(m_count[row]);
    const int moved = row < m_moved.size() ? m_moved[row] : 0;
    if (role == kSortRole)
        return column == Images  ? QVariant::fromValue<qulonglong>(m_count[row])
               : column == Right ? QVariant(right)
                                 : QVariant(moved);
    if (role == Qt::ForegroundRole && column == Moved && moved != 0)
        return moved > 0 ? theme::colors().success : theme::colors().danger;
    if (role != Qt::DisplayRole)
        return {};
    if (column == Images)
        return exactCountText(static_cast<qlonglong>(m_count[row]));
    if (column == Right)
        return none ? QStringLiteral("–") : shareText(right);
    return moved == 0 ? QString() : (moved > 0 ? QStringLiteral("+") : QString()) + QString::number(moved);
}

QVariant ClassWordsTable::data(const QModelIndex& index, int role) const {
    const auto row = static_cast<size_t>(index.row());
    if (index.column() >= Images)
        return role == Qt::TextAlignmentRole ? QVariant::fromValue(kNumbers)
                                             : number(row, index.column(), role);
    if (role != Qt::DisplayRole && role != Qt::EditRole && role != kSortRole && role != Qt::ToolTipRole)
        return {};
    if (index.column() == Class)
        return toQString(m_names[row]);
    const auto& classes = m_editor.draft().classes;
    const auto found = classes.find(m_names[row]);
    const bool none = found == classes.end();
    if (index.column() == Called)
        return none || found->second.names.empty() ? toQString(m_names[row]) : joined(found->second.names);
    return none ? QString() : joined(found->second.prompts);
}

QWidget* TypedDelegate::createEditor(QWidget* parent, const QStyleOptionViewItem&,
                                     const QModelIndex& index) const {
    auto* editor = new QLineEdit(parent);
    editor->setFrame(false);
    connect(editor, &QLineEdit::textEdited, this,
            [this, at = QPersistentModelIndex(index)](const QString& text) {
                if (at.isValid())
                    Q_EMIT typed(at, text);
            });
    connect(editor, &QObject::destroyed, this, [this] { Q_EMIT stopped(); });
    return editor;
}

} // namespace diptych::ui
