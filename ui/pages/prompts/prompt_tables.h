// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/session/prompt_workbench.h"
#include "ui/pages/prompts/prompt_draft.h"

#include <QAbstractTableModel>
#include <QStyledItemDelegate>

#include <map>
#include <string>
#include <vector>

namespace diptych::ui {

/// A table that edits a draft: what is committed is a step, what is being typed is shown at once.
class DraftTable : public QAbstractTableModel {
    Q_OBJECT

public:
    DraftTable(DraftEditor& editor, QObject* parent) : QAbstractTableModel(parent), m_editor(editor) {}
    /// The draft with this text in that cell.
    virtual PromptDraft withText(const QModelIndex& index, const QString& text) const = 0;
    bool setData(const QModelIndex& index, const QVariant& value, int role) override;

protected:
    DraftEditor& m_editor;
};

/// The templates: whether they are used, their text, and what each brings.
class TemplatesTable : public DraftTable {
    Q_OBJECT

public:
    enum Column { Used, Text, Alone, Changed, ColumnCount };
    TemplatesTable(DraftEditor& editor, QObject* parent);
    /// What was found last; rows are told by their text.
    void setFound(const std::vector<TemplateRow>& rows, double ensemble);
    PromptDraft withText(const QModelIndex& index, const QString& text) const override;

    int rowCount(const QModelIndex& parent = {}) const override;
    int columnCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role = Qt::DisplayRole) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;
    Qt::ItemFlags flags(const QModelIndex& index) const override;
    bool setData(const QModelIndex& index, const QVariant& value, int role) override;

private:
    void follow();
    QVariant number(const DraftTemplate& entry, int column, int role) const;

    int m_rows = 0;
    double m_ensemble = 0;
    std::map<std::string, TemplateRow> m_found;
};

/// The classes: what each is called in prompts, prompts of its own, how many of its images are right, and how
/// many more or fewer than with the reference.
class ClassWordsTable : public DraftTable {
    Q_OBJECT

public:
    enum Column { Class, Called, Own, Images, Right, Moved, ColumnCount };
    ClassWordsTable(DraftEditor& editor, QObject* parent);
    void setClasses(std::vector<std::string> names);
    /// @param moved by class; empty where there is nothing to compare with
    void setFound(std::vector<size_t> count, std::vector<size_t> right, std::vector<int> moved);
    PromptDraft withText(const QModelIndex& index, const QString& text) const override;

    int rowCount(const QModelIndex& parent = {}) const override;
    int columnCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role = Qt::DisplayRole) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;
    Qt::ItemFlags flags(const QModelIndex& index) const override;

private:
    QVariant number(size_t row, int column, int role) const;

    std::vector<std::string> m_names;
    std::vector<size_t> m_count, m_right;
    std::vector<int> m_moved;
};

/// A line of text whose words arrive while they are typed.
class TypedDelegate : public QStyledItemDelegate {
    Q_OBJECT

public:
    using QStyledItemDelegate::QStyledItemDelegate;
    QWidget* createEditor(QWidget* parent, const QStyleOptionViewItem& option,
                          const QModelIndex& index) const override;

Q_SIGNALS:
    void typed(const QModelIndex& index, const QString& text) const; // index: of the view's model
    void stopped() const; ///< the editor is gone, whether its text was taken or not
};

} // namespace diptych::ui
