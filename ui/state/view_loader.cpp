// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/state/view_loader.h"

#include "core/session/session.h"
#include "ui/state/app_state.h"
#include "ui/state/dataset_view.h"

#include <unordered_set>

namespace diptych::ui {

namespace {

SampleList find(Workspace& workspace, DatasetId dataset, const ViewSpec& spec, const SampleSort& sort) {
    if (spec.ids && spec.filter == SampleFilter() && sort == SampleSort())
        return spec.ids;
    std::vector<SampleId> found = workspace.sampleIds(dataset, spec.filter, sort);
    if (spec.ids) {
        const bool own = sort == SampleSort(); // as imported means: as the list has it
        const std::vector<SampleId>& kept = own ? found : *spec.ids;
        const std::unordered_set<SampleId> members(kept.begin(), kept.end());
        std::vector<SampleId> both = own ? *spec.ids : std::move(found);
        std::erase_if(both, [&](SampleId id) { return !members.contains(id); });
        found = std::move(both);
    }
    return std::make_shared<const std::vector<SampleId>>(std::move(found));
}

} // namespace

ViewLoader::ViewLoader(AppState& state, JobRunner& jobs, QObject* parent)
    : QObject(parent), m_state(state), m_jobs(jobs) {
    connect(&state, &AppState::viewCreated, this, &ViewLoader::watch);
    connect(&state, &AppState::datasetsChanged, this, &ViewLoader::loadAll);
    connect(&state, &AppState::tagsChanged, this, &ViewLoader::loadAll);
}

ViewLoader::~ViewLoader() = default;

void ViewLoader::watch(DatasetView* view) {
    m_loading.insert(view, std::make_shared<LatestOnly>(m_jobs, this));
    connect(view, &DatasetView::changed, this, [this, view] { load(view); });
    connect(view, &QObject::destroyed, this, [this, view] { m_loading.remove(view); });
    load(view);
}

void ViewLoader::loadAll() {
    const QList<DatasetView*> all = m_loading.keys();
    for (DatasetView* view : all)
        load(view);
}

void ViewLoader::load(DatasetView* view) {
    const std::shared_ptr<Session> session = m_state.session();
    if (!session)
        return;
    view->markOutdated();
    m_loading[view]->start(
        JobSpec(tr("Find samples")).setShown(false),
        [session, dataset = view->dataset(), spec = view->spec(), sort = view->sort()](const RunContext&) {
            return find(session->workspace(), dataset, spec, sort);
        },
        [view](SampleList samples) { view->setSamples(std::move(samples)); },
        [view](const Error& error) { view->fail(error); });
}

} // namespace diptych::ui
