// SPDX-License-Identifier: GPL-3.0-or-later
// The Evaluate page's check, preview and run.
#include "core/metrics/metric_text.h"
#include "ui/models/formatting.h"
#include "ui/pages/evaluate/evaluate_page.h"
#include "ui/state/app_state.h"
#include "ui/theme/theme.h"
#include "ui/widgets/param_form.h"

#include <QComboBox>
#include <QFormLayout>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>

namespace diptych::ui {

void EvaluatePage::activated() {
    changed();
}

void EvaluatePage::refresh() {
    reload();
}

bool EvaluatePage::cancel() {
    for (JobHandle* handle : {&m_running, &m_encoding})
        if (handle->active()) {
            handle->cancel();
            return true;
        }
    return false;
}

/// Why the chosen model cannot do the chosen task, with those that can; empty = it can.
QString EvaluatePage::unfitModel() const {
    const Faces needed = task().info.needsModel(completeParams(task().info, m_params->values()));
    // Whether the dataset has clips for a model of clips is found out with whether it suits the task.
    const auto lacks = [&needed](const ModelRecord& record) {
        return lacking(needed, ModelInfo::fromJson(record.info, record.name), true);
    };
    const ModelRecord& chosen = m_choices.models[static_cast<size_t>(m_model->currentIndex())];
    const std::string why = lacks(chosen);
    if (why.empty())
        return {};
    QStringList fit;
    for (const ModelRecord& record : m_choices.models)
        if (lacks(record).empty())
            fit.append(toQString(record.name));
    return tr("%1 cannot use model %2: %3. %4")
        .arg(toQString(task().info.title), toQString(chosen.name), toQString(why),
             fit.isEmpty() ? tr("No model of this workspace fits; add one on the Models page.")
                           : tr("Models that fit: %1.").arg(fit.join(QStringLiteral(", "))));
}

QString EvaluatePage::problem() const {
    if (!state().session())
        return tr("Open a workspace first.");
    if (m_choices.datasets.empty())
        return tr("There is no dataset yet: import one on the Datasets page.");
    if (m_choices.models.empty())
        return tr("There is no model yet: add a checkpoint folder on the Models page.");
    if (m_dataset->currentIndex() < 0 || m_model->currentIndex() < 0)
        return m_baseline ? tr("The dataset or the model of that run is no longer in this workspace; choose "
                               "another.")
                          : tr("Choose a dataset and a model.");
    if (m_split->currentIndex() < 0)
        return tr("The dataset has no split '%1' any more; choose another.")
            .arg(m_baseline ? toQString(m_baseline->spec.split) : QString());
    if (filterIsEmpty())
        return tr("The filter leaves no sample of this dataset; change it, or evaluate all.");
    bool whole = false;
    m_seed->text().toULongLong(&whole);
    if (!whole)
        return tr("The seed should be a whole number from 0 on.");
    try {
        completeParams(task().info, m_params->values());
    } catch (const Error& error) {
        return toQString(error.what());
    }
    const DatasetInfo& dataset = m_choices.datasets[static_cast<size_t>(m_dataset->currentIndex())];
    const QString title = toQString(task().info.title);
    if (const std::string why = lacking(task().info, dataset); !why.empty())
        return tr("%1 cannot run on this dataset: %2.").arg(title, toQString(why));
    if (const QString why = unfitModel(); !why.isEmpty())
        return why;
    return m_unsuitable.isEmpty() ? QString()
                                  : tr("%1 cannot run on this dataset: %2.").arg(title, m_unsuitable);
}

/// Asks the task itself, once for each task, dataset, split and model.
void EvaluatePage::checkSuitable() {
    const auto session = state().session();
    const RunSpec now = spec();
    const std::string key =
        Json{now.task, now.dataset, now.split, m_samplesVersion, now.model, int(now.labels)}.dump();
    if (key == m_suitableKey)
        return;
    m_suitableKey = key;
    m_unsuitable.clear();
    m_checking.cancel();
    if (!session || m_dataset->currentIndex() < 0 || m_split->currentIndex() < 0)
        return;
    m_checking.start(
        JobSpec(tr("Look whether the dataset suits the task")).setShown(false),
        [session, now](const RunContext&) { return session->unsuitable(now); },
        [this](const std::string& why) {
            m_unsuitable = toQString(why);
            if (!why.empty())
                changed();
        },
        [this](const Error& error) {
            m_unsuitable = toQString(error.what());
            changed();
        });
}

void EvaluatePage::changed() {
    checkSuitable();
    markChanges();
    const QString why = problem();
    m_problem->setText(why);
    m_problem->setVisible(!why.isEmpty());
    m_run->setEnabled(why.isEmpty() && !state().readOnly());
    m_previewDelay.start();
}

void EvaluatePage::updatePreview() {
    const auto session = state().session();
    m_previewPanel->setVisible(task().info.hasPreview);
    m_previewWaits = false;
    if (!session || !task().info.hasPreview || !problem().isEmpty()) {
        m_previewing.cancel();
        showNoPreview(tr("The score appears here once the evaluation can run."));
        return;
    }
    m_previewing.start(
        JobSpec(tr("Preview"), JobLane::Light).setShown(false),
        [session, spec = spec()](const RunContext& context) { return session->preview(spec, context); },
        [this](const Preview& preview) { showPreview(preview); },
        [this](const Error& error) { showNoPreview(toQString(error.what())); });
}

void EvaluatePage::showNoPreview(const QString& why) {
    while (m_previewForm->rowCount() > 0)
        m_previewForm->removeRow(0);
    m_encode->setVisible(false);
    m_previewNote->setText(why);
}

void EvaluatePage::showPreview(const Preview& preview) {
    showNoPreview({});
    if (!preview.unsuitable.empty()) {
        m_previewNote->setText(toQString(preview.unsuitable));
        return;
    }
    if (preview.answer == Answer::Busy) {
        m_previewWaits = true;
        m_previewNote->setText(tr("The model is busy with a run; the score appears when it is free."));
        return;
    }
    if (preview.answer == Answer::NotEncoded) {
        m_encode->setVisible(!state().readOnly());
        m_encode->setEnabled(!m_encoding.active());
        m_previewNote->setText(
            tr("These images have not been encoded with this model yet. Once they are, the score follows "
               "as you edit the prompts."));
        return;
    }
    for (const Metric& metric : preview.metrics) {
        auto* name = new QLabel(toQString(metricTitle(metric.name)));
        auto* value = new QLabel(toQString(metricValueText(metric)));
        theme::style(value, theme::Text::Number);
        for (QLabel* label : {name, value})
            label->setToolTip(metricToolTip(metric.name));
        value->setObjectName(QStringLiteral("preview_") + toQString(metric.name));
        m_previewForm->addRow(name, value);
    }
    m_previewNote->setText(
        tr("%1, scored from the cache in %2. Run stores it, with intervals and every example.")
            .arg(countOf(static_cast<long long>(preview.examples), tr("image"), tr("images")),
                 durationText(preview.milliseconds / 1000)));
}

void EvaluatePage::encode() {
    const auto session = state().session();
    if (!session)
        return;
    m_encoding = jobs().start(
        JobSpec(tr("Encode %1").arg(m_dataset->currentText()), JobLane::Model).setFinally([this] {
            changed();
        }),
        [session, spec = spec()](const RunContext& context) { return session->encode(spec, context); }, this,
        [](const std::vector<ItemFailure>&) {});
    changed();
}

void EvaluatePage::run() {
    const auto session = state().session();
    if (!session || !m_run->isEnabled())
        return;
    const QString what =
        tr("%1 of %2 with %3").arg(m_task->currentText(), m_dataset->currentText(), m_model->currentText());
    m_running = jobs().start(
        JobSpec(what, JobLane::Model).setFinally([this] { changed(); }),
        [session, spec = spec()](const RunContext& context) { return session->run(spec, context); }, this,
        [this, what](RunId run) {
            state().notifyRunsChanged();
            state().announceRun(run, what);
        });
}

} // namespace diptych::ui
