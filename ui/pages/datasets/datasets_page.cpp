// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/datasets/datasets_page.h"

#include "core/session/session.h"
#include "ui/models/formatting.h"
#include "ui/models/sample_list_model.h"
#include "ui/models/thumbnail_provider.h"
#include "ui/pages/datasets/facet_bar.h"
#include "ui/pages/datasets/problems_dialog.h"
#include "ui/pages/datasets/views_button.h"
#include "ui/state/settings.h"
#include "ui/theme/theme.h"
#include "ui/widgets/empty_state.h"
#include "ui/widgets/error_banner.h"
#include "ui/widgets/sample_actions.h"
#include "ui/widgets/thumbnail_grid.h"

#include <QListView>
#include <QSignalBlocker>
#include <QStackedWidget>

namespace diptych::ui {

namespace {

/// Everything about the workspace's datasets that choosing one needs.
FilterBar::Choices fetchChoices(Session& session, const DatasetInfo& dataset) {
    Workspace& workspace = session.workspace();
    FilterBar::Choices choices;
    for (const std::string& name : workspace.classNames(dataset.id))
        choices.classNames << toQString(name);
    choices.tags = workspace.tags();
    choices.noteCount = static_cast<int64_t>(workspace.sampleIds(dataset.id, {.noted = true}).size());
    choices.labelCounts = workspace.labelCounts(dataset.id);
    choices.columns = workspace.columns(dataset.id);
    for (const std::string& split : workspace.splits(dataset.id))
        choices.splits.emplace_back(
            toQString(split),
            static_cast<int64_t>(workspace.sampleIds(dataset.id, {.splits = {split}}).size()));
    return choices;
}

} // namespace

DatasetsPage::DatasetsPage(const PageContext& context, QWidget* parent)
    : Page(context, parent),
      m_datasets(new DatasetListModel(this)),
      m_samples(new SampleListModel(context.state, context.jobs, this)),
      m_listing(context.jobs, this),
      m_loading(context.jobs, this) {
    buildPage();
    buildMenus();
    connectAll();
    const bool facets = settings().value(QStringLiteral("datasets/facets"), true).toBool();
    m_facetsButton->setChecked(facets);
    showFacets(facets);
    updateStack();
}

DatasetsPage::~DatasetsPage() = default;

void DatasetsPage::connectAll() {
    connect(&state(), &AppState::workspaceChanged, this, [this] {
        m_listed = false;
        m_shown = {};
        bindView(nullptr);
        m_banner->dismiss();
        m_listing.cancel();
        m_loading.cancel();
        m_datasets->setDatasets({});
        m_samples->setSamples(nullptr, {});
        updateStack();
        reloadDatasets();
    });
    connect(&state(), &AppState::datasetsChanged, this, &DatasetsPage::reloadDatasets);
    connect(&state(), &AppState::tagsChanged, this, [this] {
        m_samples->invalidateDetails();
        if (const DatasetInfo* dataset = m_datasets->find(m_shown))
            loadDataset(dataset->id);
    });
    connect(&state(), &AppState::currentDatasetChanged, this, &DatasetsPage::chooseDataset);
    connect(&state(), &AppState::importDatasetRequested, this, &DatasetsPage::openImport);
    connect(m_list->selectionModel(), &QItemSelectionModel::currentChanged, this,
            [this](const QModelIndex& index) {
                if (index.isValid())
                    state().setCurrentDataset({index.data(DatasetListModel::IdRole).toLongLong()});
            });
    connect(m_filter, &FilterBar::changed, this, &DatasetsPage::applyFilter);
    connect(m_facetsButton, &QToolButton::toggled, this, &DatasetsPage::showFacets);
    connect(m_views, &ViewsButton::failed, this,
            [this](const QString& title, const Error& error) { m_banner->showError(title, error); });
    connect(m_filter, &FilterBar::thumbnailSideChanged, m_grid, &ThumbnailGrid::setThumbnailSide);
    connect(m_grid, &ThumbnailGrid::thumbnailSideChanged, this, [this](int side) {
        m_filter->setThumbnailSide(side);
        settings().setValue(QStringLiteral("datasets/thumbnailSide"), side);
    });
    actions().attach(m_grid, [this] { return m_view ? m_view->spec().run : RunId(); });
    connect(m_grid->selectionModel(), &QItemSelectionModel::selectionChanged, this,
            &DatasetsPage::updateFooter);
    connect(m_empty, &EmptyState::actionTriggered, this, [this] { openImport({}); });
    connect(m_noMatch, &EmptyState::actionTriggered, this, &DatasetsPage::showWholeDataset);
}

void DatasetsPage::activated() {
    if (!m_listed && state().session())
        reloadDatasets();
}

void DatasetsPage::refresh() {
    thumbnails().clear();
    reloadDatasets();
}

void DatasetsPage::focusSearch() {
    m_filter->focusSearch();
}

bool DatasetsPage::cancel() {
    if (!m_banner->text().isEmpty()) {
        m_banner->dismiss();
        return true;
    }
    if (selectedRowCount() > 1) {
        m_grid->clearSelection();
        return true;
    }
    if (m_view && m_view->spec().narrows()) {
        showWholeDataset();
        return true;
    }
    return false;
}

void DatasetsPage::reloadDatasets() {
    const std::shared_ptr<Session> session = state().session();
    if (!session) {
        m_datasets->setDatasets({});
        updateStack();
        return;
    }
    m_listing.start(
        JobSpec(tr("List datasets")).setShown(false),
        [session](const RunContext&) {
            Listing listing{session->workspace().datasets(), {}};
            for (const DatasetInfo& dataset : listing.datasets)
                if (!session->workspace().datasetReachable(dataset.id))
                    listing.missing.insert(dataset.id);
            return listing;
        },
        [this](Listing listing) { showDatasets(std::move(listing)); });
}

void DatasetsPage::showDatasets(Listing listing) {
    m_listed = true;
    {
        const QSignalBlocker quiet(m_list->selectionModel());
        m_datasets->setDatasets(std::move(listing.datasets), std::move(listing.missing));
    }
    const DatasetId wanted = state().currentDataset();
    updateStack();
    if (m_datasets->find(wanted)) {
        chooseDataset(wanted);
        return;
    }
    m_shown = {};
    const DatasetId first = m_datasets->datasets().empty() ? DatasetId{} : m_datasets->datasets().front().id;
    state().setCurrentDataset(first);
    if (!first)
        m_samples->setSamples(nullptr, {});
}

void DatasetsPage::chooseDataset(DatasetId id) {
    const int row = m_datasets->rowOf(id);
    if (row < 0)
        return;
    {
        const QSignalBlocker quiet(m_list->selectionModel());
        m_list->setCurrentIndex(m_datasets->index(row));
    }
    m_list->scrollTo(m_list->currentIndex());
    m_list->viewport()->update();
    updateHeader();
    loadDataset(id);
}

void DatasetsPage::loadDataset(DatasetId id) {
    const std::shared_ptr<Session> session = state().session();
    const DatasetInfo* dataset = m_datasets->find(id);
    if (!session || !dataset)
        return;
    m_loading.start(
        JobSpec(tr("Open dataset")).setShown(false),
        [session, info = *dataset](const RunContext&) { return fetchChoices(*session, info); },
        [this, id](const FilterBar::Choices& choices) {
            m_shown = id;
            m_classNames = choices.classNames;
            m_grid->bindSelection(&state().selection(id));
            m_grid->setSubtitleShown(!choices.classNames.isEmpty());
            m_filter->setChoices(choices);
            bindView(&state().view(id));
        });
}

void DatasetsPage::bindView(DatasetView* view) {
    if (m_view != view) {
        if (m_view)
            m_view->disconnect(this);
        m_view = view;
        if (view) {
            connect(view, &DatasetView::changed, this, &DatasetsPage::showView);
            connect(view, &DatasetView::samplesChanged, this, &DatasetsPage::showSamples);
            connect(view, &DatasetView::failed, this, [this](const Error& error) {
                m_banner->showError(tr("The filter finds nothing"), error);
                m_banner->setAction(tr("Clear the filters"), [this] { showWholeDataset(); });
            });
        }
    }
    m_facets->bindView(view);
    m_views->bindView(view);
    showView();
    showSamples();
}

void DatasetsPage::showFacets(bool shown) {
    m_facets->setVisible(shown);
    m_filter->setChoicesShown(!shown); // the side bar has them all
    settings().setValue(QStringLiteral("datasets/facets"), shown);
}

void DatasetsPage::showView() {
    if (!m_view)
        return;
    m_filter->setFilter(m_view->filter());
    m_filter->setSort(m_view->sort());
    m_requestLabel->setText(m_view->spec().title);
    updateStack();
}

void DatasetsPage::applyFilter() {
    if (!m_view)
        return;
    const SampleSort sort = m_filter->sort(); // before the bar follows the view
    m_view->setFilter(m_filter->filter());
    m_view->setSort(sort);
}

void DatasetsPage::showSamples() {
    if (!m_view || !m_view->samples())
        return;
    // The same list again (a reload after tagging) keeps scroll position and selection.
    if (m_view->samples() != m_samples->samples() || m_samples->classNames() != m_classNames)
        m_samples->setSamples(m_view->samples(), m_classNames);
    updateStack();
    updateFooter();
}

void DatasetsPage::showWholeDataset() {
    m_banner->dismiss();
    if (m_view)
        m_view->clear();
}

} // namespace diptych::ui
