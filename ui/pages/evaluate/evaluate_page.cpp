// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/evaluate/evaluate_page.h"

#include "core/metrics/metric_text.h"
#include "ui/models/formatting.h"
#include "ui/state/app_state.h"
#include "ui/theme/theme.h"
#include "ui/widgets/param_form.h"

#include <QComboBox>
#include <QFormLayout>
#include <QFrame>
#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QScrollArea>
#include <QVBoxLayout>

#include <algorithm>

namespace diptych::ui {
namespace {

constexpr int kPreviewDelayMs = 150;

QComboBox* makeCombo(const QString& objectName, const QString& accessibleName) {
    auto* box = new QComboBox;
    box->setObjectName(objectName);
    box->setAccessibleName(accessibleName);
    box->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
    box->setMinimumContentsLength(16);
    box->setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    return box;
}

} // namespace

EvaluatePage::EvaluatePage(const PageContext& context)
    : Page(context), m_loading(context.jobs, this), m_previewing(context.jobs, this) {
    auto* layout = new QHBoxLayout(this);
    layout->setContentsMargins(theme::kHuge, theme::kHuge, theme::kHuge, theme::kHuge);
    layout->setSpacing(theme::kHuge);
    auto* left = new QVBoxLayout;
    left->setSpacing(theme::kLarge);
    left->addWidget(buildForm(), 1);
    left->addWidget(buildRunBar());
    layout->addLayout(left, 3);
    layout->addWidget(buildPreview(), 2);
    m_previewDelay.setSingleShot(true);
    m_previewDelay.setInterval(kPreviewDelayMs);
    connect(&m_previewDelay, &QTimer::timeout, this, &EvaluatePage::updatePreview);
    connect(&state(), &AppState::workspaceChanged, this, &EvaluatePage::reload);
    connect(&state(), &AppState::datasetsChanged, this, &EvaluatePage::reload);
    connect(&state(), &AppState::modelsChanged, this, &EvaluatePage::reload);
    connect(&state(), &AppState::evaluateRequested, this, [this](DatasetId dataset, ModelId model) {
        m_wantedDataset = dataset;
        m_wantedModel = model;
        reload();
    });
    chooseTask();
    reload();
}

QWidget* EvaluatePage::buildForm() {
    auto* host = new QWidget;
    auto* layout = new QVBoxLayout(host);
    layout->setContentsMargins(0, 0, theme::kSmall, 0);
    layout->setSpacing(theme::kLarge);
    auto* heading = new QLabel(tr("Evaluate"));
    theme::style(heading, theme::Text::Title);
    layout->addWidget(heading);

    m_task = makeCombo(QStringLiteral("task"), tr("Task"));
    for (const diptych::Task& task : tasks())
        m_task->addItem(toQString(task.info.title), toQString(task.info.id));
    m_dataset = makeCombo(QStringLiteral("dataset"), tr("Dataset"));
    m_split = makeCombo(QStringLiteral("split"), tr("Split"));
    m_model = makeCombo(QStringLiteral("model"), tr("Model"));
    m_device = makeCombo(QStringLiteral("device"), tr("Device"));
    for (const Device device : {Device::Auto, Device::Cpu, Device::Cuda})
        m_device->addItem(toQString(std::string(deviceName(device))), static_cast<int>(device));
    m_precision = makeCombo(QStringLiteral("precision"), tr("Precision"));
    for (const Precision precision : {Precision::Auto, Precision::Fp32, Precision::Bf16, Precision::Fp16})
        m_precision->addItem(toQString(std::string(precisionName(precision))), static_cast<int>(precision));

    auto* form = new QFormLayout;
    form->setHorizontalSpacing(theme::kLarge);
    form->setVerticalSpacing(theme::kMedium);
    form->setFieldGrowthPolicy(QFormLayout::ExpandingFieldsGrow);
    form->setLabelAlignment(Qt::AlignLeft | Qt::AlignVCenter);
    m_summary = new QLabel;
    m_summary->setWordWrap(true);
    m_summary->setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Preferred);
    theme::style(m_summary, theme::Text::Caption);
    form->addRow(theme::fieldLabel(tr("&Task"), m_task), m_task);
    form->addRow(QString(), m_summary);
    form->addRow(theme::fieldLabel(tr("&Dataset"), m_dataset), m_dataset);
    form->addRow(theme::fieldLabel(tr("&Split"), m_split), m_split);
    form->addRow(theme::fieldLabel(tr("&Model"), m_model), m_model);
    for (QComboBox* box : {m_device, m_precision})
        box->setMinimumContentsLength(6); // two share a line
    auto* placement = new QHBoxLayout;
    placement->setSpacing(theme::kSmall);
    placement->addWidget(m_device);
    placement->addWidget(m_precision);
    form->addRow(theme::fieldLabel(tr("De&vice, precision"), m_device), placement);
    layout->addLayout(form);

    m_params = new ParamForm;
    layout->addWidget(m_params);
    layout->addStretch(1);

