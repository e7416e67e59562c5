// SPDX-License-Identifier: GPL-3.0-or-later
// What the MapPage can choose from; making maps, the selection and the widgets have files of their own.
#include "ui/pages/map/map_page.h"

#include "core/session/session.h"
#include "ui/pages/map/map_side.h"
#include "ui/state/selection.h"
#include "ui/widgets/sample_actions.h"

#include <QLabel>
#include <QLineEdit>

namespace diptych::ui {

MapPage::MapPage(const PageContext& context)
    : Page(context),
      m_loading(context.jobs, this),
      m_coloring(context.jobs, this),
      m_optionsLoading(context.jobs, this),
      m_naming(context.jobs, this),
      m_placing(context.jobs, this),
      m_source(std::make_unique<MapSource>(context.thumbnails, context.actions.facts())) {
    buildPage();
    connectAll();
    reload();
}

MapPage::~MapPage() {
    m_making.abandon();
    m_canvas->setSource(nullptr);
}

void MapPage::activated() {
    if (m_selectionIsOld)
        takeSelection();
    if (m_filterIsOld)
        takeFilter();
    if (m_wantedDataset)
        m_setup->chooseDataset(m_wantedDataset);
    m_wantedDataset = {};
    m_canvas->setFocus();
    makeIfQuick();
}

void MapPage::refresh() {
    m_mayBeOld = true;
    reload();
}

void MapPage::focusSearch() {
    m_find->setFocus();
    m_find->selectAll();
}

bool MapPage::cancel() {
    if (m_canvas->cancelDrawing())
        return true;
    if (m_making.active()) {
        stopMaking();
        return true;
    }
    if (!m_selection || m_selection->samples().empty())
        return false;
    m_selection->clear();
    return true;
}

void MapPage::reload() {
    const auto session = state().session();
    if (!session) {
        m_setup->setChoices({}, {});
        showNothing(tr("Map"), tr("Open a workspace first."));
        return;
    }
    m_loading.start(
        JobSpec(tr("Load datasets and models")).setShown(false),
        [session](const RunContext&) {
            Loaded loaded;
            loaded.choices.datasets = session->workspace().datasets();
            for (const DatasetInfo& info : loaded.choices.datasets) {
                loaded.choices.splits.push_back(session->workspace().splits(info.id));
                auto names = session->workspace().classNames(info.id);
                names.resize(std::min<size_t>(names.size(), 2));
                loaded.choices.classNames.push_back(std::move(names));
            }
            loaded.choices.models = session->workspace().models();
            return loaded;
        },
        [this](Loaded loaded) { show(std::move(loaded)); });
}

void MapPage::show(Loaded loaded) {
    const DatasetId wanted = m_wantedDataset ? m_wantedDataset
                             : !m_listed     ? state().currentDataset()
                                             : DatasetId{};
    m_listed = true;
    m_wantedDataset = {};
    m_setup->setChoices(std::move(loaded.choices), wanted);
    m_setup->setMaking(m_making.active());
}

void MapPage::setupChanged() {
    m_setup->setMaking(m_making.active());
    if (const QString why = m_setup->missing(); !why.isEmpty()) {
        showNothing(tr("Nothing to map yet"), why);
        return;
    }
    if (isVisible())
        makeIfQuick();
}

void MapPage::loadColorOptions() {
    const auto session = state().session();
    const DatasetId dataset = m_data ? m_data->dataset : DatasetId{};
    if (!session || !dataset)
        return;
    m_optionsLoading.start(
        JobSpec(tr("Load what colours a map")).setShown(false),
        [session, dataset](const RunContext&) { return colorOptions(session->workspace(), dataset); },
        [this](const ColorOptions& options) {
            if (!m_data)
                return;
            m_options = options;
            const ColorChoice before = m_side->choice();
            const RunId run = m_side->run();
            m_side->setOptions(m_options, m_data->spec.content);
            // Another choice recolours by itself; the same one may have changed in the workspace.
            if (before == m_side->choice() && run == m_side->run())
                recolor();
        });
}

} // namespace diptych::ui
