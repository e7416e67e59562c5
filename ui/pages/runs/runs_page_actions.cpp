// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/file.h"
#include "core/report/report_writers.h"
#include "core/session/session.h"
#include "ui/models/formatting.h"
#include "ui/pages/runs/report_dialog.h"
#include "ui/pages/runs/runs_page.h"
#include "ui/state/app_state.h"
#include "ui/state/selection.h"
#include "ui/widgets/error_banner.h"

#include <QDesktopServices>
#include <QFile>
#include <QFileDialog>
#include <QMessageBox>
#include <QPushButton>
#include <QUrl>

#include <algorithm>
#include <unordered_set>
#include <utility>

namespace diptych::ui {

namespace {

constexpr size_t kMostNamed = 12;

/// "3, 5, 8"; of many the first.
QString numbersText(const std::vector<RunId>& runs, const QString& separator) {
    QStringList numbers;
    for (size_t i = 0; i < std::min(runs.size(), kMostNamed); ++i)
        numbers.append(QString::number(runs[i].value));
    if (runs.size() > kMostNamed)
        numbers.append(QStringLiteral("…"));
    return numbers.join(separator);
}

} // namespace

void RunsPage::selectExamples(const ExampleFilter& filter) {
    const auto session = state().session();
    if (!session || !m_current || !m_current->datasetId)
        return;
    const DatasetView& view = state().view(m_current->datasetId);
    const SampleList members = view.spec().narrows() ? view.samples() : SampleList(); // as the cell shows
    m_selecting.start(
        JobSpec(tr("Select examples")).setShown(false),
        [session, run = m_current->id, filter, members](const RunContext&) {
            std::vector<SampleId> samples = session->workspace().exampleIds(run, filter);
            if (members) {
                const std::unordered_set<SampleId> wanted(members->begin(), members->end());
                std::erase_if(samples, [&](SampleId id) { return !wanted.contains(id); });
            }
            return samples;
        },
        [this, session, dataset = m_current->datasetId](std::vector<SampleId> samples) {
            if (session != state().session())
                return;
            Selection& selection = state().selection(dataset);
            selection.set(std::move(samples), selection.current());
        });
}

std::vector<RunId> RunsPage::chosenRuns() const {
    std::vector<RunId> runs = selectedRuns();
    if (runs.empty() && m_current)
        runs.push_back(m_current->id);
    std::sort(runs.begin(), runs.end());
    return runs;
}

void RunsPage::updateActions() {
    const size_t count = chosenRuns().size();
    m_report->setText(count > 1 ? tr("Report on %1 runs…").arg(count) : tr("Report…"));
    m_remove->setText(count > 1 ? tr("Delete %1 runs").arg(count) : tr("Delete"));
    m_report->setEnabled(count > 0);
    m_predictions->setVisible(count == 1 && m_current && canExport(m_current->task, "predictions-csv"));
    m_remove->setEnabled(count > 0 && !state().readOnly());
}

void RunsPage::openReport() {
    if (!state().session() || m_runs.rowCount() == 0)
        return;
    ReportChoice choice;
    for (int row = 0; row < m_runs.rowCount(); ++row)
        choice.runs.push_back(m_runs.row(row));
    choice.chosen = chosenRuns();
    if (choice.chosen.empty())
        choice.chosen.push_back(choice.runs.front().id);
    if (m_current && m_current->datasetId) {
        choice.selected = state().selection(m_current->datasetId).samples();
        const DatasetView& view = state().view(m_current->datasetId);
        if (const SampleList members = view.spec().narrows() ? view.samples() : SampleList())
            choice.filtered = *members;
    }
    auto* dialog = new ReportDialog(state().session(), jobs(), std::move(choice), this);
    connect(dialog, &ReportDialog::saved, this, &RunsPage::showWritten);
    dialog->open();
}

void RunsPage::showWritten(const QString& file) {
    m_notice->show(tr("The report is written"), file, ErrorBanner::Level::Info);
    m_notice->setAction(tr("Open"), [file] { QDesktopServices::openUrl(QUrl::fromLocalFile(file)); });
}

void RunsPage::choosePredictionsFile() {
    if (!m_current)
        return;
    const QString file = QFileDialog::getSaveFileName(
        this, tr("Write predictions"), QStringLiteral("predictions-%1.csv").arg(m_current->id.value),
        tr("Predictions: id, proba, label (*.csv)"));
    if (!file.isEmpty())
        exportPredictions(file);
}

void RunsPage::exportPredictions(const QString& file) {
    const auto session = state().session();
    if (!session || !m_current)
        return;
    const std::filesystem::path path(QFile::encodeName(file).toStdString());
    jobs().start(
        JobSpec(tr("Write predictions")),
        [session, path, id = m_current->id](const RunContext&) {
            const Workspace& workspace = session->workspace();
            writeFileAtomically(path,
                                std::string_view(predictionsCsv(workspace.run(id), workspace.examples(id))));
        },
        this, [] {});
}

void RunsPage::editMarks(const std::vector<RunId>& runs, const RunMarksEdit& edit) {
    const auto session = state().session();
    if (!session || state().readOnly())
        return;
    jobs().start(
        JobSpec(tr("Mark runs")).setShown(false),
        [session, runs, edit](const RunContext&) {
            for (const RunId run : runs)
                session->workspace().editRunMarks(run, edit);
        },
        this, [this] { state().notifyRunsChanged(); });
}

void RunsPage::removeSelected() {
    const auto session = state().session();
    const std::vector<RunId> runs = chosenRuns();
    if (!session || state().readOnly() || runs.empty())
        return;
    const QString which =
        runs.size() == 1
            ? tr("run %1").arg(runs.front().value)
            : tr("these %1 runs (%2)").arg(runs.size()).arg(numbersText(runs, QStringLiteral(", ")));
    const auto answer = QMessageBox::question(
        this, runs.size() == 1 ? tr("Delete run") : tr("Delete runs"),
        tr("Delete %1, numbers and per-example results? Cached embeddings stay.").arg(which),
        QMessageBox::Yes | QMessageBox::No, QMessageBox::No);
    if (answer != QMessageBox::Yes)
        return;
    jobs().start(
        JobSpec(tr("Delete runs")).setShown(false),
        [session, runs](const RunContext&) {
            Workspace& workspace = session->workspace();
            auto removed = std::make_shared<std::vector<RemovedRun>>();
            for (const RunId id : runs)
                removed->push_back({workspace.run(id), workspace.examples(id)});
            for (const RunId id : runs)
                workspace.removeRun(id);
            return std::shared_ptr<const std::vector<RemovedRun>>(std::move(removed));
        },
        this,
        [this](std::shared_ptr<const std::vector<RemovedRun>> removed) {
            m_current.reset();
            m_notice->dismiss();
            m_removed = std::move(removed);
            offerUndo();
            state().notifyRunsChanged();
        });
}

void RunsPage::offerUndo() {
    std::vector<RunId> runs;
    for (const RemovedRun& each : *m_removed)
        runs.push_back(each.run.id);
    m_notice->show(runs.size() == 1 ? tr("Run %1 is deleted").arg(runs.front().value)
                                    : tr("%1 runs are deleted").arg(runs.size()),
                   {}, ErrorBanner::Level::Info);
    // The banner is dismissed before its action is called, and with it goes what was removed.
    m_notice->setAction(tr("Undo"), [this, removed = m_removed] {
        m_removed = removed;
        restoreRemoved();
    });
}

void RunsPage::restoreRemoved() {
    const auto session = state().session();
    const auto removed = std::exchange(m_removed, nullptr);
    if (!session || !removed)
        return;
    jobs().start(
        JobSpec(tr("Bring back runs")).setShown(false),
        [session, removed](const RunContext&) {
            for (const RemovedRun& each : *removed)
                session->workspace().addRun(each.run, each.examples);
            return removed->back().run.id;
        },
        this,
        [this](RunId last) {
            m_wanted = last;
            state().notifyRunsChanged();
        });
}

} // namespace diptych::ui
