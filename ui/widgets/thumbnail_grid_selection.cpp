// SPDX-License-Identifier: GPL-3.0-or-later
// A ThumbnailGrid's rows as samples, and the selection it shares with other views.
#include "ui/state/selection.h"
#include "ui/widgets/thumbnail_grid.h"
#include "ui/widgets/thumbnail_grid_accessible.h"

#include <QScopedValueRollback>

namespace diptych::ui {

SampleId ThumbnailGrid::sampleOf(const QModelIndex& index) const {
    return index.isValid() ? SampleId{index.data(kSampleRole).toLongLong()} : SampleId{};
}

std::vector<SampleId> ThumbnailGrid::selectedSamples() const {
    std::vector<SampleId> samples;
    if (!selectionModel())
        return samples;
    // By ranges: selecting all of 100,000 must not make 100,000 indexes.
    for (const QItemSelectionRange& range : selectionModel()->selection())
        for (int row = range.top(); row <= range.bottom(); ++row)
            samples.push_back(sampleOf(model()->index(row, 0, rootIndex())));
    return samples;
}

std::shared_ptr<const std::vector<SampleId>> ThumbnailGrid::allSamples() const {
    auto samples = std::make_shared<std::vector<SampleId>>();
    samples->reserve(static_cast<size_t>(count()));
    for (int row = 0; row < count(); ++row)
        samples->push_back(sampleOf(model()->index(row, 0, rootIndex())));
    return samples;
}

void ThumbnailGrid::bindSelection(Selection* selection) {
    if (m_selection == selection)
        return;
    if (m_selection)
        m_selection->disconnect(this);
    m_selection = selection;
    if (!selection)
        return;
    connect(selection, &Selection::changed, this, [this] { takeSelection(true); });
    takeSelection(false);
}

void ThumbnailGrid::selectionChanged(const QItemSelection& selected, const QItemSelection& deselected) {
    QAbstractItemView::selectionChanged(selected, deselected);
    giveSelection();
}

void ThumbnailGrid::currentChanged(const QModelIndex& current, const QModelIndex& previous) {
    QAbstractItemView::currentChanged(current, previous);
    giveSelection();
    announceCurrent(*this, current);
}

void ThumbnailGrid::giveSelection() {
    // Only what a person does here is for all; a page that chooses a first row for itself changes nothing
    // else.
    if (!m_selection || m_takingSelection || !hasFocus())
        return;
    const QScopedValueRollback<bool> guard(m_takingSelection, true);
    m_selection->set(selectedSamples(), sampleOf(currentIndex()));
}

void ThumbnailGrid::takeSelection(bool follow) {
    if (!m_selection || m_takingSelection || !selectionModel() || count() == 0)
        return;
    m_followWhenShown = m_followWhenShown || follow;
    m_selectionIsOld = !isVisible(); // a hidden grid of 100,000 rows looks for them when it is shown
    if (m_selectionIsOld)
        return;
    const QScopedValueRollback<bool> guard(m_takingSelection, true);
    QItemSelection rows;
    int current = -1;
    const SampleId wanted = m_selection->current();
    if (wanted || !m_selection->samples().empty())
        for (int row = 0; row < count(); ++row) {
            const QModelIndex index = model()->index(row, 0, rootIndex());
            const SampleId sample = sampleOf(index);
            if (sample == wanted)
                current = row;
            if (!m_selection->contains(sample))
                continue;
            if (!rows.isEmpty() && rows.last().bottom() == row - 1)
                rows.last() = QItemSelectionRange(rows.last().topLeft(), index);
            else
                rows.append(QItemSelectionRange(index));
        }
    selectionModel()->select(rows, QItemSelectionModel::ClearAndSelect);
    if (current >= 0) {
        const QModelIndex index = model()->index(current, 0, rootIndex());
        selectionModel()->setCurrentIndex(index, QItemSelectionModel::NoUpdate);
        if (m_followWhenShown)
            scrollTo(index);
    }
    m_followWhenShown = false;
}

void ThumbnailGrid::showEvent(QShowEvent* event) {
    QAbstractItemView::showEvent(event);
    if (m_selectionIsOld)
        takeSelection(m_followWhenShown);
}

} // namespace diptych::ui
