// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/shell/main_window.h"

#include "core/session/session.h"
#include "ui/models/formatting.h"
#include "ui/shell/guide_button.h"
#include "ui/shell/job_panel.h"
#include "ui/shell/navigation_bar.h"
#include "ui/shell/page_messages.h"
#include "ui/shell/services.h"
#include "ui/theme/theme.h"
#include "ui/widgets/empty_state.h"
#include "ui/widgets/error_banner.h"
#include "ui/widgets/toast.h"
#include "ui/widgets/wheel_guard.h"

#include <QApplication>
#include <QCloseEvent>
#include <QDir>
#include <QFileInfo>
#include <QHBoxLayout>
#include <QLabel>
#include <QMimeData>
#include <QPushButton>
#include <QStackedWidget>
#include <QStatusBar>
#include <QUrl>
#include <QVBoxLayout>

#include <utility>

namespace diptych::ui {

namespace {
constexpr int kStatusMs = 6000;
constexpr size_t kHistory = 32;
} // namespace

MainWindow::MainWindow(Services& services, QWidget* parent)
    : QMainWindow(parent), m_services(services), m_workspaces(new WorkspaceController(services, this)) {
    setWindowTitle(tr("Diptych"));
    setAcceptDrops(true);
    setMinimumSize(880, 560);
    qApp->installEventFilter(new WheelGuard(this));
    buildCentre();
    buildStatusBar();
    buildMenus();
    connectState();
    restoreWindow();
    updateWorkspace();
    showDevice();
}

MainWindow::~MainWindow() = default;

void MainWindow::buildCentre() {
    auto* centre = new QWidget(this);
    m_navigation = new NavigationBar(centre);
    m_notice = new ErrorBanner(centre);
    m_notice->setObjectName(QStringLiteral("notice"));
    m_banner = new ErrorBanner(centre);
    m_messages = new PageMessages(*m_banner, m_services.jobs, this);
    m_stack = new QStackedWidget(centre);
    m_jobPanel = new JobPanel(m_services.jobs, centre);
    const PageContext context = m_services.pageContext();
    for (const PageEntry& entry : pageEntries()) {
        Page* page = entry.create(context);
        page->setObjectName(QStringLiteral("page-") + entry.id);
        page->setAccessibleName(entry.title);
        m_pages.push_back(page);
        m_stack->addWidget(page);
        m_navigation->addPage(entry.title, entry.icon);
    }
    m_welcome =
        new EmptyState(QStringLiteral("folder"), tr("No workspace is open"),
                       tr("A workspace keeps your datasets, models and results in one folder. Open one "
                          "with Ctrl+O, or look around in the demo."),
                       tr("Open the demo workspace"), centre);
    m_stack->addWidget(m_welcome);

    auto* bannerBox = new QVBoxLayout; // keeps the banner in line with the pages' own margins
    bannerBox->setSpacing(theme::kSmall);
    for (ErrorBanner* banner : {m_notice, m_banner}) {
        bannerBox->addWidget(banner);
        connect(banner, &ErrorBanner::visibleChanged, this, [this, bannerBox] {
            const bool any = !m_notice->isHidden() || !m_banner->isHidden();
            bannerBox->setContentsMargins(theme::kHuge, any ? theme::kMedium : 0, theme::kHuge, 0);
        });
    }
    auto* right = new QVBoxLayout;
    right->setContentsMargins(0, 0, 0, 0);
    right->setSpacing(0);
    right->addLayout(bannerBox);
    right->addWidget(m_stack, 1);
    right->addWidget(m_jobPanel);
    auto* row = new QHBoxLayout(centre);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(0);
    row->addWidget(m_navigation);
    row->addLayout(right, 1);
    setCentralWidget(centre);
    connect(new GuideButton(m_stack), &QToolButton::clicked, this, &MainWindow::showGuide);
    m_toast = new Toast(centre);
    connect(m_navigation, &NavigationBar::chosen, this, [this](int index) { showIndex(index); });
    connect(m_welcome, &EmptyState::actionTriggered, m_workspaces, &WorkspaceController::openDemo);
}

void MainWindow::buildStatusBar() {
    m_workspaceLabel = new QLabel(this);
    m_workspaceLabel->setObjectName(QStringLiteral("workspaceLabel"));
    m_deviceLabel = new QLabel(this);
    m_deviceLabel->setObjectName(QStringLiteral("deviceLabel"));
    for (QLabel* label : {m_workspaceLabel, m_deviceLabel}) {
        label->setTextFormat(Qt::PlainText);
        theme::style(label, theme::Text::Caption);
    }
    m_workspaceLabel->setContentsMargins(theme::kSmall, 0, theme::kSmall, 0);
    m_deviceLabel->setContentsMargins(theme::kSmall, 0, theme::kSmall, 0);
    statusBar()->setSizeGripEnabled(false);
    statusBar()->setFont(theme::font(theme::Text::Caption));
    statusBar()->addWidget(m_workspaceLabel);
    statusBar()->addPermanentWidget(m_deviceLabel);
}

void MainWindow::connectState() {
    const AppState& state = m_services.state;
    auto bringForward = [this](const char* id) {
        return [this, id = QString::fromLatin1(id)] { showPage(id); };
    };
    connect(&state, &AppState::workspaceChanged, this, &MainWindow::updateWorkspace);
    connect(&state, &AppState::workspaceChanged, this, [this] {
        m_messages->clear();
        m_finished.clear();
        m_notice->dismiss();
        if (m_deviceLabel->text().isEmpty())
            showDevice(); // the first look was stopped with the jobs of the workspace before
    });
    connect(&state, &AppState::sampleRequested, this, bringForward("inspector"));
    connect(&state, &AppState::importDatasetRequested, this, bringForward("datasets"));
    connect(&state, &AppState::runRequested, this, bringForward("runs"));
    connect(&state, &AppState::comparisonRequested, this, bringForward("compare"));
    connect(&state, &AppState::evaluateRequested, this, bringForward("evaluate"));
    connect(&state, &AppState::evaluateAgainRequested, this, bringForward("evaluate"));
    connect(&state, &AppState::runAnnounced, this, &MainWindow::tellFinished);
    connect(&state, &AppState::currentRunChanged, this, &MainWindow::forgetFinished);
    connect(m_notice, &ErrorBanner::dismissed, this, [this] { m_finished.clear(); });
    connect(&state, &AppState::similarRequested, this, bringForward("search"));
    connect(&state, &AppState::addModelRequested, this, bringForward("models"));
    connect(&state, &AppState::pageRequested, this, &MainWindow::showPage);
    connect(m_messages, &PageMessages::failedElsewhere, this, &MainWindow::tellFailed);
    connect(&m_services.edits, &SampleEdits::done, this, [this](const QString& text, bool undoable) {
        QUndoStack& stack = m_services.edits.undoStack();
        if (undoable)
            m_toast->show(text, tr("Undo"), [&stack, text, index = stack.index() - 1] {
                // Whatever was selected since goes back with it.
                if (index < stack.index() && stack.text(index) == text)
                    stack.setIndex(index);
            });
        else
            m_toast->show(text);
    });
    connect(&m_services.edits, &SampleEdits::failed, m_banner,
            [this](const QString& title, const Error& error) { m_banner->showError(title, error); });
    connect(&m_services.actions, &SampleActions::message, m_toast,
            [this](const QString& text) { m_toast->show(text); });
    connect(m_jobPanel, &JobPanel::ended, this,
            [this](const QString& text) { statusBar()->showMessage(text, kStatusMs); });
    connect(m_workspaces, &WorkspaceController::failed, this, &MainWindow::openFailed);
    connect(m_workspaces, &WorkspaceController::busyChanged, this, &MainWindow::updateWorkspace);
}

void MainWindow::restoreWindow() {
    const QByteArray geometry = m_services.settings.value(QStringLiteral("window/geometry")).toByteArray();
    if (geometry.isEmpty() || !restoreGeometry(geometry))
        resize(1280, 800);
    const QString last = m_services.settings.value(QStringLiteral("window/page")).toString();
    if (last.isEmpty() || !showPage(last))
        showIndex(0, false);
    m_history.clear();
}

void MainWindow::closeEvent(QCloseEvent* event) {
    m_services.settings.setValue(QStringLiteral("window/geometry"), saveGeometry());
    m_services.settings.setValue(QStringLiteral("window/page"), currentPage());
    m_services.settings.sync();
    hide(); // what still runs may need a moment to stop
    m_services.jobs.shutdown();
    event->accept();
}

bool MainWindow::showPage(const QString& id) {
    const std::vector<PageEntry>& entries = pageEntries();
    for (size_t i = 0; i < entries.size(); ++i)
        if (entries[i].id == id) {
            showIndex(static_cast<int>(i));
            return true;
        }
    return false;
}

QString MainWindow::currentPage() const {
    const int index = m_navigation->current();
    return index < 0 ? QString() : pageEntries()[static_cast<size_t>(index)].id;
}

Page* MainWindow::page(const QString& id) const {
    const std::vector<PageEntry>& entries = pageEntries();
    for (size_t i = 0; i < entries.size(); ++i)
        if (entries[i].id == id)
            return m_pages[i];
    return nullptr;
}

void MainWindow::showIndex(int index, bool remember) {
    if (index < 0 || index >= static_cast<int>(m_pages.size()))
        return;
    m_navigation->setCurrent(index);
    if (remember && m_shown >= 0 && m_shown != index) {
        m_history.push_back(m_shown);
        if (m_history.size() > kHistory)
            m_history.erase(m_history.begin());
    }
    m_shown = index;
    m_messages->setPage(m_pages[static_cast<size_t>(index)]);
    updateWorkspace();
    forgetFinished(m_services.state.currentRun());
    if (m_services.state.session())
        m_pages[static_cast<size_t>(index)]->activated();
}

void MainWindow::step(int by) {
    const int count = static_cast<int>(m_pages.size());
    showIndex((m_shown + by + count) % count);
}

void MainWindow::goBack() {
    if (m_history.empty())
        return;
    const int index = m_history.back();
    m_history.pop_back();
    showIndex(index, false);
}

void MainWindow::escape() {
    for (ErrorBanner* banner : {m_notice, m_banner})
        if (!banner->text().isEmpty()) {
            banner->dismiss();
            return;
        }
    if (m_shown >= 0)
        m_pages[static_cast<size_t>(m_shown)]->cancel();
}

void MainWindow::updateWorkspace() {
    const AppState& state = m_services.state;
    const bool open = state.session() != nullptr;
    if (open || m_shown < 0) {
        if (m_shown >= 0)
            m_stack->setCurrentIndex(m_shown);
    } else {
        m_stack->setCurrentWidget(m_welcome);
    }
    const bool busy = m_workspaces->busy();
    m_welcome->setText(busy ? tr("Opening the workspace…") : tr("No workspace is open"),
                       busy
                           ? tr("The first start makes the demo workspace; that takes a moment.")
                           : tr("A workspace keeps your datasets, models and results in one folder. Open one "
                                "with Ctrl+O, or look around in the demo."));
    m_welcome->button()->setEnabled(!busy);
    if (!open) {
        m_workspaceLabel->setText(busy ? tr("Opening…") : tr("No workspace"));
        setWindowTitle(tr("Diptych"));
        return;
    }
    const QString path = QDir::toNativeSeparators(state.workspacePath());
    m_workspaceLabel->setText(state.readOnly() ? tr("%1  ·  read only").arg(path) : path);
    m_workspaceLabel->setToolTip(state.readOnly() ? tr("Another program has this workspace open; nothing can "
                                                       "be changed from here.")
                                                  : path);
    setWindowTitle(tr("%1 – Diptych").arg(QDir(path).dirName()));
}

void MainWindow::openFailed(const QString& path, const Error& error) {
    m_messages->showError(nullptr, tr("%1 could not be opened").arg(QDir(path).dirName()), error);
    if (error.code() == ErrorCode::Locked)
        m_messages->setAction(nullptr, tr("Open read-only"), [this, path] {
            m_workspaces->open(path, WorkspaceController::Mode::ReadOnly);
        });
    else if (error.code() == ErrorCode::NotFound)
        m_services.settings.forgetWorkspace(path);
}

void MainWindow::tellFinished(RunId run, const QString& what) {
    m_finished.emplace_back(run, what);
    const auto count = static_cast<int>(m_finished.size());
    m_notice->show(count == 1 ? tr("Finished: %1").arg(what) : tr("%1 runs have finished").arg(count),
                   count == 1 ? QString() : tr("The last: %1").arg(what), ErrorBanner::Level::Info);
    m_notice->setAction(tr("Show"), [this, run] { m_services.state.showRun(run); });
}

/// A run that is looked at is no news.
void MainWindow::forgetFinished(RunId run) {
    if (currentPage() != QLatin1String("runs") ||
        std::erase_if(m_finished, [&](const auto& entry) { return entry.first == run; }) == 0)
        return;
    const auto left = std::exchange(m_finished, {});
    m_notice->dismiss();
    for (const auto& [other, what] : left)
        tellFinished(other, what);
}

void MainWindow::tellFailed(QWidget* page, const QString& title) {
    m_notice->show(tr("Failed: %1").arg(title), {}, ErrorBanner::Level::Error);
    for (size_t i = 0; i < m_pages.size(); ++i)
        if (m_pages[i] == page)
            m_notice->setAction(tr("Show"), [this, i] { showIndex(static_cast<int>(i)); });
}

void MainWindow::showDevice() {
    // Looking for a GPU may load drivers: on a worker.
    m_services.jobs.start(
        JobSpec(tr("Look for a GPU")).setShown(false), [](const RunContext&) { return cudaStatus(); }, this,
        [this](const CudaStatus& status) {
            m_deviceLabel->setText(status.available ? tr("GPU: %1").arg(toQString(status.detail))
                                                    : tr("Computes on the CPU"));
            m_deviceLabel->setToolTip(status.available ? QString() : toQString(status.detail));
        },
        [this](const Error& error) {
            m_deviceLabel->setText(tr("Computes on the CPU"));
            m_deviceLabel->setToolTip(QString::fromUtf8(error.what()));
        });
}

void MainWindow::dragEnterEvent(QDragEnterEvent* event) {
    for (const QUrl& url : event->mimeData()->urls())
        if (url.isLocalFile()) {
            event->acceptProposedAction();
            return;
        }
}

void MainWindow::dropEvent(QDropEvent* event) {
    for (const QUrl& url : event->mimeData()->urls())
        if (url.isLocalFile()) {
            event->acceptProposedAction();
            accept(url.toLocalFile());
            return;
        }
}

void MainWindow::accept(const QString& droppedPath) {
    const QDir folder(droppedPath);
    if (folder.exists(QStringLiteral("workspace.sqlite")))
        m_workspaces->open(droppedPath);
    else if (!m_services.state.session())
        m_messages->show(nullptr, tr("No workspace is open"),
                         tr("Open or make one first, then drop it again."), ErrorBanner::Level::Info);
    else if (m_services.state.readOnly())
        m_messages->show(m_pages[static_cast<size_t>(m_shown)], tr("This workspace is open for reading only"),
                         tr("Nothing can be added to it from here."), ErrorBanner::Level::Info);
    else if (folder.exists(QStringLiteral("config.json")) || folder.exists(QStringLiteral("snapshots")))
        m_services.state.requestAddModel(droppedPath);
    else
        m_services.state.requestImportDataset(droppedPath);
}

} // namespace diptych::ui
