// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QAbstractTableModel>

#include <utility>
#include <vector>

namespace diptych::ui {

/// Value to sort a column by, where it differs from what is shown.
inline constexpr int kSortRole = Qt::UserRole + 1;
/// A share in [0, 1] to draw as a bar (BarDelegate).
inline constexpr int kBarRole = Qt::UserRole + 2;

/// A read-only table over a vector of rows. Subclasses say what a cell shows; the plumbing is here once.
template<class Row>
class TableModel : public QAbstractTableModel {
public:
    using QAbstractTableModel::QAbstractTableModel;

    void setRows(std::vector<Row> rows) {
        beginResetModel();
        m_rows = std::move(rows);
        endResetModel();
    }
    const Row& row(int index) const { return m_rows[static_cast<size_t>(index)]; }
    int rowCount(const QModelIndex& parent = {}) const final {
        return parent.isValid() ? 0 : static_cast<int>(m_rows.size());
    }
    int columnCount(const QModelIndex& parent = {}) const final { return parent.isValid() ? 0 : columns(); }
    QVariant data(const QModelIndex& index, int role = Qt::DisplayRole) const final {
        if (!checkIndex(index, CheckIndexOption::IndexIsValid))
            return {};
        if (role == Qt::TextAlignmentRole)
            return headerData(index.column(), Qt::Horizontal, role);
        return cell(row(index.row()), index.column(), role);
    }
    QVariant headerData(int section, Qt::Orientation orientation, int role = Qt::DisplayRole) const final {
        if (orientation != Qt::Horizontal || section < 0 || section >= columns())
            return {};
        if (role == Qt::TextAlignmentRole)
            return QVariant::fromValue(
                Qt::Alignment((numeric(section) ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter));
        return role == Qt::DisplayRole ? header(section) : QVariant();
    }

protected:
    virtual int columns() const = 0;
    virtual QVariant header(int column) const = 0;
    /// Right-aligned, header and cells.
    virtual bool numeric(int /*column*/) const { return false; }
    virtual QVariant cell(const Row& row, int column, int role) const = 0;

private:
    std::vector<Row> m_rows;
};

} // namespace diptych::ui
