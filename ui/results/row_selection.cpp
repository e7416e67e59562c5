// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/results/row_selection.h"

#include "ui/state/selection.h"
#include "ui/widgets/table_view.h"

#include <QEvent>
#include <QItemSelectionModel>
#include <QScopedValueRollback>
#include <QSortFilterProxyModel>

#include <algorithm>

namespace diptych::ui {

RowSelection::RowSelection(TableView& table, std::function<std::vector<SampleId>(int)> samplesOf,
                           Follow follow)
    : QObject(&table), m_table(table), m_samplesOf(std::move(samplesOf)), m_follow(follow) {
    table.installEventFilter(this);
    connect(table.model(), &QAbstractItemModel::modelAboutToBeReset, this, [this] { m_busy = true; });
    connect(table.selectionModel(), &QItemSelectionModel::selectionChanged, this, &RowSelection::give);
}

void RowSelection::bind(Selection* selection) {
    if (selection == m_selection)
        return;
    if (m_selection)
        m_selection->disconnect(this);
    m_selection = selection;
    if (selection)
        connect(selection, &Selection::changed, this, &RowSelection::take);
    take();
}

void RowSelection::rowsChanged() {
    m_busy = false;
    take();
}

bool RowSelection::eventFilter(QObject* watched, QEvent* event) {
    if (event->type() == QEvent::Show && m_stale)
        QMetaObject::invokeMethod(this, &RowSelection::take, Qt::QueuedConnection); // once it is visible
    return QObject::eventFilter(watched, event);
}

void RowSelection::give() {
    // Only what a person does here is for all; a view that chooses a first row for itself changes nothing
    // else.
    if (!m_selection || m_busy || !m_table.hasFocus())
        return;
    std::vector<SampleId> samples;
    for (const int row : m_table.selectedSourceRows()) {
        const std::vector<SampleId> some = m_samplesOf(row);
        samples.insert(samples.end(), some.begin(), some.end());
    }
    if (samples.empty())
        return;
    const int row = m_table.currentSourceRow();
    const std::vector<SampleId> first = row >= 0 ? m_samplesOf(row) : samples;
    const QScopedValueRollback<bool> guard(m_busy, true);
    m_selection->set(samples, first.empty() ? samples.front() : first.front());
}

void RowSelection::take() {
    if (!m_selection || m_busy)
        return;
    m_stale = !m_table.isVisible(); // a hidden table looks when it is shown
    if (m_stale)
        return;
    const QScopedValueRollback<bool> guard(m_busy, true);
    std::vector<int> whole;
    int current = -1;
    const auto* proxy = qobject_cast<const QSortFilterProxyModel*>(m_table.model());
    const int rows = proxy && proxy->sourceModel() ? proxy->sourceModel()->rowCount() : 0;
    for (int row = 0; row < rows; ++row) {
        const std::vector<SampleId> samples = m_samplesOf(row);
        if (!samples.empty() &&
            std::ranges::all_of(samples, [this](SampleId id) { return m_selection->contains(id); }))
            whole.push_back(row);
        if (m_follow == Follow::CurrentSample &&
            std::ranges::find(samples, m_selection->current()) != samples.end())
            current = row;
    }
    if (m_follow == Follow::CurrentSample) {
        if (!whole.empty() && std::ranges::find(whole, current) == whole.end())
            current = whole.front();
        if (current < 0)
            return; // none of these: what is looked at here stays
        if (whole.size() < 2)
            m_table.setCurrentSourceRow(current);
        else
            m_table.selectSourceRows(whole, current);
    } else {
        m_table.selectSourceRows(whole, whole.empty() ? m_table.currentSourceRow() : whole.front());
    }
}

} // namespace diptych::ui
