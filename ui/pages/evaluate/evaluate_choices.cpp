// SPDX-License-Identifier: GPL-3.0-or-later
// What can be chosen on the Evaluate page, and the run that it repeats.
#include "core/session/prompt_variants.h"
#include "core/text/prompts.h"
#include "ui/models/formatting.h"
#include "ui/pages/evaluate/evaluate_page.h"
#include "ui/state/app_state.h"
#include "ui/widgets/alpha_choice.h"
#include "ui/widgets/param_form.h"

#include <QComboBox>
#include <QFrame>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QSignalBlocker>

#include <algorithm>
#include <utility>

namespace diptych::ui {
namespace {

/// Parameters of type Prompts that hold somebody's own templates.
Json ownPrompts(const TaskInfo& info, const Json& params) {
    Json own = Json::object();
    for (const ParamSpec& spec : info.params)
        if (spec.type == ParamSpec::Type::Prompts && params.contains(spec.id) && params[spec.id].is_array())
            own[spec.id] = params[spec.id];
    return own;
}

/// The parameters of a run, complete; prompts that were a file's as the templates they were then.
Json paramsOf(const RunSpec& spec, const RunRecord& run) {
    const auto sets = builtInPromptSets();
    Json params = spec.params;
    for (const ParamSpec& param : findTask(spec.task).info.params) {
        if (!params.contains(param.id)) // not known yet when it ran
            params[param.id] = param.defaultValue;
        Json& value = params[param.id];
        if (param.type != ParamSpec::Type::Prompts || !value.is_string())
            continue;
        const bool builtIn = std::ranges::any_of(
            sets, [&](const PromptSet& set) { return set.id == value.get<std::string>(); });
        if (!builtIn && run.details.is_object() && run.details.contains(param.id))
            value = run.details[param.id];
    }
    return params;
}

bool choose(QComboBox* box, const QVariant& data) {
    const int index = box->findData(data);
    box->setCurrentIndex(index);
    return index >= 0;
}

} // namespace

const diptych::Task& EvaluatePage::task() const {
    return findTask(m_task->currentData().toString().toStdString());
}

EvaluatePage::Baseline EvaluatePage::baselineOf(const RunRecord& run, const Choices& choices) {
    Baseline baseline{run.id, RunSpec::fromJson(run.spec, "the run's description")};
    baseline.spec.params = paramsOf(baseline.spec, run);
    // By id and fingerprint: both may have another name now.
    for (const DatasetInfo& dataset : choices.datasets)
        if (dataset.id == run.datasetId)
            baseline.spec.dataset = dataset.name;
    const auto named = std::ranges::find(choices.models, baseline.spec.model, &ModelRecord::name);
    if (named == choices.models.end())
        for (const ModelRecord& model : choices.models)
            if (model.fingerprint == run.modelFingerprint)
                baseline.spec.model = model.name;
    return baseline;
}

void EvaluatePage::reload() {
    const auto session = state().session();
    if (!session) {
        m_wantedRun = {};
        fillChoices({});
        return;
    }
    m_loading.start(
        JobSpec(tr("Load datasets and models")).setShown(false),
        [session, again = m_wantedRun](const RunContext&) {
            Choices choices;
            choices.datasets = session->workspace().datasets();
            for (const DatasetInfo& dataset : choices.datasets) {
                choices.splits.push_back(session->workspace().splits(dataset.id));
                choices.corrected.push_back(session->workspace().correctedLabels(dataset.id).size());
            }
            choices.models = session->workspace().models();
            choices.prompts = allKeptPrompts(session->workspace());
            if (again)
                choices.again = baselineOf(session->workspace().run(again), choices);
            return choices;
        },
        [this](Choices choices) { fillChoices(std::move(choices)); });
    m_wantedRun = {}; // asked for once, whatever comes of it
}

void EvaluatePage::fillChoices(Choices choices) {
    const QString dataset = m_dataset->currentText(), model = m_model->currentText();
    const QString split = m_split->currentData().toString();
    {
        const QSignalBlocker blockDataset(m_dataset), blockModel(m_model);
        m_choices = std::move(choices);
        m_params->setKeptPrompts(m_choices.prompts);
        m_dataset->clear();
        for (const DatasetInfo& info : m_choices.datasets)
            m_dataset->addItem(toQString(info.name), QVariant::fromValue<qlonglong>(info.id.value));
        m_model->clear();
        for (const ModelRecord& record : m_choices.models)
            m_model->addItem(toQString(record.name), QVariant::fromValue<qlonglong>(record.id.value));
        if (m_dataset->findText(dataset) >= 0)
            m_dataset->setCurrentText(dataset);
        else
            chooseSuitableDataset();
        m_model->setCurrentText(model);
        if (m_wantedDataset)
            choose(m_dataset, QVariant::fromValue<qlonglong>(m_wantedDataset.value));
        if (m_wantedModel)
            choose(m_model, QVariant::fromValue<qlonglong>(m_wantedModel.value));
        m_wantedDataset = {};
        m_wantedModel = {};
    }
    m_suitableKey.clear(); // what was found of the dataset before may not hold any more
    fillSplits();
    if (m_dataset->currentText() == dataset && m_split->findData(split) > 0)
        choose(m_split, split);
    if (auto again = std::exchange(m_choices.again, std::nullopt)) {
        setBaseline(std::move(again));
        applyBaseline();
    }
}

void EvaluatePage::chooseTask() {
    const TaskInfo& info = task().info;
    Json own = Json::object();
    if (!m_shownTask.empty()) {
        m_kept[m_shownTask] = m_params->values();
        own = ownPrompts(findTask(m_shownTask).info, m_kept[m_shownTask]);
    }
    m_shownTask = info.id;
    m_summary->setText(toQString(info.summary));
    m_params->setSpecs(info.params);
    if (const auto kept = m_kept.find(info.id); kept != m_kept.end())
        m_params->setValues(kept->second);
    m_params->setValues(own); // somebody's own words go with them to another task
    changed();
}

void EvaluatePage::fillSplits() {
    {
        const QSignalBlocker block(m_split);
        m_split->clear();
        m_split->addItem(tr("All images"), QString());
        const int index = m_dataset->currentIndex();
        if (index >= 0)
            for (const std::string& split : m_choices.splits[static_cast<size_t>(index)])
                m_split->addItem(toQString(split), toQString(split));
        m_split->setEnabled(m_split->count() > 1);
    }
    fillLabelSources();
    followSamples();
    fillSamples();
}

void EvaluatePage::fillLabelSources() {
    const QSignalBlocker block(m_labelSource);
    const int index = m_dataset->currentIndex();
    const size_t corrected = index < 0 ? 0 : m_choices.corrected[static_cast<size_t>(index)];
    const int chosen = m_labelSource->currentIndex();
    m_labelSource->clear();
    m_labelSource->addItem(tr("As imported"), static_cast<int>(Labels::Imported));
    m_labelSource->addItem(tr("As corrected: %1").arg(static_cast<qulonglong>(corrected)),
                           static_cast<int>(Labels::Corrected));
    m_labelSource->setEnabled(corrected > 0 || chosen > 0);
    m_labelSource->setCurrentIndex(std::max(0, chosen));
}

RunSpec EvaluatePage::spec() const {
    RunSpec spec;
    spec.task = m_task->currentData().toString().toStdString();
    spec.dataset = m_dataset->currentText().toStdString();
    spec.model = m_model->currentText().toStdString();
    spec.split = m_split->currentData().toString().toStdString();
    spec.labels = static_cast<Labels>(m_labelSource->currentData().toInt());
    spec.samples = chosenSamples();
    spec.device = static_cast<Device>(m_device->currentData().toInt());
    spec.precision = static_cast<Precision>(m_precision->currentData().toInt());
    spec.alpha = m_alpha->alpha();
    spec.params = m_params->values();
    spec.seed = m_seed->text().toULongLong();
    return spec;
}

void EvaluatePage::chooseSuitableDataset() {
    for (size_t i = 0; i < m_choices.datasets.size(); ++i) {
        if (lacking(task().info, m_choices.datasets[i]).empty()) {
            m_dataset->setCurrentIndex(static_cast<int>(i));
            return;
        }
    }
}

void EvaluatePage::applyBaseline() {
    if (!m_baseline)
        return;
    const RunSpec& spec = m_baseline->spec;
    choose(m_task, toQString(spec.task));
    m_dataset->setCurrentIndex(m_dataset->findText(toQString(spec.dataset)));
    choose(m_split, toQString(spec.split));
    choose(m_labelSource, static_cast<int>(spec.labels));
    m_againDataset = spec.dataset;
    m_againSamples = spec.samples;
    fillSamples();
    choose(m_samples, static_cast<int>(spec.samples.all() ? SamplesChoice::All : SamplesChoice::Again));
    m_model->setCurrentIndex(m_model->findText(toQString(spec.model)));
    choose(m_device, static_cast<int>(spec.device));
    choose(m_precision, static_cast<int>(spec.precision));
    m_alpha->setAlpha(spec.alpha);
    m_seed->setText(QString::number(spec.seed));
    m_params->setValues(spec.params);
    changed();
}

void EvaluatePage::setBaseline(std::optional<Baseline> baseline) {
    m_baseline = std::move(baseline);
    markChanges();
}

void EvaluatePage::markChanges() {
    m_againBar->setVisible(m_baseline.has_value());
    const RunSpec now = spec();
    const bool sameTask = m_baseline && now.task == m_baseline->spec.task;
    m_params->setBaseline(sameTask ? m_baseline->spec.params : Json());
    QStringList vary;
    for (const auto& [label, field] : m_labels) {
        bool changed = false;
        if (m_baseline) {
            const RunSpec& then = m_baseline->spec;
            changed = (field == m_task && !sameTask) || (field == m_dataset && now.dataset != then.dataset) ||
                      (field == m_split && now.split != then.split) ||
                      (field == m_labelSource && now.labels != then.labels) ||
                      (field == m_samples && !(now.samples == then.samples)) ||
                      (field == m_model && now.model != then.model) ||
                      (field == m_device && (now.device != then.device || now.precision != then.precision)) ||
                      (field == m_alpha && now.alpha != then.alpha) ||
                      (field == m_seed && now.seed != then.seed);
        }
        setMarked(label, changed);
        if (changed)
            vary << plainLabel(label->text());
    }
    if (!m_baseline)
        return;
    vary << m_params->changedTitles();
    m_restore->setVisible(!vary.isEmpty());
    m_againText->setText(vary.isEmpty()
                             ? tr("As in run %1; what you change is marked.").arg(m_baseline->run.value)
                             : tr("As in run %1, but for: %2.")
                                   .arg(m_baseline->run.value)
                                   .arg(vary.join(QStringLiteral(", "))));
}

} // namespace diptych::ui
