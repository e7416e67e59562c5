// SPDX-License-Identifier: GPL-3.0-or-later
// What the Datasets page changes: imports, tags, names.
#include "core/session/session.h"
#include "ui/models/formatting.h"
#include "ui/models/sample_list_model.h"
#include "ui/models/thumbnail_provider.h"
#include "ui/pages/datasets/datasets_page.h"
#include "ui/pages/datasets/problems_dialog.h"
#include "ui/theme/theme.h"
#include "ui/widgets/error_banner.h"
#include "ui/widgets/thumbnail_grid.h"

#include <QApplication>
#include <QClipboard>
#include <QDesktopServices>
#include <QFileDialog>
#include <QFileInfo>
#include <QInputDialog>
#include <QLineEdit>
#include <QMenu>
#include <QMessageBox>
#include <QPushButton>
#include <QUrl>

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
            if (dataset.problemCount == 0)
                return;
            m_banner->show(
                tr("Imported %1: %2").arg(toQString(dataset.name), datasetSummary(dataset)),
                tr("Some of it was left out, or may not be read as meant; everything else is there."),
                ErrorBanner::Level::Warning);
            m_banner->setAction(tr("Show problems"), [this, id = dataset.id] { showProblems(id); });
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

std::vector<SampleId> DatasetsPage::selectedSamples() const {
    std::vector<SampleId> ids;
    for (const QItemSelectionRange& range : m_grid->selectionModel()->selection())
        for (int row = range.top(); row <= range.bottom(); ++row)
            ids.push_back(m_samples->sampleAt(row));
    return ids;
}

void DatasetsPage::openCurrent(const QModelIndex& index) {
    if (index.isValid())
        state().showSample(m_samples->sampleAt(index.row()), m_request.run, m_samples->samples());
}

void DatasetsPage::showContextMenu(const QPoint& position) {
    const QModelIndex index = m_grid->indexAt(position);
    if (!index.isValid())
        return;
    if (!m_grid->selectionModel()->isSelected(index))
        m_grid->setCurrentIndex(index);
    auto* menu = new QMenu(this);
    menu->setAttribute(Qt::WA_DeleteOnClose);
    menu->addAction(theme::icon(QStringLiteral("inspector")), tr("Show in Inspector"), this,
                    [this, index = QPersistentModelIndex(index)] { openCurrent(index); });
    menu->addAction(theme::icon(QStringLiteral("folder")), tr("Open file location"), this,
                    [this, index = QPersistentModelIndex(index)] { revealFile(index); });
    menu->addAction(theme::icon(QStringLiteral("search")), tr("Find similar images"), this,
                    [this, index = QPersistentModelIndex(index)] {
                        if (index.isValid())
                            state().showSimilar(m_samples->sampleAt(index.row()), m_shown);
                    });
    menu->addAction(theme::icon(QStringLiteral("copy")), tr("Copy path"), this,
                    [index = QPersistentModelIndex(index)] {
                        QApplication::clipboard()->setText(index.data(SampleListModel::PathRole).toString());
                    });
    menu->addSeparator();
    QMenu* add = menu->addMenu(theme::icon(QStringLiteral("tag")), tr("Add tag"));
    fillTagMenu(add, false);
    add->setEnabled(!state().readOnly());
    QMenu* remove = menu->addMenu(tr("Remove tag"));
    fillTagMenu(remove, true);
    remove->setEnabled(!state().readOnly() && !m_tagNames.isEmpty());
    menu->addSeparator();
    menu->addAction(tr("Select all"), m_grid, &QAbstractItemView::selectAll);
    menu->popup(m_grid->viewport()->mapToGlobal(position));
}

void DatasetsPage::fillTagMenu(QMenu* menu, bool removing) {
    menu->clear();
    for (const QString& tag : std::as_const(m_tagNames)) {
        QString text = tag;
        text.replace(QLatin1Char('&'), QStringLiteral("&&"));
        menu->addAction(text, this, [this, tag, removing] { changeTag(tag, removing); });
    }
    if (removing)
        return;
    if (!m_tagNames.isEmpty())
        menu->addSeparator();
    menu->addAction(theme::icon(QStringLiteral("plus")), tr("New tag…"), this, &DatasetsPage::askNewTag);
}

void DatasetsPage::changeTag(const QString& tag, bool removing) {
    const std::shared_ptr<Session> session = state().session();
    std::vector<SampleId> ids = selectedSamples();
    if (!session || ids.empty())
        return;
    const QString title = removing ? tr("Remove tag %1").arg(tag) : tr("Add tag %1").arg(tag);
    jobs().start(
        JobSpec(title).setShown(false),
        [session, ids = std::move(ids), name = tag.toStdString(), removing](const RunContext&) {
            if (removing)
                session->workspace().removeTag(ids, name);
            else
                session->workspace().addTag(ids, name);
        },
        this, [this] { state().notifyTagsChanged(); },
        [this, title](const Error& error) { m_banner->showError(title, error); });
}

void DatasetsPage::askNewTag() {
    bool accepted = false;
    const QString tag =
        QInputDialog::getText(this, tr("New tag"), tr("Name of the tag"), QLineEdit::Normal, {}, &accepted)
            .trimmed();
    if (accepted && !tag.isEmpty())
        changeTag(tag, false);
}

void DatasetsPage::revealFile(const QModelIndex& index) {
    const QFileInfo file(index.data(SampleListModel::PathRole).toString());
    if (!file.dir().exists()) {
        m_banner->show(tr("The folder is not there"), file.absolutePath(), ErrorBanner::Level::Warning);
        return;
    }
    QDesktopServices::openUrl(QUrl::fromLocalFile(file.absolutePath()));
}

} // namespace diptych::ui
