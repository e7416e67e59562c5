// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/inspector/inspector_page.h"

#include "core/base/file.h"
#include "core/session/session.h"
#include "ui/models/formatting.h"
#include "ui/pages/inspector/marks_editor.h"
#include "ui/pages/inspector/neighbour_strip.h"
#include "ui/results/outcome_text.h"
#include "ui/state/selection.h"
#include "ui/theme/theme.h"
#include "ui/widgets/bar_delegate.h"
#include "ui/widgets/elided_label.h"
#include "ui/widgets/empty_state.h"
#include "ui/widgets/image_view.h"
#include "ui/widgets/table_view.h"

#include <QHBoxLayout>
#include <QHeaderView>
#include <QKeyEvent>
#include <QLabel>
#include <QScrollArea>
#include <QSplitter>
#include <QStackedWidget>
#include <QToolButton>
#include <QVBoxLayout>

#include <algorithm>

namespace diptych::ui {
namespace {

QString className(const std::vector<std::string>& names, int index) {
    return index >= 0 && index < static_cast<int>(names.size()) ? toQString(names[static_cast<size_t>(index)])
                                                                : QStringLiteral("–");
}

/// What the model of a run saw of transparent pictures; results that came from elsewhere do not say.
Alpha alphaOf(const RunRecord& run) {
    return run.spec.is_object() ? parseAlpha(jsonString(run.spec, "alpha", "drop", "the run's description"))
                                : Alpha::Drop;
}

QLabel* selectable(QLabel* label) {
    label->setWordWrap(true);
    label->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
    return label;
}

} // namespace

QVariant PredictionsModel::header(int column) const {
    return column == Name ? tr("Prediction") : tr("Probability");
}

QVariant PredictionsModel::cell(const PredictionRow& row, int column, int role) const {
    if (role == kBarRole && column == Score)
        return row.score;
    if (role == Qt::ForegroundRole && column == Name && row.right)
        return theme::colors().success;
    if (role == kSortRole && column == Score)
        return row.score;
    if (role != Qt::DisplayRole && role != kSortRole)
        return {};
    if (column == Score)
        return shareText(row.score);
    return row.right ? tr("✓ %1").arg(row.name) : row.name;
}

QVariant SampleRunsModel::header(int column) const {
    switch (column) {
    case Number:
        return tr("Run");
    case Prediction:
        return tr("Prediction");
    case Score:
        return tr("Score");
    case Verdict:
        return tr("Verdict");
    case Model:
        return tr("Model");
    default:
        return tr("Task");
    }
}

QVariant SampleRunsModel::cell(const SampleRun& row, int column, int role) const {
    const ExampleResult& result = row.result;
    if (role == Qt::ForegroundRole && column == Verdict && result.correct)
        return *result.correct ? theme::colors().success : theme::colors().danger;
    if (role == kSortRole && column == Number)
        return QVariant::fromValue<qlonglong>(row.run.id.value);
    if (role == Qt::ToolTipRole && (column == Model || column == Task))
        return cell(row, column, Qt::DisplayRole); // which may be cut off
    if (role != Qt::DisplayRole && role != kSortRole)
        return {};
    switch (column) {
    case Number:
        return QVariant::fromValue<qlonglong>(row.run.id.value);
    case Task:
        return toQString(row.run.title.empty() ? row.run.task : row.run.title);
    case Model:
        return toQString(row.run.modelName);
    case Prediction:
        return result.predictions.empty() ? QStringLiteral("–")
                                          : className(row.classNames, result.predictions.front().index);
    case Score:
        return result.predictions.empty() ? QString()
                                          : shareText(static_cast<double>(result.predictions.front().score));
    default:
        break;
    }
    // The verdict is left.
    if (result.status != ExampleStatus::Ok)
        return toQString(result.message);
    return !result.correct ? QString() : *result.correct ? tr("✓ right") : tr("✗ wrong");
}

InspectorPage::InspectorPage(const PageContext& context)
    : Page(context), m_loading(context.jobs, this), m_cropping(context.jobs, this) {
    auto* outer = new QVBoxLayout(this);
    outer->setContentsMargins(0, 0, 0, 0);
    m_stack = new QStackedWidget;
    outer->addWidget(m_stack);
    auto* empty = new EmptyState(
        QStringLiteral("inspector"), tr("Nothing to inspect yet"),
        tr("Double-click a picture on the Datasets page or an example of a run to see it here, "
           "with what each run made of it."),
        tr("Go to the datasets"));
    connect(empty, &EmptyState::actionTriggered, this,
            [this] { state().showPage(QStringLiteral("datasets")); });
    m_stack->addWidget(empty);
    auto* splitter = new QSplitter(Qt::Horizontal);
    splitter->setChildrenCollapsible(false);
    splitter->addWidget(buildPicture());
    splitter->addWidget(buildFacts());
    splitter->setStretchFactor(0, 1);
    splitter->setSizes({640, 460});
    m_stack->addWidget(splitter);
    setFocusPolicy(Qt::StrongFocus);
    actions().attach(this, [this] { return target(); });
    actions().attach(m_view, [this] { return target(); });

    connect(&state(), &AppState::sampleRequested, this, &InspectorPage::request);
    connect(&state(), &AppState::runsChanged, this, &InspectorPage::load);
    connect(&state(), &AppState::tagsChanged, this, &InspectorPage::load);
    connect(&state(), &AppState::workspaceChanged, this, [this] { request({}); });
    request(state().lastSampleRequest());
}

QWidget* InspectorPage::buildPicture() {
    auto* host = new QWidget;
    auto* layout = new QVBoxLayout(host);
    layout->setContentsMargins(theme::kHuge, theme::kHuge, theme::kMedium, theme::kHuge);
    layout->setSpacing(theme::kMedium);
    auto* bar = new QHBoxLayout;
    m_title = new ElidedLabel(Qt::ElideMiddle);
    m_title->setObjectName(QStringLiteral("inspectorTitle"));
    theme::style(m_title, theme::Text::Title);
    m_similar = new QToolButton;
    m_similar->setObjectName(QStringLiteral("findSimilar"));
    m_similar->setIcon(theme::icon(QStringLiteral("search")));
    m_similar->setToolTip(tr("Find similar images"));
    m_similar->setAccessibleName(m_similar->toolTip());
    connect(m_similar, &QToolButton::clicked, this,
            [this] { state().showSimilar(m_request.sample, m_shownDataset); });
    m_crop = new QToolButton;
    m_crop->setObjectName(QStringLiteral("modelCrop"));
    m_crop->setText(tr("Model's view"));
    m_crop->setToolTip(tr("The picture as the model gets it: resized and cropped"));
    m_crop->setCheckable(true);
    connect(m_crop, &QToolButton::toggled, this, &InspectorPage::showPicture);
    m_previous = new QToolButton;
    m_previous->setObjectName(QStringLiteral("previousExample"));
    m_previous->setIcon(theme::icon(QStringLiteral("chevron-left")));
    m_previous->setToolTip(tr("Previous example (Left or Page Up)"));
    m_previous->setAccessibleName(tr("Previous example"));
    m_next = new QToolButton;
    m_next->setObjectName(QStringLiteral("nextExample"));
    m_next->setIcon(theme::icon(QStringLiteral("chevron-right")));
    m_next->setToolTip(tr("Next example (Right or Page Down)"));
    m_next->setAccessibleName(tr("Next example"));
    m_position = new QLabel;
    theme::style(m_position, theme::Text::Caption);
    connect(m_previous, &QToolButton::clicked, this, [this] { step(-1); });
    connect(m_next, &QToolButton::clicked, this, [this] { step(1); });
    bar->addWidget(m_title, 1);
    bar->addWidget(m_crop);
    bar->addWidget(m_similar);
    bar->addWidget(m_previous);
    bar->addWidget(m_next);
    layout->addLayout(bar);
    m_view = new ImageView;
    layout->addWidget(m_view, 1);
    m_strip = new NeighbourStrip(context(), [this] { return m_request.run; });
    m_strip->setObjectName(QStringLiteral("neighbours"));
    connect(m_strip, &NeighbourStrip::chosen, this, &InspectorPage::goTo);
    layout->addWidget(m_strip);
    m_path = selectable(new QLabel);
    theme::style(m_path, theme::Text::Caption);
    auto* foot = new QHBoxLayout;
    m_path->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred); // a long path leaves the place whole
    foot->addWidget(m_path, 1);
    foot->addWidget(m_position, 0, Qt::AlignTop);
    layout->addLayout(foot);
    return host;
}

