// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/evaluate/evaluate_page.h"

#include "ui/models/formatting.h"
#include "ui/state/app_state.h"
#include "ui/state/settings.h"
#include "ui/theme/theme.h"
#include "ui/widgets/alpha_choice.h"
#include "ui/widgets/choice_box.h"
#include "ui/widgets/column_scroll_area.h"
#include "ui/widgets/folding_row.h"
#include "ui/widgets/param_form.h"

#include <QComboBox>
#include <QFormLayout>
#include <QFrame>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QToolButton>
#include <QVBoxLayout>

#include <algorithm>

namespace diptych::ui {
namespace {

constexpr int kPreviewDelayMs = 150;
const QString kSavedPrompts = QStringLiteral("evaluate/prompts");

/// What was saved by name, {"name": [templates]}; nothing where the settings hold something else.
Json savedPrompts(const Settings& settings) {
    const Json saved = Json::parse(settings.value(kSavedPrompts).toString().toStdString(), nullptr,
                                   /*allow_exceptions=*/false);
    Json prompts = Json::object();
    if (saved.is_object())
        for (const auto& [name, templates] : saved.items())
            if (templates.is_array() &&
                std::ranges::all_of(templates, [](const Json& line) { return line.is_string(); }))
                prompts[name] = templates;
    return prompts;
}

QComboBox* makeCombo(const char* objectName, const QString& accessibleName) {
    auto* box = new ChoiceBox(objectName, accessibleName, 10);
    box->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
    box->setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    return box;
}

} // namespace

EvaluatePage::EvaluatePage(const PageContext& context)
    : Page(context),
      m_loading(context.jobs, this),
      m_checking(context.jobs, this),
      m_previewing(context.jobs, this) {
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
    connectState();
    chooseTask();
    reload();
}

void EvaluatePage::connectState() {
    connect(&state(), &AppState::workspaceChanged, this, [this] {
        setBaseline({});
        reload();
    });
    connect(&state(), &AppState::datasetsChanged, this, &EvaluatePage::reload);
    connect(&state(), &AppState::tagsChanged, this, &EvaluatePage::reload); // corrected labels are counted
    connect(&state(), &AppState::modelsChanged, this, &EvaluatePage::reload);
    connect(&state(), &AppState::promptsChanged, this, &EvaluatePage::reload);
    connect(&state(), &AppState::evaluateRequested, this, [this](DatasetId dataset, ModelId model) {
        m_wantedDataset = dataset;
        m_wantedModel = model;
        reload();
    });
    connect(&state(), &AppState::evaluateAgainRequested, this, [this](RunId run) {
        m_wantedRun = run;
        reload();
    });
    connect(&jobs(), &JobRunner::event, this, [this](const JobEvent& event) {
        const bool over = event.state != JobState::Queued && event.state != JobState::Running;
        if (m_previewWaits && event.lane == JobLane::Model && over)
            m_previewDelay.start();
    });
}

QWidget* EvaluatePage::buildForm() {
    auto* host = new QWidget;
    auto* layout = new QVBoxLayout(host);
    layout->setContentsMargins(0, 0, theme::kSmall, 0);
    layout->setSpacing(theme::kLarge);
    auto* heading = new QLabel(tr("Evaluate"));
    theme::style(heading, theme::Text::Title);
    layout->addWidget(heading);
    layout->addWidget(buildAgainBar());
    layout->addLayout(buildChoices());
    m_params = new ParamForm;
    m_params->setSavedPrompts(savedPrompts(settings()));
    layout->addWidget(m_params);
    layout->addStretch(1);

    connect(m_task, &QComboBox::currentIndexChanged, this, &EvaluatePage::chooseTask);
    connect(m_dataset, &QComboBox::currentIndexChanged, this, &EvaluatePage::fillSplits);
    for (QComboBox* box : {m_split, m_samples, m_labelSource, m_model, m_device, m_precision,
                           static_cast<QComboBox*>(m_alpha)})
        connect(box, &QComboBox::currentIndexChanged, this, &EvaluatePage::changed);
    connect(m_seed, &QLineEdit::textChanged, this, &EvaluatePage::changed);
    connect(m_params, &ParamForm::changed, this, &EvaluatePage::changed);
    connect(m_params, &ParamForm::savedPromptsChanged, this,
            [this](const Json& saved) { settings().setValue(kSavedPrompts, toQString(saved.dump())); });

    auto* scroll = new ColumnScrollArea(host);
    scroll->setAccessibleName(tr("Parameters of the task"));
    return scroll;
}

QFormLayout* EvaluatePage::buildChoices() {
    m_task = makeCombo("task", tr("Task"));
    for (const diptych::Task& task : tasks())
        m_task->addItem(toQString(task.info.title), toQString(task.info.id));
    m_dataset = makeCombo("dataset", tr("Dataset"));
    m_split = makeCombo("split", tr("Split"));
    m_labelSource = makeCombo("labels", tr("Labels"));
    m_labelSource->setToolTip(tr("A label is corrected by the menu of a picture, or on the Curate page"));
    m_samples = makeCombo("samples", tr("Samples"));
    m_samples->setToolTip(
        tr("All of them, those that are selected in any view, or those that the dataset's filter leaves: the "
           "filter is set at the side of the Datasets page"));
    m_model = makeCombo("model", tr("Model"));
    m_device = makeCombo("device", tr("Device"));
    for (const Device device : {Device::Auto, Device::Cpu, Device::Cuda})
        m_device->addItem(toQString(std::string(deviceName(device))), static_cast<int>(device));
    m_precision = makeCombo("precision", tr("Precision"));
    for (const Precision precision : {Precision::Auto, Precision::Fp32, Precision::Bf16, Precision::Fp16})
        m_precision->addItem(toQString(std::string(precisionName(precision))), static_cast<int>(precision));
    m_alpha = new AlphaChoice;
    m_alpha->setObjectName(QStringLiteral("alpha"));
    m_seed = new QLineEdit(QStringLiteral("0"));
    m_seed->setObjectName(QStringLiteral("seed"));
    m_seed->setAccessibleName(tr("Seed"));
    m_seed->setToolTip(tr("Of everything random: draws of a split, of examples, of resamples"));
    m_seed->setMaximumWidth(120);

    auto* form = new QFormLayout;
    form->setHorizontalSpacing(theme::kLarge);
    form->setVerticalSpacing(theme::kMedium);
    form->setFieldGrowthPolicy(QFormLayout::ExpandingFieldsGrow);
    form->setLabelAlignment(Qt::AlignLeft | Qt::AlignVCenter);
    m_summary = new QLabel;
    m_summary->setWordWrap(true);
    m_summary->setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Preferred);
    theme::style(m_summary, theme::Text::Caption);
    const auto addRow = [&](const QString& text, QWidget* field, QWidget* fields = nullptr) {
        QLabel* label = theme::fieldLabel(text, field);
        m_labels.emplace_back(label, field);
        form->addRow(label, fields ? fields : field);
    };
    addRow(tr("&Task"), m_task);
    form->addRow(QString(), m_summary);
    addRow(tr("&Dataset"), m_dataset);
    addRow(tr("&Split"), m_split);
    addRow(tr("Sam&ples"), m_samples);
    addRow(tr("&Labels"), m_labelSource);
    addRow(tr("&Model"), m_model);
    for (QComboBox* box : {m_device, m_precision})
        box->setMinimumContentsLength(6); // two share a line where there is room
    auto* placement = new FoldingRow;
    placement->setStretch(1, 1);
    placement->setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    placement->first()->addWidget(m_device);
    placement->second()->addWidget(m_precision);
    addRow(tr("De&vice, precision"), m_device, placement);
    addRow(tr("Tr&ansparency"), m_alpha);
    addRow(tr("S&eed"), m_seed);
    return form;
}