    connect(m_task, &QComboBox::currentIndexChanged, this, &EvaluatePage::chooseTask);
    connect(m_dataset, &QComboBox::currentIndexChanged, this, &EvaluatePage::fillSplits);
    for (QComboBox* box : {m_split, m_model, m_device, m_precision})
        connect(box, &QComboBox::currentIndexChanged, this, &EvaluatePage::changed);
    connect(m_params, &ParamForm::changed, this, &EvaluatePage::changed);

    auto* scroll = new QScrollArea;
    scroll->setFrameShape(QFrame::NoFrame);
    scroll->setWidgetResizable(true);
    scroll->setWidget(host);
    return scroll;
}

QWidget* EvaluatePage::buildRunBar() {
    auto* bar = new QWidget;
    auto* layout = new QHBoxLayout(bar);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(theme::kLarge);
    m_run = new QPushButton(tr("Run"));
    m_run->setObjectName(QStringLiteral("run"));
    m_run->setDefault(true);
    m_run->setProperty("kind", QStringLiteral("primary"));
    m_run->setMinimumWidth(120);
    m_run->setShortcut(QKeySequence(Qt::CTRL | Qt::Key_Return));
    m_run->setToolTip(tr("Ctrl+Return"));
    m_problem = new QLabel;
    m_problem->setObjectName(QStringLiteral("problem"));
    m_problem->setWordWrap(true);
    layout->addWidget(m_run, 0, Qt::AlignLeft);
    layout->addWidget(m_problem, 1);
    connect(m_run, &QPushButton::clicked, this, &EvaluatePage::run);
    return bar;
}

QWidget* EvaluatePage::buildPreview() {
    auto* frame = new QFrame;
    frame->setProperty("card", true);
    m_previewPanel = frame;
    auto* layout = new QVBoxLayout(frame);
    layout->setContentsMargins(theme::kHuge, theme::kHuge, theme::kHuge, theme::kHuge);
    layout->setSpacing(theme::kMedium);
    m_previewHeading = new QLabel(tr("Preview"));
    theme::style(m_previewHeading, theme::Text::Heading);
    m_previewForm = new QFormLayout;
    m_previewForm->setHorizontalSpacing(theme::kLarge);
    m_previewForm->setVerticalSpacing(theme::kSmall);
    m_previewNote = new QLabel;
    m_previewNote->setObjectName(QStringLiteral("previewNote"));
    m_previewNote->setWordWrap(true);
    theme::style(m_previewNote, theme::Text::Caption);
    m_encode = new QPushButton(tr("Encode the images now"));
    m_encode->setObjectName(QStringLiteral("encode"));
    connect(m_encode, &QPushButton::clicked, this, &EvaluatePage::encode);
    layout->addWidget(m_previewHeading);
    layout->addLayout(m_previewForm);
    layout->addWidget(m_previewNote);
    layout->addWidget(m_encode, 0, Qt::AlignLeft);
    layout->addStretch(1);
    return frame;
}

void EvaluatePage::activated() {
    changed();
}

void EvaluatePage::refresh() {
    reload();
}

bool EvaluatePage::cancel() {
    if (!m_running.active())
        return false;
    m_running.cancel();
    return true;
}

void EvaluatePage::reload() {
    const auto session = state().session();
    if (!session) {
        fillChoices({});
        return;
    }
    m_loading.start(
        JobSpec(tr("Load datasets and models")).setShown(false),
        [session](const RunContext&) {
            Choices choices;
            choices.datasets = session->workspace().datasets();
            for (const DatasetInfo& dataset : choices.datasets)
                choices.splits.push_back(session->workspace().splits(dataset.id));
            choices.models = session->workspace().models();
            return choices;
        },
        [this](Choices choices) { fillChoices(std::move(choices)); });
}

void EvaluatePage::fillChoices(Choices choices) {
    const QString dataset = m_dataset->currentText(), model = m_model->currentText();
    const QSignalBlocker blockDataset(m_dataset), blockModel(m_model);
    m_choices = std::move(choices);
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
        m_dataset->setCurrentIndex(
            m_dataset->findData(QVariant::fromValue<qlonglong>(m_wantedDataset.value)));
    if (m_wantedModel)
        m_model->setCurrentIndex(m_model->findData(QVariant::fromValue<qlonglong>(m_wantedModel.value)));
    m_wantedDataset = {};
    m_wantedModel = {};
    fillSplits();
}

void EvaluatePage::chooseTask() {
    const diptych::Task& task = findTask(m_task->currentData().toString().toStdString());
    m_summary->setText(toQString(task.info.summary));
    m_params->setSpecs(task.info.params);
    changed();
}

void EvaluatePage::fillSplits() {
    const QSignalBlocker block(m_split);
    m_split->clear();
    m_split->addItem(tr("All images"), QString());
    const int index = m_dataset->currentIndex();
    if (index >= 0)
        for (const std::string& split : m_choices.splits[static_cast<size_t>(index)])
            m_split->addItem(toQString(split), toQString(split));
    m_split->setEnabled(m_split->count() > 1);
    changed();
}

