// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/runs/runs_page.h"

#include "core/metrics/metric_text.h"
#include "core/report/result_import.h"
#include "core/session/session.h"
#include "ui/models/formatting.h"
#include "ui/pages/runs/run_list_columns.h"
#include "ui/pages/runs/run_notices.h"
#include "ui/state/app_state.h"
#include "ui/state/settings.h"
#include "ui/theme/theme.h"
#include "ui/widgets/elided_label.h"
#include "ui/widgets/empty_state.h"
#include "ui/widgets/error_banner.h"
#include "ui/widgets/table_view.h"

#include <QAction>
#include <QFile>
#include <QFileDialog>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QScrollBar>
#include <QSplitter>
#include <QStackedWidget>
#include <QTabWidget>
#include <QVBoxLayout>

#include <algorithm>
#include <optional>
#include <utility>

namespace diptych::ui {

namespace {
// Of a window of the usual height; the result needs the larger part.
constexpr int kListHeight = 240, kDetailsHeight = 520;
} // namespace

RunsPage::RunsPage(const PageContext& context)
    : Page(context),
      m_loading(context.jobs, this),
      m_opening(context.jobs, this),
      m_selecting(context.jobs, this) {
    auto* outer = new QVBoxLayout(this);
    outer->setContentsMargins(0, 0, 0, 0);
    m_stack = new QStackedWidget;
    outer->addWidget(m_stack);
    m_empty = new EmptyState(
        QStringLiteral("runs"), tr("No runs yet"),
        tr("A run is one evaluation: a task, a dataset and a model, with its numbers and every "
           "example's result."),
        tr("Evaluate…"));
    connect(m_empty, &EmptyState::actionTriggered, this,
            [this] { state().showPage(QStringLiteral("evaluate")); });
    m_stack->addWidget(m_empty);
    m_splitter = new QSplitter(Qt::Vertical);
    m_splitter->setChildrenCollapsible(false);
    m_splitter->addWidget(buildList());
    m_splitter->addWidget(buildDetails());
    m_splitter->setStretchFactor(0, 1);
    m_splitter->setStretchFactor(1, 3);
    m_splitter->setSizes({kListHeight, kDetailsHeight});
    m_splitter->restoreState(settings().value(QStringLiteral("runs/splitter")).toByteArray());
    m_notice = new ErrorBanner;
    connect(m_notice, &ErrorBanner::dismissed, this, [this] { m_removed.reset(); });
    auto* notice = new QVBoxLayout;
    notice->addWidget(m_notice);
    connect(m_notice, &ErrorBanner::visibleChanged, this, [notice](bool visible) {
        notice->setContentsMargins(theme::kHuge, visible ? theme::kMedium : 0, theme::kHuge, 0);
    });
    outer->insertLayout(0, notice);
    m_stack->addWidget(m_splitter);

    connect(&state(), &AppState::workspaceChanged, this, [this] {
        m_current.reset();
        m_wanted = {};
        m_notice->dismiss();
        reload();
    });
    connect(&state(), &AppState::runsChanged, this, &RunsPage::reload);
    connect(&state(), &AppState::runRequested, this, [this](RunId run) {
        m_wanted = run;
        reload();
    });
    m_wanted = state().currentRun();
    reload();
}

RunsPage::~RunsPage() {
    settings().setValue(QStringLiteral("runs/splitter"), m_splitter->saveState());
}

QWidget* RunsPage::buildList() {
    auto* host = new QWidget;
    auto* layout = new QVBoxLayout(host);
    layout->setContentsMargins(theme::kHuge, theme::kHuge, theme::kHuge, theme::kMedium);
    layout->setSpacing(theme::kMedium);
    auto* bar = new QHBoxLayout;
    auto* heading = new QLabel(tr("Runs"));
    theme::style(heading, theme::Text::Title);
    m_search = new QLineEdit;
    m_search->setObjectName(QStringLiteral("runSearch"));
    m_search->setPlaceholderText(tr("Find a run"));
    m_search->setClearButtonEnabled(true);
    m_search->setMaximumWidth(280);
    m_import = new QPushButton(tr("Import results…"));
    m_import->setObjectName(QStringLiteral("importResults"));
    m_import->setToolTip(tr("Numbers others measured, from result files of CLIP_benchmark"));
    connect(m_import, &QPushButton::clicked, this, [this] {
        const QStringList files = QFileDialog::getOpenFileNames(this, tr("Import results"), QString(),
                                                                tr("Results of CLIP_benchmark (*.json)"));
        if (!files.isEmpty())
            importResults(files);
    });
    bar->addWidget(heading);
    bar->addStretch(1);
    m_compare = new QPushButton(QLatin1Char(' ') + tr("Compare"));
    m_compare->setObjectName(QStringLiteral("compareRuns"));
    m_compare->setIcon(theme::icon(QStringLiteral("compare")));
    m_compare->setToolTip(tr("Choose two runs (Ctrl+click) to have them side by side, or more for a table"));
    m_compare->setEnabled(false);
    connect(m_compare, &QPushButton::clicked, this, &RunsPage::compareSelected);
    bar->addWidget(m_search);
    bar->addWidget(m_compare);
    bar->addWidget(m_import);
    layout->addLayout(bar);
    m_table = new TableView;
    m_table->setObjectName(QStringLiteral("runsTable"));
    m_table->setAccessibleName(tr("Runs"));
    m_table->setSource(&m_runs);
    m_table->setMinimumHeight(120);
    m_table->setStretchColumn(RunsModel::Task);
    layout->addWidget(m_table, 1);
    m_columns = new RunListColumns(m_runs, *m_table, settings(), this);
    connect(m_columns, &RunListColumns::starWanted, this,
            [this](const std::vector<RunId>& runs, bool starred) { editMarks(runs, {.starred = starred}); });
    connect(&m_runs, &RunsModel::marksEdited, this,
            [this](RunId run, const RunMarksEdit& edit) { editMarks({run}, edit); });
    auto* remove = new QAction(tr("Delete"), m_table);
    remove->setShortcut(QKeySequence::Delete);
    remove->setShortcutContext(Qt::WidgetShortcut);
    connect(remove, &QAction::triggered, this, &RunsPage::removeSelected);
    m_table->addAction(remove);
    connect(m_search, &QLineEdit::textChanged, m_table, &TableView::setFilterText);
    connect(m_table, &TableView::currentSourceRowChanged, this, [this](int row) {
        if (row >= 0 && !m_refilling)
            openRun(m_runs.row(row).id);
    });
    connect(m_table->selectionModel(), &QItemSelectionModel::selectionChanged, this, [this] {
        if (m_refilling)
            return;
        m_compare->setEnabled(selectedRuns().size() >= 2);
        updateActions();
    });
    return host;
}

QWidget* RunsPage::buildDetails() {
    auto* host = new QWidget;
    auto* layout = new QVBoxLayout(host);
    layout->setContentsMargins(theme::kHuge, theme::kSmall, theme::kHuge, theme::kHuge);
    layout->setSpacing(theme::kSmall);
    auto* bar = new QHBoxLayout;
    auto* titles = new QVBoxLayout;
    titles->setSpacing(theme::kTiny);
    m_title = new ElidedLabel(Qt::ElideRight);
    m_title->setObjectName(QStringLiteral("runTitle"));
    theme::style(m_title, theme::Text::Heading);
    m_subtitle = new ElidedLabel(Qt::ElideRight);
    theme::style(m_subtitle, theme::Text::Caption);
    titles->addWidget(m_title);
    titles->addWidget(m_subtitle);
    m_again = new QPushButton(tr("Evaluate again…"));
    m_again->setObjectName(QStringLiteral("evaluateAgain"));
    m_again->setToolTip(tr("Everything as it was in this run, to repeat or to vary"));
    m_report = new QPushButton(tr("Report…"));
    m_report->setObjectName(QStringLiteral("report"));
    m_remove = new QPushButton(tr("Delete"));
    connect(m_again, &QPushButton::clicked, this, [this] {
        if (m_current)
            state().evaluateAgain(m_current->id);
    });
    m_report->setToolTip(tr("As a web page, PDF, Markdown, LaTeX, CSV or JSON, with a preview"));
    auto* reportAction = new QAction(this); // what the menu triggers
    reportAction->setObjectName(QStringLiteral("reportAction"));
    connect(reportAction, &QAction::triggered, this, &RunsPage::openReport);
    connect(m_report, &QPushButton::clicked, this, &RunsPage::openReport);
    m_predictions = new QPushButton(tr("Predictions…"));
    m_predictions->setObjectName(QStringLiteral("predictions"));
    m_predictions->setToolTip(tr("A line per example: id, proba, label"));
    connect(m_predictions, &QPushButton::clicked, this, &RunsPage::choosePredictionsFile);
    m_remove->setObjectName(QStringLiteral("deleteRuns"));
    connect(m_remove, &QPushButton::clicked, this, &RunsPage::removeSelected);
    bar->addLayout(titles, 1);
    bar->addWidget(m_again);
    bar->addWidget(m_report);
    bar->addWidget(m_predictions);
    bar->addWidget(m_remove);
    layout->addLayout(bar);
    m_notices = new RunNotices;
    connect(m_notices, &RunNotices::picturesRequested, this, &RunsPage::showPictures);
    layout->addWidget(m_notices);
    m_tabs = new QTabWidget;
    m_tabs->setObjectName(QStringLiteral("resultTabs"));
    m_tabs->setDocumentMode(true);
    connect(m_tabs, &QTabWidget::currentChanged, this, [this](int index) {
        if (index >= 0 && static_cast<size_t>(index) < m_views.size())
            m_tab = m_views[static_cast<size_t>(index)].first;
    });
    layout->addWidget(m_tabs, 1);
    return host;
}

void RunsPage::activated() {
    m_table->setFocus();
}

void RunsPage::refresh() {
    reload();
}

void RunsPage::focusSearch() {
    m_search->setFocus();
    m_search->selectAll();
}

std::vector<RunId> RunsPage::selectedRuns() const {
    std::vector<RunId> runs;
    for (const int row : m_table->selectedSourceRows())
        runs.push_back(m_runs.row(row).id);
    return runs;
}

void RunsPage::compareSelected() {
    std::vector<RunId> runs = selectedRuns();
    std::sort(runs.begin(), runs.end()); // the older one is A, whichever was chosen first
    if (runs.size() >= 2)
        state().showComparison(runs);
}

bool RunsPage::cancel() {
    if (m_search->text().isEmpty())
        return false;
    m_search->clear();
    return true;
}

void RunsPage::reload() {
    const auto session = state().session();
    m_import->setEnabled(session && !state().readOnly());
    if (!session) {
        m_runs.setRows({});
        m_stack->setCurrentIndex(0);
        return;
    }
    m_loading.start(
        JobSpec(tr("Load runs")).setShown(false),
        [session](const RunContext&) { return session->workspace().runs(); },
        [this](std::vector<RunRecord> runs) { setRuns(std::move(runs)); });
}

/// A run that was asked for is selected and scrolled to; else what is selected and shown stays as it is,
/// whatever came or went.
void RunsPage::setRuns(std::vector<RunRecord> runs) {
    const std::vector<RunId> selected = selectedRuns();
    const RunId asked = std::exchange(m_wanted, {});
    const RunId wanted = asked ? asked : m_current ? m_current->id : RunId();
    int row = runs.empty() ? -1 : 0;
    std::vector<int> selectedRows;
    for (size_t i = 0; i < runs.size(); ++i) {
        if (runs[i].id == wanted)
            row = static_cast<int>(i);
        if (std::ranges::find(selected, runs[i].id) != selected.end())
            selectedRows.push_back(static_cast<int>(i));
    }
    const int scrolled = m_table->verticalScrollBar()->value();
    m_refilling = true;
    m_runs.setEditable(!state().readOnly());
    m_runs.setRows(std::move(runs));
    m_columns->apply();
    m_stack->setCurrentIndex(row >= 0 ? 1 : 0);
    if (!asked && selectedRows.size() > 1)
        m_table->selectSourceRows(selectedRows, row);
    else if (row >= 0)
        m_table->setCurrentSourceRow(row);
    if (!asked)
        m_table->verticalScrollBar()->setValue(scrolled);
    m_refilling = false;
    m_compare->setEnabled(selectedRuns().size() == 2);
    updateActions();
    if (row >= 0)
        openRun(m_runs.row(row).id);
}

void RunsPage::openRun(RunId id) {
    const auto session = state().session();
    if (!session || (m_current && m_current->id == id))
        return;
    m_opening.start(
        JobSpec(tr("Open run")).setShown(false),
        [session, id](const RunContext&) {
            return std::shared_ptr<const RunRecord>(
                std::make_shared<RunRecord>(session->workspace().run(id)));
        },
        [this](std::shared_ptr<const RunRecord> run) { showRun(std::move(run)); });
}

void RunsPage::showRun(std::shared_ptr<const RunRecord> run) {
    m_current = std::move(run);
    state().setCurrentRun(m_current->id);
    const Metric* metric = RunsModel::primaryMetric(*m_current);
    QString title = toQString(m_current->title.empty() ? m_current->task : m_current->title);
    if (metric)
        title += tr(": %1 %2").arg(asContinuation(toQString(metricTitle(metric->name))),
                                   toQString(metricValueText(*metric)));
    m_title->setFullText(title);
    m_title->setToolTip(metric ? metricToolTip(metric->name) : QString());
    m_subtitle->setFullText(tr("%1 with %2, %3")
                                .arg(toQString(m_current->datasetName), toQString(m_current->modelName),
                                     timeText(m_current->startedAt)));
    updateActions();
    // What was imported, or made by a task that is unknown here, cannot be repeated.
    const Json& spec = m_current->spec;
    m_again->setEnabled(spec.is_object() && std::ranges::any_of(tasks(), [&](const diptych::Task& task) {
                            return spec.value("task", Json()) == Json(task.info.id);
                        }));
    m_notices->setRun(*m_current);
    rebuildViews(*m_current);
    for (size_t i = 0; i < m_views.size(); ++i) {
        m_views[i].second->setRun(m_current);
        m_tabs->setTabVisible(static_cast<int>(i), m_views[i].second->suits(*m_current));
    }
}

void RunsPage::rebuildViews(const RunRecord& run) {
    // What was imported has numbers alone.
    const bool onlyNumbers = run.exampleCount == 0 && run.details.is_null();
    const std::string kind = onlyNumbers ? std::string() : run.task;
    if (m_viewsOf == kind && !m_views.empty())
        return;
    m_viewsOf = kind;
    const QString chosen = m_tab; // which taking the tabs away changes
    m_tabs->clear();
    for (const auto& [id, view] : m_views)
        delete view;
    m_views.clear();
    std::vector<std::string> wanted = {"summary"};
    for (const diptych::Task& task : tasks())
        if (task.info.id == kind)
            wanted = task.info.views;
    wanted.insert(wanted.end(), {"published", "protocol"}); // of every run
    const ResultContext resultContext{state(), jobs(), thumbnails(), actions()};
    for (const std::string& id : wanted) {
        for (const ResultViewEntry& entry : resultViewEntries()) {
            if (entry.id != toQString(id))
                continue;
            ResultView* view = entry.create(resultContext);
            connect(view, &ResultView::examplesRequested, this, &RunsPage::showExamples);
            connect(view, &ResultView::samplesRequested, this, &RunsPage::showSamples);
            m_tabs->addTab(view, entry.title);
            m_views.emplace_back(entry.id, view);
        }
    }
    for (size_t i = 0; i < m_views.size(); ++i)
        if (m_views[i].first == chosen)
            m_tabs->setCurrentIndex(static_cast<int>(i));
    m_tab = chosen; // kept for the next run that has it
}

void RunsPage::showPictures(const RunWarning& warning) {
    if (!m_current)
        return;
    if (warning.examples) {
        ExampleFilter filter;
        filter.status = warning.examples;
        showExamples(filter, toQString(warning.text));
        return;
    }
    DatasetRequest request;
    request.dataset = m_current->datasetId;
    request.ids = std::make_shared<const std::vector<SampleId>>(warning.samples);
    request.title = toQString(warning.text);
    request.run = m_current->id;
    state().showDatasetFiltered(request);
}

void RunsPage::showExamples(const ExampleFilter& filter, const QString& title) {
    for (const auto& [id, view] : m_views) {
        if (id != QStringLiteral("examples"))
            continue;
        view->setExampleFilter(filter, title);
        m_tabs->setCurrentWidget(view);
    }
    if (filter.target && filter.predicted) // one cell of the confusion matrix
        selectExamples(filter);
}

void RunsPage::showSamples(const SampleList& samples, const QString& title) {
    for (const auto& [id, view] : m_views) {
        if (id != QStringLiteral("examples"))
            continue;
        view->showSamples(samples, title);
        m_tabs->setCurrentWidget(view);
    }
}

void RunsPage::importResults(const QStringList& files) {
    const auto session = state().session();
    if (!session)
        return;
    std::vector<std::filesystem::path> paths;
    for (const QString& file : files)
        paths.emplace_back(QFile::encodeName(file).toStdString());
    jobs().start(
        JobSpec(tr("Import results")),
        [session, paths](const RunContext&) {
            const ImportedResults results = readClipBenchmarkResults(paths);
            RunId last;
            for (const RunRecord& run : results.runs)
                last = session->workspace().addRun(run, {});
            const std::string failures = results.failures(paths.size());
            return std::pair(last, failures.empty() ? std::nullopt
                                                    : std::optional(Error(ErrorCode::Corrupt, failures)));
        },
        this,
        [this](const std::pair<RunId, std::optional<Error>>& imported) {
            m_wanted = imported.first;
            state().notifyRunsChanged();
            if (imported.second)
                Q_EMIT jobs().errorRaised(tr("Import results"), *imported.second, this);
        });
}

} // namespace diptych::ui