QWidget* InspectorPage::buildFacts() {
    auto* host = new QWidget;
    auto* layout = new QVBoxLayout(host);
    layout->setContentsMargins(theme::kMedium, theme::kHuge, theme::kHuge, theme::kHuge);
    layout->setSpacing(theme::kMedium);
    m_facts = selectable(new QLabel);
    m_facts->setObjectName(QStringLiteral("inspectorFacts"));
    m_captions = selectable(new QLabel);
    layout->addWidget(m_facts);
    layout->addWidget(m_captions);
    m_marks = new MarksEditor(context());
    layout->addWidget(m_marks);
    m_runHeading = new QLabel;
    theme::style(m_runHeading, theme::Text::Heading);
    m_runHeading->setWordWrap(true);
    layout->addWidget(m_runHeading);
    m_outcome = selectable(new QLabel);
    m_outcome->setObjectName(QStringLiteral("outcome"));
    m_outcome->setTextFormat(Qt::PlainText);
    layout->addWidget(m_outcome);
    m_predictionTable = new TableView;
    m_predictionTable->setObjectName(QStringLiteral("predictions"));
    m_predictionTable->setAccessibleName(tr("Predictions"));
    m_predictionTable->setSource(&m_predictions);
    m_predictionTable->setItemDelegate(new BarDelegate(m_predictionTable));
    m_predictionTable->horizontalHeader()->setSectionResizeMode(QHeaderView::Stretch);
    layout->addWidget(m_predictionTable, 2);
    auto* heading = new QLabel(tr("This example in other runs"));
    theme::style(heading, theme::Text::Heading);
    layout->addWidget(heading);
    m_runTable = new TableView;
    m_runTable->setObjectName(QStringLiteral("sampleRuns"));
    m_runTable->setAccessibleName(tr("This example in every run"));
    m_runTable->setSource(&m_runs);
    m_runTable->horizontalHeader()->setSectionResizeMode(QHeaderView::ResizeToContents);
    for (const int column : {SampleRunsModel::Model, SampleRunsModel::Task})
        m_runTable->horizontalHeader()->setSectionResizeMode(column, QHeaderView::Stretch);
    connect(m_runTable, &TableView::currentSourceRowChanged, this, [this](int row) {
        chooseRun(row);
        if (m_crop->isChecked())
            loadCrop(); // as the model of that run sees it
    });
    connect(m_runTable, &TableView::sourceRowActivated, this, [this](int row) {
        if (row >= 0)
            state().showRun(m_runs.row(row).run.id);
    });
    layout->addWidget(m_runTable, 2);
    return host;
}

