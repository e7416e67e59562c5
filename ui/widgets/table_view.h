// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QTableView>

#include <vector>

class QAbstractItemModel;
class QSortFilterProxyModel;

namespace diptych::ui {

/// A read-only table as the program shows all of them: whole rows selected, no grid, sortable by header (by
/// kSortRole), Ctrl+C copies the selected rows as tab-separated text. Owns the sorting proxy between it and
/// its model.
class TableView : public QTableView {
    Q_OBJECT

public:
    explicit TableView(QWidget* parent = nullptr);
    /// @p source is not owned.
    void setSource(QAbstractItemModel* source);
    /// Row of the source model; -1 = none.
    int currentSourceRow() const;
    void setCurrentSourceRow(int row);
    /// Selects these alone; @p current becomes the current one, nothing is scrolled.
    void selectSourceRows(const std::vector<int>& rows, int current);
    /// Rows of the source model that are selected, in the order shown.
    std::vector<int> selectedSourceRows() const;
    /// All columns as wide as their contents, @p column takes what room is left. Where there is none left, it
    /// keeps its contents' width and the table scrolls: nothing is cut off.
    void setStretchColumn(int column);
    /// The least width at which neither words nor heading of the column are cut off.
    int contentWidth(int column) const;
    /// Shows rows that have @p text in any column.
    void setFilterText(const QString& text);

Q_SIGNALS:
    void currentSourceRowChanged(int row);
    void sourceRowActivated(int row); ///< double click or Return

protected:
    void keyPressEvent(QKeyEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    void changeEvent(QEvent* event) override;

private:
    void copySelection() const;
    void fitColumns();

    QSortFilterProxyModel* m_proxy; // Qt parent
    int m_stretchColumn = -1;
};

} // namespace diptych::ui
