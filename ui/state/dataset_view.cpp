// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/state/dataset_view.h"

#include <algorithm>

namespace diptych::ui {

bool ViewSpec::narrows() const {
    return ids || filter != SampleFilter();
}

void DatasetView::set(ViewSpec spec) {
    if (spec == m_spec)
        return;
    m_spec = std::move(spec);
    m_current = false;
    Q_EMIT changed();
}

void DatasetView::setFilter(SampleFilter filter) {
    ViewSpec spec = m_spec;
    spec.filter = std::move(filter);
    set(std::move(spec));
}

void DatasetView::setSort(SampleSort sort) {
    if (sort == m_sort)
        return;
    m_sort = std::move(sort);
    m_current = false;
    Q_EMIT changed();
}

const std::vector<SampleId>& DatasetView::members() const {
    if (m_members.empty() && m_samples) {
        m_members = *m_samples;
        std::sort(m_members.begin(), m_members.end());
    }
    return m_members;
}

void DatasetView::setSamples(SampleList samples) {
    m_current = true;
    // The same again (tags elsewhere have changed) leaves lists, scroll positions and places as they are.
    if (!m_samples || *m_samples != *samples) {
        m_samples = std::move(samples);
        m_members.clear();
    }
    Q_EMIT samplesChanged();
}

} // namespace diptych::ui
