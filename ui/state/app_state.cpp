// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/state/app_state.h"

#include "core/session/session.h"
#include "ui/state/selection.h"

#include <utility>

namespace diptych::ui {

AppState::AppState(QObject* parent) : QObject(parent) {}
AppState::~AppState() = default;

void AppState::setSession(std::shared_ptr<Session> session) {
    m_session = std::move(session);
    m_workspacePath.clear();
    m_readOnly = false;
    if (m_session) {
        m_workspacePath = QString::fromStdString(displayPath(m_session->workspace().path()));
        m_readOnly = m_session->workspace().readOnly();
    }
    m_currentDataset = {};
    m_currentSample = {};
    m_currentRun = {};
    m_currentModel = {};
    m_sampleRequest = {};
    // Pages let go of them while they are told.
    const auto selections = std::exchange(m_selections, {});
    const auto views = std::exchange(m_views, {});
    Q_EMIT workspaceChanged();
}

Selection& AppState::selection(DatasetId dataset) {
    std::unique_ptr<Selection>& known = m_selections[dataset];
    if (!known) {
        known = std::make_unique<Selection>(dataset);
        connect(known.get(), &Selection::changed, this, [this, selection = known.get()] {
            if (selection->current())
                setCurrentSample(selection->current());
        });
        Q_EMIT selectionCreated(known.get());
    }
    return *known;
}

DatasetView& AppState::view(DatasetId dataset) {
    std::unique_ptr<DatasetView>& known = m_views[dataset];
    if (!known) {
        known = std::make_unique<DatasetView>(dataset);
        Q_EMIT viewCreated(known.get());
    }
    return *known;
}

void AppState::setCurrentDataset(DatasetId id) {
    if (id == m_currentDataset)
        return;
    m_currentDataset = id;
    Q_EMIT currentDatasetChanged(id);
}

void AppState::setCurrentSample(SampleId id) {
    m_currentSample = id;
}

void AppState::setCurrentRun(RunId id) {
    if (id == m_currentRun)
        return;
    m_currentRun = id;
    Q_EMIT currentRunChanged(id);
}

void AppState::setCurrentModel(ModelId id) {
    m_currentModel = id;
}

void AppState::showSample(SampleId sample, RunId run, SampleList siblings) {
    m_sampleRequest = {sample, run, std::move(siblings)};
    setCurrentSample(sample);
    if (run)
        setCurrentRun(run);
    Q_EMIT sampleRequested(m_sampleRequest);
}

void AppState::showDatasetFiltered(const DatasetRequest& request) {
    DatasetView& view = this->view(request.dataset);
    if (request.ids)
        view.setSort({}); // a list comes in an order that means something
    view.set({request.filter, request.ids, request.title, request.run});
    setCurrentDataset(request.dataset);
    showPage(QStringLiteral("datasets"));
}

void AppState::showRun(RunId run) {
    setCurrentRun(run);
    Q_EMIT runRequested(run);
}

void AppState::showEvaluate(DatasetId dataset, ModelId model) {
    if (dataset)
        setCurrentDataset(dataset);
    if (model)
        setCurrentModel(model);
    Q_EMIT evaluateRequested(dataset, model);
}

void AppState::showPage(const QString& pageId) {
    Q_EMIT pageRequested(pageId);
}

} // namespace diptych::ui
