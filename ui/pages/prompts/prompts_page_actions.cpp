// SPDX-License-Identifier: GPL-3.0-or-later
// The Prompts page's buttons: sets, files, a true run, and the choice among templates.
#include "core/base/file.h"
#include "core/metrics/metric_text.h"
#include "core/session/prompt_variants.h"
#include "core/session/session.h"
#include "ui/models/formatting.h"
#include "ui/pages/prompts/prompts_page.h"
#include "ui/state/app_state.h"
#include "ui/widgets/table_view.h"

#include <QComboBox>
#include <QFile>
#include <QFileDialog>
#include <QInputDialog>
#include <QLabel>
#include <QMessageBox>
#include <QPushButton>
#include <QSpinBox>
#include <QTableWidget>

#include <algorithm>

namespace diptych::ui {
namespace {

std::filesystem::path pathOf(const QString& file) {
    return QFile::encodeName(file).toStdString();
}

} // namespace

PromptSet PromptsPage::setAt(const QComboBox& box, int index) const {
    const std::string id = box.itemData(index).toString().toStdString();
    for (const auto* sets : {&m_choices.kept, &m_choices.builtIn})
        for (const PromptSet& set : *sets)
            if (set.id == id)
                return set;
    return m_loaded;
}

void PromptsPage::loadSet(int index) {
    m_loaded = setAt(*m_set, index);
    m_referenceScore.reset();
    m_editor.edit(tr("Load prompts"), PromptDraft::of(m_loaded));
    score();
}

QString PromptsPage::keptName() const {
    const std::string id = m_set->currentData().toString().toStdString();
    const bool kept = std::ranges::any_of(m_choices.kept, [&](const PromptSet& set) { return set.id == id; });
    return kept ? toQString(id) : QString();
}

void PromptsPage::updateActions() {
    const bool writable = state().session() && !state().readOnly();
    const bool kept = !keptName().isEmpty();
    m_save->setEnabled(writable);
    m_rename->setEnabled(writable && kept);
    m_remove->setEnabled(writable && kept);
    m_evaluate->setEnabled(writable && m_bench && !m_evaluating.active());
    m_undo->setEnabled(m_editor.undoStack().canUndo());
    m_redo->setEnabled(m_editor.undoStack().canRedo());
    m_undo->setToolTip(m_editor.undoStack().undoText());
    m_redo->setToolTip(m_editor.undoStack().redoText());
    m_removeTemplates->setEnabled(m_templateView->selectionModel()->hasSelection());
    m_select->setEnabled(m_bench != nullptr);
    m_select->setText(m_selecting.active() ? tr("Stop") : tr("Choose"));
}

void PromptsPage::addTemplate() {
    PromptDraft draft = m_editor.draft();
    draft.templates.push_back({"a photo of a {}."});
    m_editor.edit(tr("Add a template"), std::move(draft));
    const int row = m_templates.rowCount() - 1;
    m_templateView->setCurrentSourceRow(row);
    m_templateView->setFocus();
    m_templateView->edit(m_templateView->currentIndex().siblingAtColumn(TemplatesTable::Text));
}

void PromptsPage::removeTemplates() {
    PromptDraft draft = m_editor.draft();
    std::vector<int> rows = m_templateView->selectedSourceRows();
    std::ranges::sort(rows, std::greater<>());
    for (const int row : rows)
        draft.templates.erase(draft.templates.begin() + row);
    m_editor.edit(tr("Remove templates"), std::move(draft));
}

void PromptsPage::save() {
    bool given = false;
    const QString name =
        QInputDialog::getText(this, tr("Save prompts"), tr("Name; every task takes them by it:"),
                              QLineEdit::Normal, keptName(), &given)
            .trimmed();
    if (!given || name.isEmpty())
        return;
    const bool taken = std::ranges::any_of(
        m_choices.kept, [&](const PromptSet& set) { return set.id == name.toStdString(); });
    if (taken &&
        QMessageBox::question(this, tr("Replace prompts"),
                              tr("Replace the prompts kept as “%1”? Runs that used them stay as they are.")
                                  .arg(name.toHtmlEscaped())) != QMessageBox::Yes)
        return;
    keep(name, taken);
}

void PromptsPage::keep(const QString& name, bool replace) {
    const auto session = state().session();
    if (!session)
        return;
    jobs().start(
        JobSpec(tr("Save prompts")).setShown(false),
        [session, name = name.toStdString(), prompts = m_editor.draft().used(), replace](const RunContext&) {
            keepPrompts(session->workspace(), name, prompts,
                        replace ? Workspace::IfTaken::Replace : Workspace::IfTaken::Refuse);
        },
        this,
        [this, name, kept = m_editor.draft().used()] {
            m_loaded = kept;
            m_set->setCurrentIndex(-1);
            m_set->setCurrentIndex(m_set->findText(name)); // found where it is replaced
            if (m_set->currentIndex() < 0) {
                m_set->addItem(name, name);
                m_set->setCurrentIndex(m_set->count() - 1);
            }
            state().notifyPromptsChanged();
        });
}

void PromptsPage::rename() {
    const auto session = state().session();
    const QString name = keptName();
    bool given = false;
    const QString wanted =
        QInputDialog::getText(this, tr("Rename prompts"), tr("Name:"), QLineEdit::Normal, name, &given)
            .trimmed();
    if (!session || !given || wanted.isEmpty() || wanted == name)
        return;
    jobs().start(
        JobSpec(tr("Rename prompts")).setShown(false),
        [session, from = name.toStdString(), to = wanted.toStdString()](const RunContext&) {
            renameKeptPrompts(session->workspace(), from, to);
        },
        this,
        [this, name, wanted] {
            m_set->setItemText(m_set->findText(name), wanted);
            state().notifyPromptsChanged();
        });
}

void PromptsPage::removeKept() {
    const auto session = state().session();
    const QString name = keptName();
    if (!session || name.isEmpty() ||
        QMessageBox::question(this, tr("Remove prompts"),
                              tr("Remove the prompts kept as “%1”? Runs that used them stay as they are.")
                                  .arg(name.toHtmlEscaped())) != QMessageBox::Yes)
        return;
    jobs().start(
        JobSpec(tr("Remove prompts")).setShown(false),
        [session, name = name.toStdString()](const RunContext&) { session->workspace().removePrompts(name); },
        this, [this] { state().notifyPromptsChanged(); });
}

void PromptsPage::askImport() {
    const QString file = QFileDialog::getOpenFileName(
        this, tr("Import prompts"), QString(),
        tr("Prompts: JSON, or text with one a line (*.json *.txt);;All files (*)"));
    if (!file.isEmpty())
        importFile(file);
}

void PromptsPage::importFile(const QString& file, const QString& key) {
    PromptImport import;
    if (m_bench)
        import.classNames = m_bench->images().classNames;
    import.key = key.toStdString();
    jobs().start(
        JobSpec(tr("Import prompts")).setShown(false),
        [path = pathOf(file), import, base = m_editor.draft().all()](const RunContext&) {
            return importPrompts(path, import, base);
        },
        this,
        [this](const PromptSet& prompts) { m_editor.edit(tr("Import prompts"), PromptDraft::of(prompts)); },
        [this, file, key](const Error& error) {
            if (error.code() != ErrorCode::InvalidArgument || !key.isEmpty()) {
                Q_EMIT jobs().errorRaised(tr("Import prompts"), error, this);
                return;
            }
            bool given = false;
            const QString wanted = QInputDialog::getText(this, tr("Import prompts"),
                                                         toQString(error.what()) + QLatin1Char('\n') +
                                                             tr("Which dataset of the file?"),
                                                         QLineEdit::Normal, m_dataset->currentText(), &given);
            if (given && !wanted.isEmpty())
                importFile(file, wanted);
        });
}

void PromptsPage::askExport() {
    const std::pair<PromptFileKind, QString> kinds[] = {
        {PromptFileKind::Set, tr("Diptych's prompts (*.json)")},
        {PromptFileKind::ClassPrompts, tr("Every prompt of every class (*.json)")},
        {PromptFileKind::Templates, tr("Templates, as CLIP_benchmark has them (*.json)")},
        {PromptFileKind::ClassNames, tr("Class names, as CLIP_benchmark has them (*.json)")},
        {PromptFileKind::Templates, tr("Templates, one a line (*.txt)")}};
    QStringList filters;
    for (const auto& [kind, title] : kinds)
        filters << title;
    QString chosen;
    const QString file =
        QFileDialog::getSaveFileName(this, tr("Export prompts"), QStringLiteral("prompts.json"),
                                     filters.join(QStringLiteral(";;")), &chosen);
    const auto index = filters.indexOf(chosen);
    if (!file.isEmpty())
        exportFile(file, kinds[std::max<qsizetype>(0, index)].first);
}

void PromptsPage::exportFile(const QString& file, PromptFileKind kind) {
    const std::vector<std::string> classes =
        m_bench ? m_bench->images().classNames : std::vector<std::string>();
    jobs().start(
        JobSpec(tr("Export prompts")).setShown(false),
        [path = pathOf(file), kind, classes, prompts = m_editor.draft().used(),
         key = m_dataset->currentText().toStdString()](const RunContext&) {
            std::vector<std::string> lost;
            const std::string content =
                exportPrompts(prompts, kind, classes, key, path.extension() == ".txt", lost);
            writeFileAtomically(path, std::string_view(content));
            return lost;
        },
        this,
        [this](const std::vector<std::string>& lost) {
            for (const std::string& what : lost)
                m_problem->setText(tr("Written, but %1").arg(toQString(what)));
            m_problem->setVisible(!lost.empty());
        });
}

void PromptsPage::evaluate() {
    const auto session = state().session();
    if (!session || m_evaluating.active())
        return;
    RunSpec wanted = spec(m_split->currentData().toString());
    PromptSet prompts = m_editor.draft().used();
    if (m_set->currentIndex() >= 0 && PromptDraft::of(m_loaded) == m_editor.draft())
        prompts.title = m_set->currentText().toStdString();
    wanted.params = {{"templates", promptSetJson(prompts)}};
    const QString what = tr("%1 with %2").arg(m_dataset->currentText(), m_model->currentText());
    m_evaluating = jobs().start(
        JobSpec(tr("Evaluate %1").arg(what), JobLane::Model).setFinally([this] { updateActions(); }),
        [session, wanted](const RunContext& context) { return session->run(wanted, context); }, this,
        [this, what](RunId run) {
            state().notifyRunsChanged();
            state().announceRun(run, what);
        });
    updateActions();
}

void PromptsPage::select() {
    if (m_selecting.active()) {
        m_selecting.cancel();
        return;
    }
    const auto session = state().session();
    if (!session || !m_bench)
        return;
    const QString chosenOn = m_split->currentData().toString(), judgedOn = m_judge->currentData().toString();
    struct Selected {
        TemplateSelection selection;
        PromptScore judged;
    };
    const PromptSet candidates = m_editor.draft().all();
    m_selecting = jobs().start(
        JobSpec(tr("Choose templates")).setFinally([this] { updateActions(); }),
        [session, bench = m_bench, candidates, most = static_cast<size_t>(m_most->value()),
         judge = spec(judgedOn), same = chosenOn == judgedOn](const RunContext& context) {
            checkPromptSet(candidates);
            Selected out{bench->select(candidates, most, context), {}};
            PromptSet best = candidates;
            best.templates.clear();
            for (size_t i = 0; i < out.selection.best; ++i)
                best.templates.push_back(candidates.templates[out.selection.steps[i].template_]);
            const OpenedWorkbench other =
                same ? OpenedWorkbench{Answer::Ready, bench} : session->openWorkbench(judge, true, context);
            out.judged = other.workbench->score(best, 1000, context);
            return out;
        },
        this,
        [this, candidates, chosenOn, judgedOn](const Selected& found) {
            showSelection(candidates, found.selection, found.judged, chosenOn, judgedOn);
        });
    updateActions();
}

void PromptsPage::showSelection(const PromptSet& candidates, const TemplateSelection& selection,
                                const PromptScore& judged, const QString& chosenOn, const QString& judgedOn) {
    const auto name = [](const QString& split) { return split.isEmpty() ? tr("all images") : split; };
    m_steps->setRowCount(static_cast<int>(selection.steps.size()));
    m_chosenTemplates.clear();
    for (size_t i = 0; i < selection.steps.size(); ++i) {
        const std::string& text = candidates.templates[selection.steps[i].template_];
        if (i < selection.best)
            m_chosenTemplates.push_back(text);
        m_steps->setItem(static_cast<int>(i), 0, new QTableWidgetItem(toQString(text)));
        auto* share = new QTableWidgetItem(shareText(selection.steps[i].chosenOn) +
                                           (i + 1 == selection.best ? tr("  best") : QString()));
        m_steps->setItem(static_cast<int>(i), 1, share);
    }
    const Metric& top = judged.metrics.front();
    const std::string caution = selectionCaution(chosenOn.toStdString(), judgedOn.toStdString());
    m_selectionText->setText(tr("Chosen on %1; the first %2 judged on %3: %4 right (%5). %6")
                                 .arg(name(chosenOn), QString::number(selection.best), name(judgedOn),
                                      toQString(metricValueText(top)), toQString(metricIntervalText(top)),
                                      toQString(caution)));
    m_useChosen->setEnabled(!m_chosenTemplates.empty());
}

} // namespace diptych::ui
