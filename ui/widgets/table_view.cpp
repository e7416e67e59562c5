// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/table_view.h"

#include "ui/models/table_model.h"

#include <QApplication>
#include <QClipboard>
#include <QHeaderView>
#include <QKeyEvent>
#include <QSortFilterProxyModel>

#include <algorithm>

namespace diptych::ui {

TableView::TableView(QWidget* parent) : QTableView(parent), m_proxy(new QSortFilterProxyModel(this)) {
    m_proxy->setSortRole(kSortRole);
    m_proxy->setSortCaseSensitivity(Qt::CaseInsensitive);
    m_proxy->setFilterCaseSensitivity(Qt::CaseInsensitive);
    m_proxy->setFilterKeyColumn(-1);
    setModel(m_proxy);
    setSelectionBehavior(SelectRows);
    setSelectionMode(ExtendedSelection);
    setShowGrid(false);
    setWordWrap(false);
    setAlternatingRowColors(false);
    setEditTriggers(NoEditTriggers);
    setTabKeyNavigation(false);
    setSortingEnabled(true);
    verticalHeader()->hide();
    verticalHeader()->setDefaultSectionSize(fontMetrics().height() + 14);
    horizontalHeader()->setHighlightSections(false);
    horizontalHeader()->setDefaultAlignment(Qt::AlignLeft | Qt::AlignVCenter);
    connect(selectionModel(), &QItemSelectionModel::currentRowChanged, this,
            [this] { Q_EMIT currentSourceRowChanged(currentSourceRow()); });
    connect(this, &QTableView::doubleClicked, this,
            [this] { Q_EMIT sourceRowActivated(currentSourceRow()); });
}

void TableView::setSource(QAbstractItemModel* source) {
    m_proxy->setSourceModel(source);
    sortByColumn(-1, Qt::AscendingOrder);
}

int TableView::currentSourceRow() const {
    const QModelIndex current = currentIndex();
    return current.isValid() ? m_proxy->mapToSource(current).row() : -1;
}

void TableView::setCurrentSourceRow(int row) {
    if (!m_proxy->sourceModel())
        return;
    const QModelIndex index = m_proxy->mapFromSource(m_proxy->sourceModel()->index(row, 0));
    setCurrentIndex(index);
    if (index.isValid())
        scrollTo(index);
}

void TableView::selectSourceRows(const std::vector<int>& rows, int current) {
    const auto indexOf = [&](int row) {
        return m_proxy->mapFromSource(m_proxy->sourceModel()->index(row, 0));
    };
    QItemSelection selection;
    for (const int row : rows)
        selection.select(indexOf(row), indexOf(row));
    selectionModel()->setCurrentIndex(indexOf(current), QItemSelectionModel::NoUpdate);
    selectionModel()->select(selection, QItemSelectionModel::ClearAndSelect | QItemSelectionModel::Rows);
}

std::vector<int> TableView::selectedSourceRows() const {
    QModelIndexList shown = selectionModel()->selectedRows();
    std::sort(shown.begin(), shown.end(), [](const auto& a, const auto& b) { return a.row() < b.row(); });
    std::vector<int> rows;
    for (const QModelIndex& index : shown)
        rows.push_back(m_proxy->mapToSource(index).row());
    return rows;
}

void TableView::setFilterText(const QString& text) {
    m_proxy->setFilterFixedString(text);
}

void TableView::setStretchColumn(int column) {
    m_stretchColumn = column;
    connect(m_proxy, &QAbstractItemModel::modelReset, this, &TableView::fitColumns, Qt::UniqueConnection);
    fitColumns();
}

int TableView::contentWidth(int column) const {
    return std::max(sizeHintForColumn(column), horizontalHeader()->sectionSizeHint(column));
}

void TableView::fitColumns() {
    if (m_stretchColumn < 0 || m_stretchColumn >= m_proxy->columnCount())
        return;
    QHeaderView* header = horizontalHeader();
    int wanted = 0;
    for (int column = 0; column < header->count(); ++column)
        if (!header->isSectionHidden(column))
            wanted += contentWidth(column);
    for (int column = 0; column < header->count(); ++column)
        header->setSectionResizeMode(column, column == m_stretchColumn && wanted <= viewport()->width()
                                                 ? QHeaderView::Stretch
                                                 : QHeaderView::ResizeToContents);
}

void TableView::resizeEvent(QResizeEvent* event) {
    QTableView::resizeEvent(event);
    fitColumns();
}

void TableView::changeEvent(QEvent* event) {
    QTableView::changeEvent(event);
    if (event->type() == QEvent::FontChange || event->type() == QEvent::StyleChange) {
        verticalHeader()->setDefaultSectionSize(fontMetrics().height() + 14);
        fitColumns();
    }
}

void TableView::keyPressEvent(QKeyEvent* event) {
    if (event->matches(QKeySequence::Copy)) {
        copySelection();
        return;
    }
    if ((event->key() == Qt::Key_Return || event->key() == Qt::Key_Enter) && currentIndex().isValid()) {
        Q_EMIT sourceRowActivated(currentSourceRow());
        return;
    }
    QTableView::keyPressEvent(event);
}

void TableView::copySelection() const {
    QModelIndexList rows = selectionModel()->selectedRows();
    std::sort(rows.begin(), rows.end(), [](const auto& a, const auto& b) { return a.row() < b.row(); });
    QStringList lines;
    for (const QModelIndex& row : rows) {
        QStringList cells;
        for (int column = 0; column < m_proxy->columnCount(); ++column)
            cells.append(row.siblingAtColumn(column).data().toString());
        lines.append(cells.join(QLatin1Char('\t')));
    }
    QApplication::clipboard()->setText(lines.join(QLatin1Char('\n')));
}

} // namespace diptych::ui
