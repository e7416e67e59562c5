// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/results/positive_marks.h"

#include "core/metrics/metric_text.h"
#include "core/session/session.h"
#include "ui/models/formatting.h"
#include "ui/state/app_state.h"
#include "ui/state/sample_edits.h"
#include "ui/theme/theme.h"
#include "ui/widgets/elided_label.h"
#include "ui/widgets/sample_actions.h"

#include <QHBoxLayout>
#include <QPushButton>
#include <QShortcut>

#include <algorithm>

namespace diptych::ui {

PositiveMarks::PositiveMarks(const ResultContext& context, QWidget* view)
    : m_context(context), m_loading(context.jobs, this) {
    auto* row = new QHBoxLayout(this);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(theme::kSmall);
    m_summary = new ElidedLabel(Qt::ElideRight);
    m_summary->setObjectName(QStringLiteral("positivesSummary"));
    theme::style(m_summary, theme::Text::Caption);
    row->addWidget(m_summary, 1);
    m_mark = new QPushButton;
    m_mark->setObjectName(QStringLiteral("markPositive"));
    row->addWidget(m_mark);
    m_list = new QPushButton;
    m_list->setObjectName(QStringLiteral("listPositives"));
    m_list->setToolTip(tr("The captions marked as right, and all metrics with and without them"));
    row->addWidget(m_list);
    connect(m_mark, &QPushButton::clicked, this, &PositiveMarks::toggle);
    connect(m_list, &QPushButton::clicked, this, &PositiveMarks::showDialog);
    auto* key = new QShortcut(Qt::Key_R, view);
    key->setContext(Qt::WidgetWithChildrenShortcut);
    connect(key, &QShortcut::activated, m_mark, &QPushButton::click);
    connect(&context.state, &AppState::positivesChanged, this, &PositiveMarks::load);
    refresh();
}

void PositiveMarks::setRun(std::shared_ptr<const RunRecord> run) {
    m_run = std::move(run);
    m_shown = {};
    m_candidate.reset();
    if (m_dialog)
        m_dialog->close();
    load();
}

void PositiveMarks::setCandidate(std::optional<PositivePair> pair) {
    m_candidate = std::move(pair);
    refresh();
}

bool PositiveMarks::isMarked(const PositivePair& pair) const {
    return std::ranges::any_of(m_shown.marks,
                               [&](const NamedPositive& mark) { return mark.pair.same(pair); });
}

void PositiveMarks::load() {
    refresh();
    const auto session = m_context.state.session();
    if (!session || !m_run || !m_run->datasetId)
        return;
    m_loading.start(
        JobSpec(tr("Load marks")).setShown(false),
        [session, dataset = m_run->datasetId, run = m_run->id](const RunContext&) {
            return positivesOf(session->workspace(), dataset, run);
        },
        [this](ShownPositives shown) {
            m_shown = std::move(shown);
            refresh();
            if (m_dialog)
                m_dialog->setContents(m_shown, writable());
            Q_EMIT changed();
        });
}

bool PositiveMarks::writable() const {
    return m_context.state.session() && !m_context.state.readOnly();
}

void PositiveMarks::toggle() {
    if (m_candidate && writable())
        m_context.actions.edits().markPositives({*m_candidate}, !isMarked(*m_candidate));
}

void PositiveMarks::refresh() {
    const bool marked = m_candidate && isMarked(*m_candidate);
    m_mark->setText(marked ? tr("Take mark back") : tr("Mark as right"));
    m_mark->setToolTip(
        marked ? tr("This caption counts as right for this image no longer (R)")
               : tr("This caption is right for this image although the dataset does not say so: a false "
                    "negative of its annotation (R)"));
    m_mark->setEnabled(m_candidate && writable());
    const auto count = static_cast<long long>(m_shown.marks.size());
    m_list->setText(count > 0 ? tr("Marks (%1)…").arg(exactCountText(count)) : tr("Marks…"));
    m_list->setEnabled(count > 0);
    if (!m_shown.run) {
        m_summary->setFullText(tr("Is a hit right that counts as wrong? Choose it and mark it."));
        return;
    }
    QStringList parts;
    for (const CorrectedMetric& metric : m_shown.run->retrieval.metrics)
        if (metric.stored.name.ends_with("_recall@5"))
            parts.append(tr("%1 %2 → %3")
                             .arg(asContinuation(toQString(metricTitle(metric.stored.name))),
                                  toQString(metricValueText(metric.stored)),
                                  toQString(correctedText(metric))));
    m_summary->setFullText(
        tr("With %1: %2").arg(countOf(count, tr("mark"), tr("marks")), parts.join(QStringLiteral(", "))));
}

void PositiveMarks::showDialog() {
    if (m_dialog) {
        m_dialog->raise();
        m_dialog->activateWindow();
        return;
    }
    m_dialog = new PositivesDialog(this);
    m_dialog->setContents(m_shown, writable());
    connect(m_dialog, &PositivesDialog::takeBackRequested, this,
            [this](const std::vector<PositivePair>& pairs) {
                m_context.actions.edits().markPositives(pairs, false);
            });
    connect(m_dialog, &PositivesDialog::imageRequested, this, [this](SampleId image) {
        m_context.state.showSample(image, m_run->id);
        m_dialog->close();
    });
    m_dialog->show();
}

} // namespace diptych::ui
