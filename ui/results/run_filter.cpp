// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/results/run_filter.h"

#include "core/session/run_samples.h"
#include "core/session/session.h"
#include "core/store/sample_filter_json.h"
#include "ui/models/formatting.h"
#include "ui/state/app_state.h"
#include "ui/theme/theme.h"
#include "ui/widgets/elided_label.h"

#include <QHBoxLayout>
#include <QToolButton>

#include <algorithm>

namespace diptych::ui {

RunFilter::RunFilter(const ResultContext& context, QWidget* parent)
    : QFrame(parent), m_context(context), m_describing(context.jobs, this) {
    setObjectName(QStringLiteral("runFilter"));
    theme::makeCard(this);
    auto* layout = new QHBoxLayout(this);
    layout->setContentsMargins(theme::kMedium, theme::kTiny, theme::kTiny, theme::kTiny);
    layout->setSpacing(theme::kSmall);
    m_text = new ElidedLabel(Qt::ElideRight);
    m_text->setObjectName(QStringLiteral("runFilterText"));
    m_clear = new QToolButton;
    m_clear->setObjectName(QStringLiteral("clearRunFilter"));
    m_clear->setIcon(theme::icon(QStringLiteral("close")));
    m_clear->setToolTip(tr("Take the filter of the dataset away, in every view (Ctrl+Z brings it back)"));
    m_clear->setAccessibleName(tr("Take the filter away"));
    m_clear->setAutoRaise(true);
    layout->addWidget(m_text, 1);
    layout->addWidget(m_clear);
    connect(m_clear, &QToolButton::clicked, this, [this] {
        if (m_view)
            m_view->clear();
    });
    hide();
}

void RunFilter::setRun(const RunRecord& run) {
    DatasetView* view = run.datasetId ? &m_context.state.view(run.datasetId) : nullptr;
    if (view == m_view)
        return;
    if (m_view)
        m_view->disconnect(this);
    m_view = view;
    m_failed.clear();
    if (view) {
        connect(view, &DatasetView::changed, this, [this] { m_failed.clear(); });
        connect(view, &DatasetView::samplesChanged, this, &RunFilter::take);
        connect(view, &DatasetView::failed, this, [this](const Error& error) {
            m_failed = toQString(error.what());
            showLine();
        });
    }
    m_members.reset();
    m_sorted.clear();
    m_count.clear();
    if (view && view->current())
        take();
    else
        showLine();
}

void RunFilter::take() {
    const SampleList before = m_members;
    m_members = m_view->spec().narrows() ? m_view->samples() : SampleList();
    m_sorted = m_members ? m_view->members() : std::vector<SampleId>();
    describeFilter();
    showLine();
    if (m_members != before)
        Q_EMIT changed();
}

bool RunFilter::contains(SampleId sample) const {
    return !m_members || std::binary_search(m_sorted.begin(), m_sorted.end(), sample);
}

bool RunFilter::containsAny(std::span<const SampleId> samples) const {
    return std::ranges::any_of(samples, [this](SampleId sample) { return contains(sample); });
}

void RunFilter::setCount(size_t shown, size_t of, const QString& what) {
    m_count = tr("%1 of %2 %3")
                  .arg(exactCountText(static_cast<long long>(shown)),
                       exactCountText(static_cast<long long>(of)), what);
    m_unfiltered.clear();
    showLine();
}

void RunFilter::setUnfiltered(const QString& what) {
    m_unfiltered = what;
    showLine();
}

/// Class names are the dataset's, which only the workspace knows.
void RunFilter::describeFilter() {
    const auto session = m_context.state.session();
    if (!session || !m_members) {
        m_describing.cancel();
        m_words.clear();
        return;
    }
    m_describing.start(
        JobSpec(tr("Describe the filter")).setShown(false),
        [session, dataset = m_view->dataset(), spec = m_view->spec()](const RunContext&) {
            RunSamples samples;
            samples.filters = {sampleFilterJson(spec.filter, session->workspace().classNames(dataset))};
            QStringList words;
            if (spec.ids)
                words.append(spec.title);
            if (spec.filter.selection)
                words.append(tr("saved selection “%1”")
                                 .arg(toQString(session->workspace().view(spec.filter.selection).name)));
            words.append(toQString(describe(samples)));
            words.removeAll(QString());
            return words.join(QStringLiteral(", "));
        },
        [this](const QString& words) {
            m_words = words;
            showLine();
        },
        [this](const Error&) { // of a saved selection that is gone the view itself tells
            m_words.clear();
            showLine();
        });
}

void RunFilter::showLine() {
    setVisible(m_members || !m_failed.isEmpty());
    QString text;
    if (!m_failed.isEmpty())
        text = tr("The filter cannot be followed: %1").arg(m_failed);
    else if (!m_unfiltered.isEmpty())
        text = tr("Not filtered: %1").arg(m_unfiltered);
    else if (m_members)
        text = m_count.isEmpty() ? tr("Filtered") : tr("Filtered: %1").arg(m_count);
    if (m_failed.isEmpty() && m_unfiltered.isEmpty() && !m_words.isEmpty())
        text += QStringLiteral(" · ") + m_words;
    m_text->setFullText(text);
}

} // namespace diptych::ui