void InspectorPage::activated() {
    // What another view has made current since is what one wants to see here.
    const SampleId current = state().currentSample();
    if (current && current != m_request.sample) {
        m_request.sample = current;
        load();
    }
    setFocus();
}

void InspectorPage::refresh() {
    load();
}

void InspectorPage::request(const SampleRequest& request) {
    m_request = request;
    m_moved = true;
    load();
}

void InspectorPage::load() {
    const auto session = state().session();
    if (!session || !m_request.sample) {
        m_stack->setCurrentIndex(0);
        return;
    }
    m_loading.start(
        JobSpec(tr("Open example")).setShown(false),
        [session, id = m_request.sample](const RunContext&) {
            Shown shown;
            shown.sample = session->workspace().sample(id);
            const auto names = session->workspace().classNames(shown.sample.dataset);
            shown.label = shown.sample.label >= 0 ? className(names, shown.sample.label) : QString();
            if (const auto image = session->image(id))
                shown.image = toQImage(*image);
            else
                shown.imageError = toQString(image.error().what());
            shown.runs = session->workspace().runsContaining(id);
            return shown;
        },
        [this](Shown shown) { show(std::move(shown)); });
}

void InspectorPage::show(Shown shown) {
    m_stack->setCurrentIndex(1);
    const Sample& sample = shown.sample;
    const QString file = toQString(displayPath(sample.path.filename()));
    m_title->setFullText(file);
    m_path->setText(toQString(displayPath(sample.path)));
    m_shownDataset = sample.dataset;
    m_similar->setEnabled(!shown.image.isNull());
    m_image = shown.image;
    m_imageError = shown.imageError;
    m_marks->show(sample);
    showFacts(shown);
    if (m_moved && sample.id == m_request.sample) { // a reload moves nothing
        m_moved = false;
        state().selection(sample.dataset).moveTo(sample.id);
    }

    const bool predicted = std::any_of(shown.runs.begin(), shown.runs.end(),
                                       [](const SampleRun& run) { return !run.result.predictions.empty(); });
    const bool judged = std::any_of(shown.runs.begin(), shown.runs.end(), [](const SampleRun& run) {
        return run.result.correct || run.result.status != ExampleStatus::Ok;
    });
    m_runs.setRows(std::move(shown.runs));
    m_runTable->setColumnHidden(SampleRunsModel::Verdict, !judged);
    for (const int column : {SampleRunsModel::Prediction, SampleRunsModel::Score})
        m_runTable->setColumnHidden(column, !predicted);
    int row = m_runs.rowCount() > 0 ? 0 : -1;
    for (int i = 0; i < m_runs.rowCount(); ++i)
        if (m_runs.row(i).run.id == m_request.run)
            row = i;
    m_runTable->setCurrentSourceRow(row);
    chooseRun(row);
    showPicture();
    showPlace();
}