RunSpec EvaluatePage::spec() const {
    RunSpec spec;
    spec.task = m_task->currentData().toString().toStdString();
    spec.dataset = m_dataset->currentText().toStdString();
    spec.model = m_model->currentText().toStdString();
    spec.split = m_split->currentData().toString().toStdString();
    spec.device = static_cast<Device>(m_device->currentData().toInt());
    spec.precision = static_cast<Precision>(m_precision->currentData().toInt());
    spec.params = m_params->values();
    return spec;
}

void EvaluatePage::chooseSuitableDataset() {
    const TaskInfo& info = findTask(m_task->currentData().toString().toStdString()).info;
    for (size_t i = 0; i < m_choices.datasets.size(); ++i) {
        if (missingNeed(info, m_choices.datasets[i]).isEmpty()) {
            m_dataset->setCurrentIndex(static_cast<int>(i));
            return;
        }
    }
}

QString EvaluatePage::missingNeed(const TaskInfo& info, const DatasetInfo& dataset) {
    for (const DatasetNeed need : info.needs) {
        if (need == DatasetNeed::Labels && dataset.labelledCount == 0)
            return tr("This dataset has no labels, which %1 needs.").arg(toQString(info.title));
        if (need == DatasetNeed::Captions && dataset.captionCount == 0)
            return tr("This dataset has no captions, which %1 needs.").arg(toQString(info.title));
    }
    return {};
}

QString EvaluatePage::unsuitable() const {
    if (!state().session())
        return tr("Open a workspace first.");
    if (m_choices.datasets.empty())
        return tr("There is no dataset yet: import one on the Datasets page.");
    if (m_choices.models.empty())
        return tr("There is no model yet: add a checkpoint folder on the Models page.");
    if (m_dataset->currentIndex() < 0 || m_model->currentIndex() < 0)
        return tr("Choose a dataset and a model.");
    const DatasetInfo& dataset = m_choices.datasets[static_cast<size_t>(m_dataset->currentIndex())];
    const TaskInfo& info = findTask(m_task->currentData().toString().toStdString()).info;
    if (const QString missing = missingNeed(info, dataset); !missing.isEmpty())
        return missing;
    try {
        completeParams(info, m_params->values());
    } catch (const Error& error) {
        return toQString(error.what());
    }
    return {};
}

void EvaluatePage::changed() {
    const QString why = unsuitable();
    m_problem->setText(why);
    m_problem->setVisible(!why.isEmpty());
    m_run->setEnabled(why.isEmpty() && !m_running.active() && !state().readOnly());
    m_previewDelay.start();
}

void EvaluatePage::updatePreview() {
    const auto session = state().session();
    const diptych::Task& task = findTask(m_task->currentData().toString().toStdString());
    m_previewPanel->setVisible(task.info.hasPreview);
    if (!session || !task.info.hasPreview || !unsuitable().isEmpty()) {
        m_previewing.cancel();
        showPreview(std::nullopt);
        m_encode->setVisible(false);
        m_previewNote->setText(tr("The score appears here once a dataset and a model are chosen."));
        return;
    }
    m_previewing.start(
        JobSpec(tr("Preview"), JobLane::Light).setShown(false),
        [session, spec = spec()](const RunContext& context) { return session->preview(spec, context); },
        [this](std::optional<Preview> preview) { showPreview(preview); },
        [this](const Error& error) {
            showPreview(std::nullopt);
            m_encode->setVisible(false);
            m_previewNote->setText(toQString(error.what()));
        });
}

void EvaluatePage::showPreview(const std::optional<Preview>& preview) {
    while (m_previewForm->rowCount() > 0)
        m_previewForm->removeRow(0);
    m_encode->setVisible(!preview);
    m_encode->setEnabled(!m_running.active());
    if (!preview) {
        m_previewNote->setText(
            tr("These images have not been encoded with this model yet. Once they are, the score follows "
               "as you edit the prompts."));
        return;
    }
    for (const Metric& metric : preview->metrics) {
        auto* name = new QLabel(toQString(metricTitle(metric.name)));
        auto* value = new QLabel(toQString(metricValueText(metric)));
        theme::style(value, theme::Text::Number);
        value->setObjectName(QStringLiteral("preview_") + toQString(metric.name));
        m_previewForm->addRow(name, value);
    }
    m_previewNote->setText(
        tr("%1 images, scored from the cache in %2. Run stores it, with intervals and every example.")
            .arg(countText(static_cast<long long>(preview->examples)),
                 durationText(preview->milliseconds / 1000)));
}

void EvaluatePage::encode() {
    const auto session = state().session();
    if (!session)
        return;
    m_running = jobs().start(
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
    m_running = jobs().start(
        JobSpec(tr("%1 of %2 with %3")
                    .arg(m_task->currentText(), m_dataset->currentText(), m_model->currentText()),
                JobLane::Model)
            .setFinally([this] { changed(); }),
        [session, spec = spec()](const RunContext& context) { return session->run(spec, context); }, this,
        [this](RunId run) {
            state().notifyRunsChanged();
            state().showRun(run);
        });
    changed();
}

} // namespace diptych::ui
