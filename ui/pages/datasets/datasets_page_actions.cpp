// SPDX-License-Identifier: GPL-3.0-or-later
// What the Datasets page changes: imports, tags, names.
#include "core/session/session.h"
#include "ui/models/formatting.h"
#include "ui/models/sample_list_model.h"
#include "ui/models/thumbnail_provider.h"
#include "ui/pages/datasets/datasets_page.h"
#include "ui/pages/datasets/problems_dialog.h"
#include "ui/state/sample_edits.h"
#include "ui/theme/theme.h"
#include "ui/widgets/error_banner.h"
#include "ui/widgets/sample_actions.h"
#include "ui/widgets/thumbnail_grid.h"

#include <QFileDialog>
#include <QInputDialog>
#include <QLineEdit>
#include <QMenu>
#include <QMessageBox>
#include <QPushButton>

namespace diptych::ui {

void DatasetsPage::openImport(const QString& path) {
    if (!state().session() || state().readOnly())
        return;
    QStringList names;
    for (const DatasetInfo& dataset : m_datasets->datasets())
        names << toQString(dataset.name);
    auto* dialog = new ImportDialog(jobs(), names, this);
    connect(dialog, &ImportDialog::importRequested, this, &DatasetsPage::runImport);
    dialog->open();
    if (!path.isEmpty())
        dialog->setSource(path);
}

void DatasetsPage::readAgain() {
    const DatasetInfo* dataset = m_datasets->find(m_shown);
    if (!dataset || state().readOnly())
        return;
    auto* dialog = new ImportDialog(jobs(), {}, this);
    connect(dialog, &ImportDialog::importRequested, this, &DatasetsPage::runImport);
    dialog->open();
    dialog->setUpdated(*dataset);
}

void DatasetsPage::runImport(const ImportRequest& request) {
    const std::shared_ptr<Session> session = state().session();
    if (!session)
        return;
    jobs().start(
        JobSpec(tr("Import %1").arg(request.name)),
        [session, request](const RunContext& context) {
            const DatasetId id =
                session->importDataset(request.source, request.name.toStdString(), request.options, context);
            return session->workspace().dataset(id);
        },
        this,
        [this, session](const DatasetInfo& dataset) {
            if (state().session() != session)
                return;
            thumbnails().clear(); // a source read again may have other pictures under the same names
            state().setCurrentDataset(dataset.id);
            state().notifyDatasetsChanged();
            if (dataset.problemCount + dataset.noteCount == 0)
                return;
            const bool leftOut = dataset.problemCount > 0;
            m_banner->show(tr("Imported %1: %2").arg(toQString(dataset.name), datasetSummary(dataset)),
                           leftOut ? tr("Some of it was left out; everything else is there.")
                                   : tr("Nothing was left out; see whether it was read as it is meant."),
                           leftOut ? ErrorBanner::Level::Warning : ErrorBanner::Level::Info);
            m_banner->setAction(leftOut ? tr("Show problems") : tr("Show notes"),
                                [this, id = dataset.id] { showProblems(id); });
        },
        [this, name = request.name](const Error& error) {
            m_banner->showError(tr("%1 could not be imported").arg(name), error);
        });
}

void DatasetsPage::showProblems(DatasetId id) {
    const std::shared_ptr<Session> session = state().session();
    const DatasetInfo* dataset = m_datasets->find(id);
    if (!session || !dataset)
        return;
    jobs().start(
        JobSpec(tr("List problems")).setShown(false),
        [session, id](const RunContext&) { return session->workspace().problems(id); }, this,
        [this, name = toQString(dataset->name)](std::vector<ImportProblem> problems) {
            auto* dialog = new ProblemsDialog(name, std::move(problems), this);
            dialog->open();
        });
}

void DatasetsPage::changeDataset(const QString& title, std::function<void(Workspace&)> change) {
    const std::shared_ptr<Session> session = state().session();
    if (!session)
        return;
    jobs().start(
        JobSpec(title).setShown(false),
        [session, change = std::move(change)](const RunContext&) { change(session->workspace()); }, this,
        [this] {
            thumbnails().clear(); // a moved folder's pictures may be readable now
            state().notifyDatasetsChanged();
        },
        [this, title](const Error& error) { m_banner->showError(title, error); });
}

void DatasetsPage::rename() {
    const DatasetInfo* dataset = m_datasets->find(m_shown);
    if (!dataset)
        return;
    bool accepted = false;
    const QString name = QInputDialog::getText(this, tr("Rename dataset"), tr("Name"), QLineEdit::Normal,
                                               toQString(dataset->name), &accepted)
                             .trimmed();
    if (!accepted || name.isEmpty() || name == toQString(dataset->name))
        return;
    changeDataset(tr("Rename dataset"), [id = dataset->id, name](Workspace& workspace) {
        workspace.renameDataset(id, name.toStdString());
    });
}

void DatasetsPage::relocate() {
    const DatasetInfo* dataset = m_datasets->find(m_shown);
    if (!dataset)
        return;
    const QString folder = QFileDialog::getExistingDirectory(
        this, tr("Where %1 lies now").arg(toQString(dataset->name)), toQString(displayPath(dataset->root)));
    if (folder.isEmpty())
        return;
    changeDataset(tr("Find the moved folder"), [id = dataset->id, folder](Workspace& workspace) {
        workspace.relocateDataset(id, toPath(folder));
    });
}

void DatasetsPage::removeDataset() {
    const DatasetInfo* dataset = m_datasets->find(m_shown);
    if (!dataset)
        return;
    QMessageBox question(QMessageBox::Question, tr("Remove dataset"),
                         tr("Remove %1 from the workspace?").arg(toQString(dataset->name)),
                         QMessageBox::Cancel, this);
    question.setInformativeText(
        tr("Its tags and the examples of its runs go with it. The runs' numbers and the "
           "image files stay."));
    QPushButton* remove = question.addButton(tr("Remove"), QMessageBox::DestructiveRole);
    question.exec();
    if (question.clickedButton() != remove)
        return;
    changeDataset(tr("Remove dataset"),
                  [id = dataset->id](Workspace& workspace) { workspace.removeDataset(id); });
}

qsizetype DatasetsPage::selectedRowCount() const {
    qsizetype count = 0;
    // By ranges: selecting all of 100,000 must not make 100,000 indexes.
    for (const QItemSelectionRange& range : m_grid->selectionModel()->selection())
        count += range.height();
    return count;
}

void DatasetsPage::fillUntagMenu() {
    m_untagMenu->clear();
    for (const QString& tag : actions().tags()) {
        QString text = tag;
        text.replace(QLatin1Char('&'), QStringLiteral("&&"));
        m_untagMenu->addAction(text, this,
                               [this, tag] { actions().edits().removeTag(m_grid->selectedSamples(), tag); });
    }
}

} // namespace diptych::ui
