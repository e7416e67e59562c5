// SPDX-License-Identifier: GPL-3.0-or-later
// Which samples the Evaluate page evaluates: all, what is selected, or what the
// dataset's filter leaves.
#include "ui/models/formatting.h"
#include "ui/pages/evaluate/evaluate_page.h"
#include "ui/state/app_state.h"
#include "ui/state/selection.h"

#include <QComboBox>
#include <QSignalBlocker>

#include <algorithm>

namespace diptych::ui {
namespace {

QString counted(const QString& what, size_t count) {
    return QStringLiteral("%1 (%2)").arg(what, exactCountText(static_cast<long long>(count)));
}

} // namespace

/// The box follows what is selected and filtered elsewhere.
void EvaluatePage::followSamples() {
    for (const QMetaObject::Connection& connection : m_samplesFollowed)
        disconnect(connection);
    m_samplesFollowed.clear();
    const DatasetId dataset{m_dataset->currentData().toLongLong()};
    if (!dataset || !state().session())
        return;
    DatasetView* view = &state().view(dataset);
    m_samplesFollowed = {
        connect(&state().selection(dataset), &Selection::changed, this, &EvaluatePage::fillSamples),
        connect(view, &DatasetView::changed, this, &EvaluatePage::fillSamples),
        connect(view, &DatasetView::samplesChanged, this, &EvaluatePage::fillSamples)};
}

/// Keeps what is chosen while there is such a thing.
void EvaluatePage::fillSamples() {
    {
        const QSignalBlocker block(m_samples);
        const QVariant chosen = m_samples->currentData();
        const auto add = [this](const QString& text, SamplesChoice choice) {
            m_samples->addItem(text, static_cast<int>(choice));
        };
        m_samples->clear();
        add(tr("All of them"), SamplesChoice::All);
        const DatasetId dataset{m_dataset->currentData().toLongLong()};
        if (dataset && state().session()) {
            if (const size_t count = state().selection(dataset).samples().size(); count > 0)
                add(counted(tr("Selected samples"), count), SamplesChoice::Selection);
            if (const DatasetView& view = state().view(dataset); view.spec().narrows())
                add(view.current() ? counted(tr("Current filter"), view.samples()->size())
                                   : tr("Current filter"),
                    SamplesChoice::Filter);
        }
        if (!m_againSamples.all() && m_dataset->currentText().toStdString() == m_againDataset)
            add(tr("As in the run: %1").arg(toQString(describe(m_againSamples))), SamplesChoice::Again);
        m_samples->setCurrentIndex(std::max(0, m_samples->findData(chosen)));
        m_samples->setEnabled(m_samples->count() > 1);
        ++m_samplesVersion;
    }
    changed();
}

RunSamples EvaluatePage::chosenSamples() const {
    RunSamples samples;
    const DatasetId dataset{m_dataset->currentData().toLongLong()};
    switch (static_cast<SamplesChoice>(m_samples->currentData().toInt())) {
    case SamplesChoice::Selection:
        samples.ids = state().selection(dataset).samples();
        break;
    case SamplesChoice::Filter: {
        const ViewSpec& spec = state().view(dataset).spec();
        samples.filter = spec.filter;
        if (spec.ids) {
            samples.ids = *spec.ids;
            samples.title = spec.title.toStdString();
        }
        break;
    }
    case SamplesChoice::Again:
        return m_againSamples;
    case SamplesChoice::All:
        break;
    }
    return samples;
}

/// Whether the filter is to be evaluated and leaves nothing.
bool EvaluatePage::filterIsEmpty() const {
    if (static_cast<SamplesChoice>(m_samples->currentData().toInt()) != SamplesChoice::Filter)
        return false;
    const DatasetView& view = state().view({m_dataset->currentData().toLongLong()});
    return (view.spec().ids && view.spec().ids->empty()) || (view.current() && view.samples()->empty());
}

} // namespace diptych::ui
