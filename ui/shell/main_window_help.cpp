// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/metrics/metric_text.h"
#include "core/session/session.h"
#include "ui/models/formatting.h"
#include "ui/models/run_models.h"
#include "ui/shell/command_palette.h"
#include "ui/shell/guide.h"
#include "ui/shell/main_window.h"
#include "ui/shell/navigation_bar.h"
#include "ui/shell/preferences_dialog.h"
#include "ui/shell/services.h"
#include "ui/shell/tour.h"

#include <QAction>
#include <QMenu>
#include <QMenuBar>

namespace diptych::ui {
namespace {

/// Every action of the menus, submenus too, by its path: "File › Open workspace…".
void collect(const QList<QAction*>& actions, const QString& path, std::vector<PaletteEntry>& out) {
    for (QAction* action : actions) {
        QString title = action->text();
        title.remove(QLatin1Char('&'));
        if (action->menu())
            collect(action->menu()->actions(), path.isEmpty() ? title : path + QStringLiteral(" › ") + title,
                    out);
        else if (action->isEnabled() && !action->isSeparator())
            out.push_back(
                {title,
                 action->shortcut().isEmpty()
                     ? path
                     : path + QStringLiteral("   ") + action->shortcut().toString(QKeySequence::NativeText),
                 [action] { action->trigger(); }});
    }
}

/// What a workspace holds that one can go to.
struct Places {
    std::vector<DatasetInfo> datasets;
    std::vector<ModelRecord> models;
    std::vector<RunRecord> runs;
};

std::vector<PaletteEntry> entriesOf(const Places& places, AppState& state) {
    std::vector<PaletteEntry> out;
    const auto tr = [](const char* text) { return MainWindow::tr(text); };
    for (const DatasetInfo& dataset : places.datasets)
        out.push_back({toQString(dataset.name),
                       tr("Dataset, %1").arg(countOf(dataset.sampleCount, tr("image"), tr("images"))),
                       [&state, id = dataset.id] {
                           DatasetRequest request;
                           request.dataset = id;
                           state.showDatasetFiltered(request);
                       }});
    for (const ModelRecord& model : places.models)
        out.push_back({toQString(model.name), tr("Model"), [&state, id = model.id] {
                           state.setCurrentModel(id);
                           state.showPage(QStringLiteral("models"));
                       }});
    for (const RunRecord& run : places.runs) {
        const Metric* metric = RunsModel::primaryMetric(run);
        out.push_back(
            {tr("Run %1: %2 on %3")
                 .arg(run.id.value)
                 .arg(toQString(run.title.empty() ? run.task : run.title), toQString(run.datasetName)),
             metric ? tr("Run, %1, %2").arg(toQString(run.modelName), toQString(metricValueText(*metric)))
                    : tr("Run, %1").arg(toQString(run.modelName)),
             [&state, id = run.id] { state.showRun(id); }});
    }
    return out;
}

} // namespace

void MainWindow::showGuide() {
    if (!m_guide)
        m_guide = new Guide(this);
    const int index = m_navigation->current();
    m_guide->showPart(index < 0 ? QString() : pageEntries()[static_cast<size_t>(index)].title);
}

void MainWindow::showPalette() {
    auto* palette = new CommandPalette(this);
    palette->setAttribute(Qt::WA_DeleteOnClose);
    std::vector<PaletteEntry> actions;
    collect(menuBar()->actions(), QString(), actions);
    palette->addEntries(std::move(actions));
    palette->open();
    const auto session = m_services.state.session();
    if (!session)
        return;
    m_services.jobs.start(
        JobSpec(tr("Look up what there is")).setShown(false),
        [session](const RunContext&) {
            const Workspace& workspace = session->workspace();
            return Places{workspace.datasets(), workspace.models(), workspace.runs()};
        },
        palette,
        [this, palette](const Places& places) { palette->addEntries(entriesOf(places, m_services.state)); });
}

void MainWindow::showPreferences() {
    auto* dialog = new PreferencesDialog(m_services.settings, this);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->open();
}

void MainWindow::startTour() {
    if (!m_services.state.session())
        return;
    if (!m_tour) {
        const auto pageOf = [this](const QString& id) -> QWidget* {
            return showPage(id) ? page(id) : nullptr;
        };
        m_tour = new Tour(centralWidget(), pageOf, firstTour());
        connect(m_tour, &Tour::ended, this,
                [this] { m_services.settings.setValue(QStringLiteral("tour/seen"), true); });
    }
    m_tour->start();
}

void MainWindow::offerTour() {
    connect(&m_services.state, &AppState::workspaceChanged, this, [this] {
        if (!m_tour && !m_services.settings.value(QStringLiteral("tour/seen")).toBool())
            startTour();
    });
}

} // namespace diptych::ui
