// SPDX-License-Identifier: GPL-3.0-or-later
// Which images the Search page searches: all, those selected, or those that the dataset's filter leaves.
#include "ui/models/formatting.h"
#include "ui/pages/search/search_page.h"
#include "ui/state/app_state.h"
#include "ui/state/selection.h"

#include <QComboBox>
#include <QStandardItemModel>

namespace diptych::ui {

SearchPage::Scope SearchPage::scope() const {
    return static_cast<Scope>(m_scopeChoice->currentIndex());
}

void SearchPage::resetScope() {
    m_scopeChoice->setCurrentIndex(static_cast<int>(Scope::All));
    nameScopes();
}

/// What is selected now, since hits that are selected later change the selection.
void SearchPage::takeScope() {
    m_scope.clear();
    if (scope() == Scope::Selected && dataset())
        m_scope = state().selection(dataset()).samples();
    nameScopes();
    changed();
}

void SearchPage::nameScopes() {
    const bool open = state().session() && dataset();
    const auto count = [](size_t images) { return exactCountText(static_cast<long long>(images)); };
    const size_t selected = scope() == Scope::Selected ? m_scope.size()
                            : open                     ? state().selection(dataset()).samples().size()
                                                       : 0;
    m_scopeChoice->setItemText(static_cast<int>(Scope::Selected), tr("selected: %1").arg(count(selected)));

    const auto filtered = static_cast<int>(Scope::Filtered);
    const bool narrows = m_filter && m_filter->spec().narrows();
    const bool known = narrows && m_filter->current();
    m_scopeChoice->setItemText(filtered, !narrows ? tr("in the filter: none is set")
                                         : known
                                             ? tr("in the filter: %1").arg(count(m_filter->members().size()))
                                             : tr("in the filter: …"));
    m_scopeChoice->setItemData(filtered,
                               narrows
                                   ? QVariant()
                                   : QVariant(tr("No filter is set for this dataset: choose values at the "
                                                 "side of the Datasets page")),
                               Qt::ToolTipRole);
    auto* items = qobject_cast<QStandardItemModel*>(m_scopeChoice->model());
    items->item(filtered)->setEnabled(narrows || scope() == Scope::Filtered);
}

/// Of the dataset that is searched.
void SearchPage::followFilter() {
    DatasetView* view = state().session() && dataset() ? &state().view(dataset()) : nullptr;
    if (view != m_filter) {
        if (m_filter)
            m_filter->disconnect(this);
        m_filter = view;
        m_filterFailed.clear();
        m_filterSearched.reset();
        if (view) {
            connect(view, &DatasetView::changed, this, [this] {
                m_filterFailed.clear();
                nameScopes();
            });
            connect(view, &DatasetView::samplesChanged, this, &SearchPage::searchAgainInFilter);
            connect(view, &DatasetView::failed, this, [this](const Error& error) {
                m_filterFailed = toQString(error.what());
                m_filterSearched.reset();
                if (scope() == Scope::Filtered)
                    changed();
            });
        }
    }
    nameScopes();
}

/// A filter that is taken away stays chosen, so that one that Ctrl+Z brings back is searched again.
void SearchPage::searchAgainInFilter() {
    nameScopes();
    // The same again (tags have changed) leaves what was found as it is.
    if (scope() == Scope::Filtered && m_filterSearched != m_filter->samples())
        changed();
}

/// Why there is nothing to search; empty = there is.
QString SearchPage::scopeProblem() const {
    switch (scope()) {
    case Scope::Selected:
        return m_scope.empty()
                   ? tr("Nothing is selected in this dataset. Select images in any view, or search all.")
                   : QString();
    case Scope::Filtered:
        if (!m_filter || !m_filter->spec().narrows())
            return {};
        if (!m_filterFailed.isEmpty())
            return m_filterFailed;
        if (!m_filter->current())
            return tr("Looking for the images that the filter leaves…");
        return m_filter->members().empty()
                   ? tr("The filter leaves no image of this dataset. Change it, or search all.")
                   : QString();
    case Scope::All:
        break;
    }
    return {};
}

} // namespace diptych::ui
