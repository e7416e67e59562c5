// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/inspector/inspector_page.h"

#include "core/base/file.h"
#include "core/session/session.h"
#include "ui/models/formatting.h"
#include "ui/pages/inspector/marks_editor.h"
#include "ui/pages/inspector/neighbour_strip.h"
#include "ui/pages/inspector/neighbours_panel.h"
#include "ui/pages/inspector/text_score.h"
#include "ui/pages/inspector/where_panel.h"
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
#include <QTabWidget>
#include <QToolButton>
#include <QVBoxLayout>

#include <algorithm>

namespace diptych::ui {
namespace {

QLabel* selectable(QLabel* label) {
    label->setWordWrap(true);
    label->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
    return label;
}

} // namespace

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

QLayout* InspectorPage::buildBar() {
    auto* bar = new QHBoxLayout;
    bar->setSpacing(0); // the buttons have room inside, and the title needs it
    m_title = new ElidedLabel(Qt::ElideMiddle);
    m_title->setObjectName(QStringLiteral("inspectorTitle"));
    theme::style(m_title, theme::Text::Title);
    m_crop = new QToolButton;
    m_crop->setObjectName(QStringLiteral("modelCrop"));
    m_crop->setText(tr("Model's view"));
    m_crop->setToolTip(tr("The picture as the model gets it: resized and cropped"));
    m_crop->setCheckable(true);
    connect(m_crop, &QToolButton::toggled, this, &InspectorPage::showPicture);
    bar->addWidget(m_title, 1);
    bar->addWidget(m_crop);
    const auto add = [bar](const char* object, const char* icon, const QString& name, const QString& keys) {
        auto* button = new QToolButton;
        button->setObjectName(QString::fromLatin1(object));
        button->setIcon(theme::icon(QString::fromLatin1(icon)));
        button->setToolTip(keys.isEmpty() ? name : QStringLiteral("%1 (%2)").arg(name, keys));
        button->setAccessibleName(name);
        bar->addWidget(button);
        return button;
    };
    m_similar = add("findSimilar", "search", tr("Find similar images"), {});
    m_fullScreenButton =
        add("showFullScreen", "zoom-fit", tr("Full screen"), tr("F11, or Space on the picture"));
    m_previous = add("previousExample", "chevron-left", tr("Previous example"), tr("Left or Page Up"));
    m_next = add("nextExample", "chevron-right", tr("Next example"), tr("Right or Page Down"));
    connect(m_similar, &QToolButton::clicked, this,
            [this] { state().showSimilar(m_request.sample, m_shownDataset); });
    connect(m_fullScreenButton, &QToolButton::clicked, this, &InspectorPage::showFullScreen);
    connect(m_previous, &QToolButton::clicked, this, [this] { step(-1); });
    connect(m_next, &QToolButton::clicked, this, [this] { step(1); });
    return bar;
}

QWidget* InspectorPage::buildPicture() {
    auto* host = new QWidget;
    auto* layout = new QVBoxLayout(host);
    layout->setContentsMargins(theme::kHuge, theme::kHuge, theme::kMedium, theme::kHuge);
    layout->setSpacing(theme::kMedium);
    layout->addLayout(buildBar());
    m_view = new ImageView;
    layout->addWidget(m_view, 1);
    m_where = new WherePanel(context(), *m_view);
    connect(m_where, &WherePanel::pictureChanged, this, &InspectorPage::showPicture);
    layout->addWidget(m_where);
    m_strip = new NeighbourStrip(context(), [this] { return m_request.run; });
    m_strip->setObjectName(QStringLiteral("neighbours"));
    connect(m_strip, &NeighbourStrip::chosen, this, &InspectorPage::goTo);
    layout->addWidget(m_strip);
    m_position = new QLabel;
    theme::style(m_position, theme::Text::Caption);
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
    m_textScore = new TextScoreField(context());
    m_textScore->addButton(m_where->button());
    connect(m_textScore, &TextScoreField::textSettled, m_where, &WherePanel::setText);
    layout->addWidget(m_textScore);
    auto* tabs = new QTabWidget;
    tabs->setObjectName(QStringLiteral("inspectorTabs"));
    m_neighbours = new NeighboursPanel(context());
    tabs->addTab(buildResults(), tr("Results"));
    tabs->addTab(m_neighbours, tr("Neighbours"));
    layout->addWidget(tabs, 1);
    return host;
}

QWidget* InspectorPage::buildResults() {
    auto* host = new QWidget;
    auto* layout = new QVBoxLayout(host);
    layout->setContentsMargins(0, theme::kSmall, 0, 0);
    layout->setSpacing(theme::kSmall);
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
        inspect();
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
        const SampleList& list = m_request.siblings;
        if (list && std::find(list->begin(), list->end(), current) == list->end())
            m_request.siblings = nullptr;
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
    m_place = 0;
    if (m_followed)
        m_followed->disconnect(this);
    m_followed = nullptr;
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
            shown.label = shown.sample.label >= 0 ? classNameOf(names, shown.sample.label) : QString();
            if (const auto image = session->image(id))
                shown.image = toQImage(*image);
            else
                shown.imageError = toQString(image.error().what());
            shown.datasetName = session->workspace().dataset(shown.sample.dataset).name;
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
    m_datasetName = shown.datasetName;
    m_similar->setEnabled(!shown.image.isNull());
    m_image = shown.image;
    m_imageError = shown.imageError;
    m_marks->show(sample);
    showFacts(shown);
    followView(sample.dataset);
    if (m_moved && sample.id == m_request.sample) { // a reload moves nothing
        m_moved = false;
        state().selection(sample.dataset).moveTo(sample.id);
    }

    const bool predicted = std::any_of(shown.runs.begin(), shown.runs.end(),
                                       [](const SampleRun& run) { return !run.result.predictions.empty(); });
    const bool judged = std::any_of(shown.runs.begin(), shown.runs.end(), [](const SampleRun& run) {
        return run.result.correct || run.result.status != ExampleStatus::Ok;
    });
    const bool oneTask = std::all_of(shown.runs.begin(), shown.runs.end(), [&](const SampleRun& run) {
        return run.run.task == shown.runs.front().run.task;
    });
    m_runs.setRows(std::move(shown.runs));
    m_runTable->setColumnHidden(SampleRunsModel::Task, oneTask); // the models' names need the room
    m_runTable->setColumnHidden(SampleRunsModel::Verdict, !judged);
    for (const int column : {SampleRunsModel::Prediction, SampleRunsModel::Score})
        m_runTable->setColumnHidden(column, !predicted);
    int row = m_runs.rowCount() > 0 ? 0 : -1;
    for (int i = 0; i < m_runs.rowCount(); ++i)
        if (m_runs.row(i).run.id == m_request.run)
            row = i;
    m_runTable->setCurrentSourceRow(row);
    chooseRun(row);
    inspect();
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

void InspectorPage::followView(DatasetId dataset) {
    DatasetView& view = state().view(dataset);
    const SampleList &own = m_request.siblings, &looked = view.samples();
    const bool follows = !own || own == looked || (looked && *own == *looked);
    DatasetView* wanted = follows ? &view : nullptr;
    if (follows && looked)
        m_request.siblings = looked;
    if (m_followed == wanted)
        return;
    if (m_followed)
        m_followed->disconnect(this);
    m_followed = wanted;
    if (!wanted)
        return;
    connect(wanted, &DatasetView::samplesChanged, this, [this] {
        m_request.siblings = m_followed->samples();
        showPlace();
    });
}

void InspectorPage::showPlace() {
    const auto& list = m_request.siblings;
    const auto found = list ? std::find(list->begin(), list->end(), m_request.sample)
                            : std::vector<SampleId>::const_iterator();
    const bool known = list && found != list->end();
    const auto size = list ? static_cast<ptrdiff_t>(list->size()) : 0;
    if (known)
        m_place = found - list->begin();
    m_previous->setEnabled(m_place > 0 && size > 0);
    m_next->setEnabled(known ? m_place + 1 < size : m_place < size);
    m_position->setText(known  ? tr("%1 of %2").arg(m_place + 1).arg(size)
                        : list ? tr("not in the filter (%1)").arg(size)
                               : QString());
    fillFullScreen(); // says the place
    m_strip->setVisible(size > 0);
    m_strip->show(list, known ? std::optional(static_cast<size_t>(m_place)) : std::nullopt,
                  static_cast<size_t>(m_place));
}

Inspected InspectorPage::inspected() const {
    const int row = m_runTable->currentSourceRow();
    const RunRecord ofRun = row >= 0 && row < m_runs.rowCount() ? m_runs.row(row).run : RunRecord();
    return {m_request.sample, m_shownDataset, m_datasetName,
            ofRun.modelName,  alphaOf(ofRun), state().currentModel()};
}

void InspectorPage::inspect() {
    m_textScore->show(inspected());
    m_where->look(inspected());
    m_neighbours->show(inspected());
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
            predictions.push_back({classNameOf(chosen.classNames, prediction.index),
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
    if (!list || list->empty())
        return;
    const auto size = static_cast<ptrdiff_t>(list->size());
    const bool known = m_place < size && (*list)[static_cast<size_t>(m_place)] == m_request.sample;
    // One that the list has lost (its tag was taken off) leaves its place to the next one.
    const ptrdiff_t target = m_place + (known || by < 0 ? by : by - 1);
    if (target >= 0 && target < size)
        goTo((*list)[static_cast<size_t>(target)]);
}

void InspectorPage::keyPressEvent(QKeyEvent* event) {
    if (event->key() == Qt::Key_PageUp || event->key() == Qt::Key_Left)
        step(-1);
    else if (event->key() == Qt::Key_PageDown || event->key() == Qt::Key_Right)
        step(1);
    else if (event->key() == Qt::Key_F11 || event->key() == Qt::Key_Space)
        showFullScreen();
    else if (event->key() == Qt::Key_W)
        m_where->button()->click();
    else
        Page::keyPressEvent(event);
}

} // namespace diptych::ui