void InspectorPage::showFacts(const Shown& shown) {
    const Sample& sample = shown.sample;
    const QString file = toQString(displayPath(sample.path.filename()));
    QStringList facts;
    if (!toQString(sample.key).endsWith(file)) // of a table that names its examples otherwise
        facts.append(tr("Name: %1").arg(toQString(sample.key).toHtmlEscaped()));
    if (!shown.label.isEmpty())
        facts.append(tr("Class: <b>%1</b>").arg(shown.label.toHtmlEscaped()));
    if (!sample.split.empty())
        facts.append(tr("Split: %1").arg(toQString(sample.split).toHtmlEscaped()));
    if (!shown.image.isNull())
        facts.append(tr("%1 × %2 pixels").arg(shown.image.width()).arg(shown.image.height()));
    if (sample.attributes.is_object())
        for (const auto& [name, value] : sample.attributes.items())
            if (!value.is_null())
                facts.append(QStringLiteral("%1: %2").arg(toQString(name).toHtmlEscaped(),
                                                          toQString(attributeText(value)).toHtmlEscaped()));
    m_facts->setText(facts.join(QStringLiteral("<br>")));
    m_facts->setVisible(!facts.isEmpty());
    QStringList captions;
    for (const std::string& caption : sample.captions)
        captions.append(QStringLiteral("“%1”").arg(toQString(caption).toHtmlEscaped()));
    m_captions->setText(captions.join(QStringLiteral("<br>")));
    m_captions->setVisible(!captions.isEmpty());
}

void InspectorPage::showPlace() {
    const auto& list = m_request.siblings;
    const auto found = list ? std::find(list->begin(), list->end(), m_request.sample)
                            : std::vector<SampleId>::const_iterator();
    const bool known = list && found != list->end();
    m_previous->setEnabled(known && found != list->begin());
    m_next->setEnabled(known && found + 1 != list->end());
    m_position->setText(known ? tr("%1 of %2").arg(found - list->begin() + 1).arg(list->size()) : QString());
    m_strip->setVisible(known);
    m_strip->show(known ? list : SampleList(), known ? static_cast<size_t>(found - list->begin()) : 0);
}

