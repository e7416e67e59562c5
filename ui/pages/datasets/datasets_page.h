// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/jobs/job_runner.h"
#include "ui/models/dataset_list_model.h"
#include "ui/pages/datasets/filter_bar.h"
#include "ui/pages/datasets/import_dialog.h"
#include "ui/pages/page.h"
#include "ui/state/app_state.h"

#include <QPointer>

class QLabel;
class QListView;
class QMenu;
class QPushButton;
class QStackedWidget;
class QToolButton;

namespace diptych {
class Workspace;
}

namespace diptych::ui {

class ElidedLabel;
class EmptyState;
class ErrorBanner;
class FacetBar;
class SampleListModel;
class ThumbnailGrid;
class ViewsButton;

/// The workspace's datasets beside the pictures of the chosen one: import, filter, sort, tag.
class DatasetsPage : public Page {
    Q_OBJECT
public:
    explicit DatasetsPage(const PageContext& context, QWidget* parent = nullptr);
    ~DatasetsPage() override;

    void activated() override;
    void refresh() override;
    void focusSearch() override;
    bool cancel() override;

private:
    struct Listing {
        std::vector<DatasetInfo> datasets;
        std::set<DatasetId> missing; ///< whose images are not where they were
    };
    void buildPage();
    QWidget* buildList();
    QWidget* buildContent();
    QWidget* buildHeader();
    QWidget* buildMissingBar();
    QWidget* buildFooter();
    void buildMenus();
    void connectAll();

    void reloadDatasets();
    void showDatasets(Listing listing);
    void chooseDataset(DatasetId id);
    void loadDataset(DatasetId id);
    void applyFilter();
    void bindView(DatasetView* view);
    void showView();
    void showSamples();
    void showWholeDataset();
    void showFacets(bool shown);
    void updateHeader();
    void updateFooter();
    void updateStack();

    void openImport(const QString& path);
    void readAgain();
    void runImport(const ImportRequest& request);
    void showProblems(DatasetId id);
    void rename();
    void relocate();
    void removeDataset();

    void changeDataset(const QString& title, std::function<void(Workspace&)> change);

    qsizetype selectedRowCount() const;
    void fillUntagMenu();

    DatasetListModel* m_datasets;
    SampleListModel* m_samples;
    LatestOnly m_listing, m_loading;
    DatasetId m_shown;            ///< whose details are in the filter bar
    QPointer<DatasetView> m_view; ///< of the dataset shown
    bool m_listed = false;
    QStringList m_classNames;

    // Made by buildPage(), owned by their Qt parents.
    ErrorBanner* m_banner;
    QStackedWidget* m_stack;     ///< nothing at all | list and content
    QStackedWidget* m_gridStack; ///< grid | nothing matches
    EmptyState* m_empty;
    EmptyState* m_noMatch;
    QListView* m_list;
    FacetBar* m_facets;
    ViewsButton* m_views;
    QToolButton* m_facetsButton;
    QPushButton* m_import;
    ElidedLabel *m_title, *m_subtitle, *m_source;
    QPushButton* m_problemsButton;
    QPushButton* m_evaluate;
    QToolButton* m_more;
    FilterBar* m_filter;
    QWidget* m_missingBar;
    QLabel* m_missingLabel;
    QWidget* m_requestBar;
    QLabel* m_requestLabel;
    ThumbnailGrid* m_grid;
    QLabel* m_countLabel;
    QToolButton* m_tagButton;
    QToolButton* m_untagButton;
    QMenu* m_tagMenu;
    QMenu* m_untagMenu;
};

} // namespace diptych::ui
