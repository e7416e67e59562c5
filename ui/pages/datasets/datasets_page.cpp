// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/datasets/datasets_page.h"

#include "core/session/session.h"
#include "ui/models/formatting.h"
#include "ui/models/sample_list_model.h"
#include "ui/models/thumbnail_provider.h"
#include "ui/pages/datasets/problems_dialog.h"
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
    choices.anyNotes = !workspace.sampleIds(dataset.id, {.noted = true}).empty();
    choices.labelCounts = workspace.labelCounts(dataset.id);
    choices.columns = workspace.columns(dataset.id);
    for (const std::string& split : workspace.splits(dataset.id))
        choices.splits << toQString(split);
    return choices;
}

} // namespace

DatasetsPage::DatasetsPage(const PageContext& context, QWidget* parent)
    : Page(context, parent),
      m_datasets(new DatasetListModel(this)),
      m_samples(new SampleListModel(context.state, context.jobs, this)),
      m_listing(context.jobs, this),
      m_loading(context.jobs, this),
      m_filtering(context.jobs, this) {
    buildPage();
    buildMenus();
    connectAll();
    updateStack();
}

DatasetsPage::~DatasetsPage() = default;

void DatasetsPage::connectAll() {
    connect(&state(), &AppState::workspaceChanged, this, [this] {
        m_listed = false;
        m_shown = {};
        m_request = {};
        m_banner->dismiss();
        m_listing.cancel();
        m_loading.cancel();
        m_filtering.cancel();
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
    connect(&state(), &AppState::datasetRequested, this, &DatasetsPage::showRequest);
    connect(&state(), &AppState::importDatasetRequested, this, &DatasetsPage::openImport);
    connect(m_list->selectionModel(), &QItemSelectionModel::currentChanged, this,
            [this](const QModelIndex& index) {
                if (index.isValid())
                    state().setCurrentDataset({index.data(DatasetListModel::IdRole).toLongLong()});
            });
    connect(m_filter, &FilterBar::changed, this, &DatasetsPage::applyFilter);
    connect(m_filter, &FilterBar::thumbnailSideChanged, m_grid, &ThumbnailGrid::setThumbnailSide);
    connect(m_grid, &ThumbnailGrid::thumbnailSideChanged, this, [this](int side) {
        m_filter->setThumbnailSide(side);
        settings().setValue(QStringLiteral("datasets/thumbnailSide"), side);
    });
    actions().attach(m_grid, [this] { return m_request.run; });
    connect(m_grid->selectionModel(), &QItemSelectionModel::selectionChanged, this,
            &DatasetsPage::updateFooter);
    connect(m_empty, &EmptyState::actionTriggered, this, [this] { openImport({}); });
    connect(m_noMatch, &EmptyState::actionTriggered, m_filter, &FilterBar::clear);
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
    endRequest();
    m_filter->focusSearch();
}

bool DatasetsPage::cancel() {
    if (!m_banner->text().isEmpty()) {
        m_banner->dismiss();
        return true;
    }
    if (m_request.ids) {
        endRequest();
        return true;
    }
    if (selectedRowCount() > 1) {
        m_grid->clearSelection();
        return true;
    }
    if (m_filter->filtering()) {
        m_filter->clear();
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
    m_list->viewport()->update();
    if (m_request.ids && m_request.dataset != id)
        m_request = {};
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
            const bool other = m_shown != id;
            m_shown = id;
            m_classNames = choices.classNames;
            m_grid->bindSelection(&state().selection(id));
            m_grid->setSubtitleShown(!choices.classNames.isEmpty());
            m_filter->setChoices(choices);
            if (m_hasPendingFilter)
                m_filter->setFilter(m_pendingFilter);
            else if (other)
                m_filter->setFilter({});
            m_hasPendingFilter = false;
            applyFilter();
        });
}

void DatasetsPage::applyFilter() {
    const std::shared_ptr<Session> session = state().session();
    if (!session || !m_shown)
        return;
    if (m_request.ids) {
        showSamples(*m_request.ids);
        return;
    }
    m_filtering.start(
        JobSpec(tr("Find samples")).setShown(false),
        [session, id = m_shown, filter = m_filter->filter(), sort = m_filter->sort()](const RunContext&) {
            return session->workspace().sampleIds(id, filter, sort);
        },
        [this](std::vector<SampleId> ids) { showSamples(std::move(ids)); });
}

void DatasetsPage::showSamples(std::vector<SampleId> ids) {
    // The same list again (a reload after tagging) keeps scroll position and selection.
    if (ids != *m_samples->samples() || m_samples->classNames() != m_classNames)
        m_samples->setSamples(std::make_shared<const std::vector<SampleId>>(std::move(ids)), m_classNames);
    updateStack();
    updateFooter();
}

void DatasetsPage::showRequest(const DatasetRequest& request) {
    m_request = request;
    if (!request.ids) {
        m_pendingFilter = request.filter;
        m_hasPendingFilter = true;
    }
    m_requestLabel->setText(request.title);
    if (m_datasets->find(request.dataset))
        chooseDataset(request.dataset);
    updateStack();
}

void DatasetsPage::endRequest() {
    if (!m_request.ids)
        return;
    m_request = {};
    applyFilter();
    updateStack();
}

} // namespace diptych::ui