void InspectorPage::showPicture() {
    if (m_crop->isChecked()) {
        loadCrop();
        return;
    }
    m_cropping.cancel();
    m_view->setImage(m_image);
    m_view->setPlaceholder(m_imageError);
}

void InspectorPage::loadCrop() {
    const auto session = state().session();
    if (!session || !m_request.sample)
        return;
    const int row = m_runTable->currentSourceRow();
    const RunRecord ofRun = row >= 0 && row < m_runs.rowCount() ? m_runs.row(row).run : RunRecord();
    m_cropping.start(
        JobSpec(tr("Preprocess")).setShown(false),
        [session, sample = m_request.sample, ofRun, chosen = state().currentModel()](const RunContext&) {
            Workspace& workspace = session->workspace();
            auto model = workspace.findModel(ofRun.modelName);
            if (!model && chosen)
                model = workspace.model(chosen);
            const auto all = workspace.models();
            if (!model && !all.empty())
                model = all.front();
            if (!model)
                throw Error(ErrorCode::NotFound, "There is no model yet: add one on the Models page");
            const Result<Image> crop = session->modelImage(sample, model->id, alphaOf(ofRun));
            if (!crop)
                throw crop.error();
            return std::pair(toQImage(*crop), model->name);
        },
        [this](const std::pair<QImage, std::string>& crop) {
            m_view->setImage(crop.first);
            m_crop->setToolTip(tr("%1 × %2 pixels, resized and cropped as %3 gets it")
                                   .arg(crop.first.width())
                                   .arg(crop.first.height())
                                   .arg(toQString(crop.second)));
        },
        [this](const Error& error) {
            m_view->setImage({});
            m_view->setPlaceholder(QString::fromUtf8(error.what()));
        });
}

SampleTarget InspectorPage::target() const {
    SampleTarget target;
    if (m_request.sample)
        target.samples = {m_request.sample};
    target.current = m_request.sample;
    target.run = m_request.run;
    target.siblings = [this] { return m_request.siblings; };
    return target;
}

void InspectorPage::goTo(SampleId sample) {
    m_request.sample = sample;
    m_moved = true;
    state().setCurrentSample(sample);
    load();
}

void InspectorPage::chooseRun(int row) {
    std::vector<PredictionRow> predictions;
    QString outcome;
    m_runHeading->setVisible(row >= 0);
    if (row >= 0 && row < m_runs.rowCount()) {
        const SampleRun& chosen = m_runs.row(row);
        const QString heading = chosen.result.predictions.empty() ? tr("What %1 found (run %2)")
                                                                  : tr("Predictions of %1 (run %2)");
        m_runHeading->setText(heading.arg(toQString(chosen.run.modelName)).arg(chosen.run.id.value));
        outcome = outcomeText(chosen.result);
        for (const ScoredIndex& prediction : chosen.result.predictions)
            predictions.push_back({className(chosen.classNames, prediction.index),
                                   static_cast<double>(prediction.score),
                                   prediction.index == chosen.result.target});
    }
    m_predictionTable->setVisible(!predictions.empty());
    m_outcome->setText(outcome);
    m_outcome->setVisible(!outcome.isEmpty());
    m_predictions.setRows(std::move(predictions));
}

void InspectorPage::step(int by) {
    const auto& list = m_request.siblings;
    if (!list)
        return;
    const auto found = std::find(list->begin(), list->end(), m_request.sample);
    const auto target = found - list->begin() + by;
    if (found == list->end() || target < 0 || target >= static_cast<ptrdiff_t>(list->size()))
        return;
    goTo((*list)[static_cast<size_t>(target)]);
}

void InspectorPage::keyPressEvent(QKeyEvent* event) {
    if (event->key() == Qt::Key_PageUp || event->key() == Qt::Key_Left)
        step(-1);
    else if (event->key() == Qt::Key_PageDown || event->key() == Qt::Key_Right)
        step(1);
    else
        Page::keyPressEvent(event);
}

} // namespace diptych::ui
