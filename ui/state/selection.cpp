// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/state/selection.h"

#include <algorithm>

namespace diptych::ui {

bool Selection::contains(SampleId sample) const {
    return std::binary_search(m_samples.begin(), m_samples.end(), sample);
}

void Selection::set(std::vector<SampleId> samples, SampleId current) {
    std::sort(samples.begin(), samples.end());
    samples.erase(std::unique(samples.begin(), samples.end()), samples.end());
    if (samples == m_samples && current == m_current)
        return;
    m_samples = std::move(samples);
    m_current = current;
    Q_EMIT changed();
}

void Selection::setCurrent(SampleId current) {
    if (current == m_current)
        return;
    m_current = current;
    Q_EMIT changed();
}

void Selection::moveTo(SampleId sample) {
    if (m_samples.size() > 1)
        setCurrent(sample);
    else
        set({sample}, sample);
}

} // namespace diptych::ui
