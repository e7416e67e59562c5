// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/session/session.h"
#include "ui/models/formatting.h"
#include "ui/shell/cache_dialog.h"
#include "ui/shell/help_dialogs.h"
#include "ui/shell/main_window.h"
#include "ui/shell/new_folder_dialog.h"
#include "ui/shell/services.h"
#include "ui/theme/theme.h"

#include <QAction>
#include <QActionGroup>
#include <QDir>
#include <QFileDialog>
#include <QMenu>
#include <QMenuBar>

namespace diptych::ui {

void MainWindow::buildMenus() {
    buildFileMenu();
    QMenu* edit = menuBar()->addMenu(tr("&Edit"));
    QAction* undo = m_services.edits.undoStack().createUndoAction(this, tr("&Undo"));
    undo->setShortcut(QKeySequence::Undo);
    QAction* redo = m_services.edits.undoStack().createRedoAction(this, tr("&Redo"));
    redo->setShortcuts({QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_Z), QKeySequence(Qt::CTRL | Qt::Key_Y)});
    edit->addActions({undo, redo});
    edit->addSeparator();
    edit->addAction(theme::icon(QStringLiteral("search")), tr("&Find"), QKeySequence::Find, this, [this] {
        if (m_shown >= 0)
            m_pages[static_cast<size_t>(m_shown)]->focusSearch();
    });
    edit->addAction(theme::icon(QStringLiteral("arrow-right")), tr("&Go to…"),
                    QKeySequence(Qt::CTRL | Qt::Key_K), this, &MainWindow::showPalette);
    edit->addSeparator();
    edit->addAction(tr("&Preferences…"), QKeySequence(Qt::CTRL | Qt::Key_Comma), this,
                    &MainWindow::showPreferences);
    buildViewMenu();
    buildHelpMenu();
    auto* escapeAction = new QAction(this);
    escapeAction->setShortcut(Qt::Key_Escape);
    connect(escapeAction, &QAction::triggered, this, &MainWindow::escape);
    addAction(escapeAction);
}

void MainWindow::buildFileMenu() {
    QMenu* file = menuBar()->addMenu(tr("&File"));
    file->addAction(tr("&New workspace…"), QKeySequence::New, this, &MainWindow::newWorkspace);
    file->addAction(theme::icon(QStringLiteral("folder")), tr("&Open workspace…"), QKeySequence::Open, this,
                    &MainWindow::chooseWorkspace);
    m_recentMenu = file->addMenu(tr("Open &recent"));
    connect(m_recentMenu, &QMenu::aboutToShow, this, &MainWindow::fillRecentMenu);
    file->addAction(tr("Open the &demo workspace"), m_workspaces, &WorkspaceController::openDemo);
    file->addSeparator();
    QAction* import = file->addAction(theme::icon(QStringLiteral("import")), tr("&Import images…"),
                                      QKeySequence(Qt::CTRL | Qt::Key_I), this,
                                      [this] { m_services.state.requestImportDataset(); });
    QAction* model = file->addAction(theme::icon(QStringLiteral("models")), tr("Add &model…"),
                                     QKeySequence(Qt::CTRL | Qt::Key_M), this,
                                     [this] { m_services.state.requestAddModel(); });
    QAction* cache = file->addAction(tr("&Embedding cache…"), this, [this] {
        (new CacheDialog(m_services.state.session(), m_services.jobs, this))->open();
    });
    cache->setObjectName(QStringLiteral("cacheAction"));
    QAction* report = file->addAction(theme::icon(QStringLiteral("report")), tr("&Report…"), this, [this] {
        showPage(QStringLiteral("runs"));
        if (auto* open = findChild<QAction*>(QStringLiteral("reportAction")))
            open->trigger();
    });
    report->setObjectName(QStringLiteral("reportMenuAction"));
    file->addSeparator();
    file->addAction(tr("&Quit"), QKeySequence(Qt::CTRL | Qt::Key_Q), this, &QWidget::close);
    auto enable = [this, import, model, cache, report] {
        const bool writable = m_services.state.session() && !m_services.state.readOnly();
        import->setEnabled(writable);
        model->setEnabled(writable);
        cache->setEnabled(m_services.state.session() != nullptr);
        report->setEnabled(m_services.state.session() != nullptr);
    };
    connect(&m_services.state, &AppState::workspaceChanged, this, enable);
    enable();
}

