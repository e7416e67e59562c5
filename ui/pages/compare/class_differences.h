// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/session/comparison.h"
#include "ui/models/table_model.h"

#include <QStyledItemDelegate>

namespace diptych::ui {

/// One class of two runs a row.
class ClassDifferencesModel : public TableModel<ClassDifference> {
    Q_OBJECT

public:
    enum Column { Name, Difference, OnlyA, OnlyB, Holm, Images, A, B, ColumnCount };
    /// Role of Difference: by the widest of all, in [-1, 1], for DifferenceDelegate.
    static constexpr int kDifferenceRole = Qt::UserRole + 3;
    using TableModel::TableModel;
    void setClasses(std::vector<ClassDifference> classes);

protected:
    int columns() const override { return ColumnCount; }
    QVariant header(int column) const override;
    bool numeric(int column) const override { return column != Name; }
    QVariant cell(const ClassDifference& row, int column, int role) const override;

private:
    double m_widest = 1;
};

/// A bar from the middle: to the left where A is better, to the right where B is, as the leaves stand.
class DifferenceDelegate : public QStyledItemDelegate {
    Q_OBJECT

public:
    using QStyledItemDelegate::QStyledItemDelegate;
    void paint(QPainter* painter, const QStyleOptionViewItem& option,
               const QModelIndex& index) const override;
    QSize sizeHint(const QStyleOptionViewItem& option, const QModelIndex& index) const override;
};

} // namespace diptych::ui
