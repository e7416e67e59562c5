// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/error.h"
#include "core/results/ids.h"
#include "ui/shell/workspace_controller.h"

#include <QMainWindow>

#include <utility>
#include <vector>

class QActionGroup;
class QLabel;
class QMenu;
class QStackedWidget;

namespace diptych::ui {

class EmptyState;
class ErrorBanner;
class Guide;
class JobPanel;
class NavigationBar;
class Page;
class PageMessages;
class Toast;
class Tour;
struct Services;

/// The window: pages at the right of their navigation, jobs and status below, messages above. Thin: it knows
/// which page is shown and which workspace is open, nothing of what pages do.
class MainWindow : public QMainWindow {
    Q_OBJECT
public:
    /// @param services outlives the window
    explicit MainWindow(Services& services, QWidget* parent = nullptr);
    ~MainWindow() override;

    WorkspaceController& workspaces() { return *m_workspaces; }
    /// @return whether there is such a page
    bool showPage(const QString& id);
    QString currentPage() const;
    Page* page(const QString& id) const; ///< null if there is none
    /// Begins the tour when a workspace is first open, unless it was walked or skipped before.
    void offerTour();
    void startTour();

protected:
    void closeEvent(QCloseEvent* event) override;
    void dragEnterEvent(QDragEnterEvent* event) override;
    void dropEvent(QDropEvent* event) override;

private:
    void buildCentre();
    void buildStatusBar();
    void buildMenus();
    void buildFileMenu();
    void buildViewMenu();
    void buildHelpMenu();
    void connectState();
    void restoreWindow();

    void showIndex(int index, bool remember = true);
    void step(int by);
    void goBack();
    void escape();
    void chooseWorkspace();
    void newWorkspace();
    void fillRecentMenu();
    void openFailed(const QString& path, const Error& error);
    void updateWorkspace();
    void showDevice();
    void tellFinished(RunId run, const QString& what);
    void forgetFinished(RunId run);
    void tellFailed(QWidget* page, const QString& title);
    void showGuide();
    void showPalette();
    void showPreferences();
    void accept(const QString& droppedPath);

    Services& m_services;
    WorkspaceController* m_workspaces;
    std::vector<Page*> m_pages; ///< in the order of pageEntries()
    int m_shown = -1;           ///< index of the page in front
    std::vector<int> m_history; ///< pages left by a jump, newest last
    NavigationBar* m_navigation;
    ErrorBanner* m_banner; ///< of the page in front
    ErrorBanner* m_notice; ///< of what ended while something else is looked at
    PageMessages* m_messages;
    std::vector<std::pair<RunId, QString>> m_finished; ///< runs that m_notice tells of
    QStackedWidget* m_stack; ///< the pages, and last what is shown without a workspace
    EmptyState* m_welcome;
    JobPanel* m_jobPanel;
    Toast* m_toast;
    QLabel* m_workspaceLabel;
    QLabel* m_deviceLabel;
    QMenu* m_recentMenu = nullptr;
    Tour* m_tour = nullptr;   ///< likewise
    Guide* m_guide = nullptr; ///< made when first asked for; Qt parent: this
};

} // namespace diptych::ui