void MainWindow::buildViewMenu() {
    QMenu* view = menuBar()->addMenu(tr("&View"));
    const std::vector<PageEntry>& entries = pageEntries();
    for (size_t i = 0; i < entries.size(); ++i) {
        const int index = static_cast<int>(i);
        QAction* action = view->addAction(theme::icon(entries[i].icon), entries[i].title, this,
                                          [this, index] { showIndex(index); });
        if (index < 10) // the tenth by 0
            action->setShortcut(QKeySequence(Qt::ALT | static_cast<Qt::Key>(Qt::Key_0 + (index + 1) % 10)));
    }
    view->addSeparator();
    view->addAction(tr("Next page"), QKeySequence(Qt::CTRL | Qt::Key_PageDown), this, [this] { step(1); });
    view->addAction(tr("Previous page"), QKeySequence(Qt::CTRL | Qt::Key_PageUp), this, [this] { step(-1); });
    view->addAction(theme::icon(QStringLiteral("arrow-left")), tr("Back"),
                    QKeySequence(Qt::ALT | Qt::Key_Left), this, &MainWindow::goBack);
    view->addSeparator();
    QMenu* themes = view->addMenu(theme::icon(QStringLiteral("theme")), tr("Theme"));
    auto* group = new QActionGroup(this);
    const std::pair<QString, ThemeChoice> choices[] = {{tr("As the system"), ThemeChoice::System},
                                                       {tr("Light"), ThemeChoice::Light},
                                                       {tr("Dark"), ThemeChoice::Dark}};
    for (const auto& [title, choice] : choices) {
        QAction* action = themes->addAction(title);
        action->setCheckable(true);
        action->setChecked(m_services.settings.theme() == choice);
        group->addAction(action);
        connect(action, &QAction::triggered, this,
                [this, choice = choice] { m_services.settings.setTheme(choice); });
    }
    view->addSeparator();
    view->addAction(theme::icon(QStringLiteral("refresh")), tr("&Refresh"), QKeySequence(Qt::Key_F5), this,
                    [this] {
                        if (m_shown >= 0)
                            m_pages[static_cast<size_t>(m_shown)]->refresh();
                    });
}

void MainWindow::buildHelpMenu() {
    QMenu* help = menuBar()->addMenu(tr("&Help"));
    help->addAction(theme::icon(QStringLiteral("info")), tr("&Guide to this page"), QKeySequence(Qt::Key_F1),
                    this, &MainWindow::showGuide);
    QAction* tour = help->addAction(tr("&Tour"), this, &MainWindow::startTour);
    tour->setObjectName(QStringLiteral("tourAction"));
    help->addAction(tr("&Keyboard shortcuts"), QKeySequence(Qt::CTRL | Qt::Key_Slash), this,
                    [this] { showShortcuts(*menuBar(), this); });
    help->addAction(tr("&About Diptych"), this, [this] { showAbout(this); });
}

void MainWindow::chooseWorkspace() {
    const QString path = QFileDialog::getExistingDirectory(
        this, tr("Open workspace"), QDir(m_services.state.workspacePath()).filePath(QStringLiteral("..")));
    if (!path.isEmpty())
        m_workspaces->open(path);
}

void MainWindow::newWorkspace() {
    auto* dialog = new NewFolderDialog(tr("New workspace: name a new folder, or choose an empty one"), this);
    connect(dialog, &NewFolderDialog::folderChosen, m_workspaces, &WorkspaceController::create);
    dialog->open();
}

void MainWindow::fillRecentMenu() {
    m_recentMenu->clear();
    for (const QString& path : m_services.settings.recentWorkspaces())
        m_recentMenu->addAction(QDir::toNativeSeparators(path), this,
                                [this, path] { m_workspaces->open(path); });
    if (m_recentMenu->isEmpty())
        m_recentMenu->addAction(tr("None yet"))->setEnabled(false);
}

} // namespace diptych::ui