QWidget* EvaluatePage::buildAgainBar() {
    m_againBar = new QFrame;
    m_againBar->setObjectName(QStringLiteral("againBar"));
    theme::makeCard(m_againBar);
    m_againText = new QLabel;
    m_againText->setObjectName(QStringLiteral("againText"));
    m_againText->setWordWrap(true);
    m_restore = new QPushButton(tr("Restore"));
    m_restore->setObjectName(QStringLiteral("restoreRun"));
    m_restore->setToolTip(tr("Put everything back as it was in that run"));
    auto* forget = new QToolButton;
    forget->setObjectName(QStringLiteral("forgetRun"));
    forget->setIcon(theme::icon(QStringLiteral("close")));
    forget->setToolTip(tr("Keep what stands here, without comparing it to that run"));
    forget->setAccessibleName(forget->toolTip());
    auto* layout = new QHBoxLayout(m_againBar);
    layout->setContentsMargins(theme::kMedium, theme::kSmall, theme::kSmall, theme::kSmall);
    layout->addWidget(m_againText, 1);
    layout->addWidget(m_restore);
    layout->addWidget(forget);
    connect(m_restore, &QPushButton::clicked, this, &EvaluatePage::applyBaseline);
    connect(forget, &QToolButton::clicked, this, [this] { setBaseline({}); });
    m_againBar->hide();
    return m_againBar;
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
    m_previewForm->setRowWrapPolicy(QFormLayout::WrapLongRows);
    m_previewNote = new QLabel;
    m_previewNote->setObjectName(QStringLiteral("previewNote"));
    m_previewNote->setWordWrap(true);
    theme::style(m_previewNote, theme::Text::Caption);
    m_encode = new QPushButton(tr("Encode the images now"));
    m_encode->setObjectName(QStringLiteral("encode"));
    m_encode->hide();
    connect(m_encode, &QPushButton::clicked, this, &EvaluatePage::encode);
    layout->addWidget(m_previewHeading);
    layout->addLayout(m_previewForm);
    layout->addWidget(m_previewNote);
    layout->addWidget(m_encode, 0, Qt::AlignLeft);
    layout->addStretch(1);
    return frame;
}

} // namespace diptych::ui
