// SPDX-License-Identifier: GPL-3.0-or-later
// What the Prompts page shows; how it looks is in prompts_page_layout.cpp, what its buttons do in
// prompts_page_actions.cpp.
#include "ui/pages/prompts/prompts_page.h"

#include "core/metrics/metric_text.h"
#include "core/metrics/number_text.h"
#include "core/session/prompt_variants.h"
#include "core/session/session.h"
#include "ui/models/formatting.h"
#include "ui/state/app_state.h"
#include "ui/state/selection.h"
#include "ui/widgets/empty_state.h"
#include "ui/widgets/table_view.h"
#include "ui/widgets/thumbnail_grid.h"

#include <QAbstractProxyModel>
#include <QComboBox>
#include <QEvent>
#include <QKeyEvent>
#include <QLabel>
#include <QPushButton>
#include <QSignalBlocker>
#include <QStackedWidget>
#include <QTabWidget>
#include <QTableWidget>

#include <algorithm>

namespace diptych::ui {
namespace {

constexpr size_t kResamples = 1000, kMostCards = 500, kMostPairs = 100;
constexpr int kPauseMs = 120; ///< of typing, before anything is computed

std::vector<SampleCard> cardsOf(const WorkbenchImages& images, const std::vector<SampleId>& ids,
                                const PromptScore& now, const PromptScore& before) {
    std::vector<SampleCard> cards;
    const auto name = [&](int index) { return toQString(images.classNames[static_cast<size_t>(index)]); };
    size_t next = 0; // both are in the order of the images
    for (size_t i = 0; i < images.ids.size() && next < std::min(ids.size(), kMostCards); ++i) {
        if (images.ids[i] != ids[next])
            continue;
        ++next;
        cards.push_back(
            {images.ids[i], name(images.labels[i]),
             PromptsPage::tr("%1, was %2").arg(name(now.predictions[i]), name(before.predictions[i]))});
    }
    return cards;
}

QString flipTitle(const QString& text, size_t count) {
    return count > kMostCards ? text.arg(exactCountText(static_cast<qlonglong>(count))) +
                                    PromptsPage::tr(", the first %1 shown").arg(kMostCards)
                              : text.arg(exactCountText(static_cast<qlonglong>(count)));
}

} // namespace

PromptsPage::PromptsPage(const PageContext& context)
    : Page(context),
      m_loading(context.jobs, this),
      m_opening(context.jobs, this),
      m_scoring(context.jobs, this),
      m_templating(context.jobs, this),
      m_templates(m_editor, this),
      m_classes(m_editor, this) {
    buildPage();
    m_pause.setSingleShot(true);
    m_pause.setInterval(kPauseMs);
    connectAll();
    reload();
}

void PromptsPage::connectAll() {
    connect(m_dataset, &QComboBox::currentIndexChanged, this, &PromptsPage::fillSplits);
    for (QComboBox* box : {m_split, m_model})
        connect(box, &QComboBox::currentIndexChanged, this, &PromptsPage::choiceChanged);
    connect(m_set, &QComboBox::activated, this, &PromptsPage::loadSet);
    connect(m_against, &QComboBox::currentIndexChanged, this, [this] {
        m_referenceScore.reset();
        score();
    });
    connect(&m_pause, &QTimer::timeout, this, &PromptsPage::score);
    connect(&m_editor, &DraftEditor::shownChanged, this, &PromptsPage::draftChanged);
    connect(&m_editor.undoStack(), &QUndoStack::indexChanged, this, &PromptsPage::updateActions);
    connect(m_empty, &EmptyState::actionTriggered, this, [this] {
        if (m_encoding.active())
            m_encoding.cancel();
        else
            open(true);
    });
    const auto attach = [this](TableView* view, DraftTable& table) {
        auto* delegate = new TypedDelegate(view);
        view->setItemDelegate(delegate);
        view->installEventFilter(this);
        connect(delegate, &TypedDelegate::typed, this,
                [this, &table](const QModelIndex& index, const QString& text) { typed(table, index, text); });
        connect(delegate, &TypedDelegate::stopped, &m_editor, [this] { m_editor.setTyped(std::nullopt); });
    };
    attach(m_templateView, m_templates);
    attach(m_classView, m_classes);
    connect(m_templateView->selectionModel(), &QItemSelectionModel::selectionChanged, this,
            &PromptsPage::updateActions);
    connect(m_add, &QPushButton::clicked, this, &PromptsPage::addTemplate);
    connect(m_removeTemplates, &QPushButton::clicked, this, &PromptsPage::removeTemplates);
    connect(m_undo, &QPushButton::clicked, &m_editor.undoStack(), &QUndoStack::undo);
    connect(m_redo, &QPushButton::clicked, &m_editor.undoStack(), &QUndoStack::redo);
    connect(m_save, &QPushButton::clicked, this, &PromptsPage::save);
    connect(m_rename, &QPushButton::clicked, this, &PromptsPage::rename);
    connect(m_remove, &QPushButton::clicked, this, &PromptsPage::removeKept);
    connect(m_import, &QPushButton::clicked, this, &PromptsPage::askImport);
    connect(m_export, &QPushButton::clicked, this, &PromptsPage::askExport);
    connect(m_evaluate, &QPushButton::clicked, this, &PromptsPage::evaluate);
    connect(m_select, &QPushButton::clicked, this, &PromptsPage::select);
    connect(m_useChosen, &QPushButton::clicked, this, [this] {
        PromptDraft draft = m_editor.draft();
        for (DraftTemplate& entry : draft.templates)
            entry.used = std::ranges::find(m_chosenTemplates, entry.text) != m_chosenTemplates.end();
        m_editor.edit(tr("Use the chosen templates"), std::move(draft));
    });
    connect(&state(), &AppState::workspaceChanged, this, [this] {
        for (JobHandle* handle : {&m_encoding, &m_selecting})
            handle->abandon();
        m_bench.reset();
        m_editor.reset({});
        m_loaded = {};
        m_set->clear(); // begins with the simple prompts again
        reload();
    });
    connect(&state(), &AppState::datasetsChanged, this, &PromptsPage::refresh);
    connect(&state(), &AppState::modelsChanged, this, &PromptsPage::reload);
    connect(&state(), &AppState::promptsChanged, this, &PromptsPage::reload);
    connect(&state(), &AppState::runsChanged, this,
            [this] { // images may be encoded, or the model free, by now
                if (isVisible() && !m_bench)
                    choiceChanged();
            });
}

void PromptsPage::activated() {
    if (!m_bench && !m_encoding.active())
        choiceChanged();
    m_templateView->setFocus();
}

void PromptsPage::refresh() {
    m_bench.reset();
    reload();
}

bool PromptsPage::cancel() {
    for (JobHandle* handle : {&m_encoding, &m_selecting, &m_evaluating})
        if (handle->active()) {
            handle->cancel();
            return true;
        }
    return false;
}

/// Undo is the draft's while the draft is being worked on; elsewhere it is the window's.
bool PromptsPage::eventFilter(QObject* watched, QEvent* event) {
    if (event->type() == QEvent::ShortcutOverride || event->type() == QEvent::KeyPress) {
        auto* key = static_cast<QKeyEvent*>(event);
        const bool undo = key->matches(QKeySequence::Undo), redo = key->matches(QKeySequence::Redo);
        if (undo || redo) {
            event->accept();
            if (event->type() == QEvent::KeyPress)
                undo ? m_editor.undoStack().undo() : m_editor.undoStack().redo();
            return true;
        }
        if (event->type() == QEvent::KeyPress && watched == m_templateView &&
            key->matches(QKeySequence::Delete)) {
            removeTemplates();
            return true;
        }
    }
    return Page::eventFilter(watched, event);
}

void PromptsPage::reload() {
    const auto session = state().session();
    if (!session) {
        fillChoices({});
        return;
    }
    m_loading.start(
        JobSpec(tr("Load datasets, models and prompts")).setShown(false),
        [session](const RunContext&) {
            Workspace& workspace = session->workspace();
            Choices choices;
            for (DatasetInfo& info : workspace.datasets())
                if (info.classCount >= 2 && info.labelledCount > 0)
                    choices.datasets.push_back(std::move(info));
            for (const DatasetInfo& info : choices.datasets)
                choices.splits.push_back(workspace.splits(info.id));
            choices.models = workspace.models();
            choices.builtIn = builtInPromptSets();
            choices.kept = allKeptPrompts(workspace);
            return choices;
        },
        [this](Choices choices) { fillChoices(std::move(choices)); });
}

void PromptsPage::fillChoices(Choices choices) {
    const QString dataset = m_dataset->currentText(), model = m_model->currentText();
    {
        const QSignalBlocker quietDataset(m_dataset), quietModel(m_model);
        m_choices = std::move(choices);
        m_dataset->clear();
        for (const DatasetInfo& info : m_choices.datasets)
            m_dataset->addItem(toQString(info.name), QVariant::fromValue<qlonglong>(info.id.value));
        m_dataset->setCurrentIndex(std::max(0, m_dataset->findText(dataset)));
        m_model->clear();
        for (const ModelRecord& record : m_choices.models)
            m_model->addItem(toQString(record.name));
        m_model->setCurrentIndex(std::max(0, m_model->findText(model)));
    }
    fillSets();
    fillSplits();
}

void PromptsPage::fillSets() {
    const QString loaded = m_set->currentText(), against = m_against->currentText();
    const bool first = m_set->count() == 0;
    const QSignalBlocker quietSet(m_set), quietAgainst(m_against);
    m_set->clear();
    m_against->clear();
    m_against->addItem(tr("As they were loaded"));
    for (const auto* sets : {&m_choices.kept, &m_choices.builtIn})
        for (const PromptSet& set : *sets)
            for (QComboBox* box : {m_set, m_against})
                box->addItem(toQString(set.title), toQString(set.id));
    m_set->setCurrentIndex(m_set->findText(loaded));
    m_against->setCurrentIndex(std::max(0, m_against->findText(against)));
    if (first && m_set->count() > 0) {
        m_set->setCurrentIndex(std::max(0, m_set->findData(QStringLiteral("simple"))));
        m_loaded = setAt(*m_set, m_set->currentIndex());
        m_editor.reset(PromptDraft::of(m_loaded));
    }
    m_referenceScore.reset();
    updateActions();
}

void PromptsPage::fillSplits() {
    {
        const QSignalBlocker quietSplit(m_split), quietJudge(m_judge);
        const QString split = m_split->currentData().toString(), judge = m_judge->currentData().toString();
        const int at = m_dataset->currentIndex();
        for (QComboBox* box : {m_split, m_judge}) {
            box->clear();
            box->addItem(tr("All images"), QString());
            if (at >= 0)
                for (const std::string& name : m_choices.splits[static_cast<size_t>(at)])
                    box->addItem(toQString(name), toQString(name));
        }
        m_split->setCurrentIndex(std::max(0, m_split->findData(split)));
        m_judge->setCurrentIndex(std::max(0, m_judge->findData(judge)));
    }
    choiceChanged();
}

RunSpec PromptsPage::spec(const QString& split) const {
    RunSpec spec;
    spec.task = "zero-shot";
    spec.dataset = m_dataset->currentText().toStdString();
    spec.model = m_model->currentText().toStdString();
    spec.split = split.toStdString();
    return spec;
}

void PromptsPage::showEmpty(const QString& heading, const QString& sentence, const QString& action) {
    m_empty->setText(heading, sentence);
    m_empty->button()->setText(action);
    m_empty->button()->setVisible(!action.isEmpty());
    m_stack->setCurrentIndex(0);
    updateActions();
}

void PromptsPage::choiceChanged() {
    const QString key = m_dataset->currentText() + QLatin1Char('\n') + m_model->currentText() +
                        QLatin1Char('\n') + m_split->currentData().toString();
    if (m_bench && key == m_openKey)
        return score(); // the sets to compare with may be others
    m_openKey = key;
    m_bench.reset();
    m_referenceScore.reset();
    m_scoring.cancel();
    m_templating.cancel();
    m_selecting.abandon();
    if (!state().session())
        return showEmpty(tr("Prompts"), tr("Open a workspace first."), {});
    if (m_dataset->count() == 0)
        return showEmpty(tr("Prompts"),
                         tr("There is no dataset with labels of two classes or more yet: import one on the "
                            "Datasets page."),
                         {});
    if (m_model->count() == 0)
        return showEmpty(tr("Prompts"),
                         tr("There is no model yet: add a checkpoint folder on the Models page."), {});
    if (isVisible())
        open(false);
}

void PromptsPage::open(bool encode) {
    const auto session = state().session();
    if (!session || m_dataset->count() == 0 || m_model->count() == 0)
        return;
    const RunSpec wanted = spec(m_split->currentData().toString());
    m_shownDataset = {m_dataset->currentData().toLongLong()};
    const auto work = [session, wanted, encode](const RunContext& context) {
        return session->openWorkbench(wanted, encode, context);
    };
    const auto failed = [this](const Error& error) {
        showEmpty(tr("These cannot be tried"), toQString(error.what()), {});
    };
    if (!encode) {
        m_opening.start(
            JobSpec(tr("Open embeddings")).setShown(false), work,
            [this](OpenedWorkbench found) { opened(std::move(found)); }, failed);
        return;
    }
    showEmpty(tr("Encoding the images…"), tr("Once; what is encoded is kept."), tr("Stop"));
    m_encoding = jobs().start(
        JobSpec(tr("Encode %1").arg(m_dataset->currentText()), JobLane::Model).setFinally([this] {
            if (!m_bench)
                open(false);
        }),
        work, this, [this](OpenedWorkbench found) { opened(std::move(found)); }, failed);
}

void PromptsPage::opened(OpenedWorkbench found) {
    if (found.answer == Answer::Busy)
        return showEmpty(tr("The model is busy"),
                         tr("A run or an encoding has it; the prompts are there when it is done."),
                         tr("Try again"));
    if (found.answer == Answer::NotEncoded)
        return showEmpty(
            tr("Not encoded yet"),
            tr("Prompts are tried on embeddings: encode these images with this model once, then every "
               "edit shows its numbers at once."),
            state().readOnly() ? QString() : tr("Encode the images"));
    m_bench = std::move(found.workbench);
    m_referenceScore.reset();
    m_classes.setClasses(m_bench->images().classNames);
    m_templates.setFound({}, 0);
    for (ThumbnailGrid* grid : {m_gainedGrid, m_lostGrid})
        grid->bindSelection(&state().selection(m_shownDataset));
    m_stack->setCurrentIndex(1);
    updateActions();
    score();
}

void PromptsPage::draftChanged() {
    updateActions();
    m_pause.start();
}

PromptSet PromptsPage::reference() const {
    const int index = m_against->currentIndex();
    return index <= 0 ? m_loaded : setAt(*m_against, index);
}

void PromptsPage::score() {
    const auto session = state().session();
    if (!m_bench || !session)
        return;
    const PromptSet prompts = m_editor.shown().used(), against = reference();
    m_templating.cancel();
    m_scoring.start(
        JobSpec(tr("Score prompts")).setShown(false),
        [session, bench = m_bench, prompts, against, known = m_referenceScore](const RunContext& context) {
            Found found;
            checkPromptSet(prompts);
            found.score = std::make_shared<const PromptScore>(bench->score(prompts, kResamples, context));
            found.reference =
                known ? known : std::make_shared<const PromptScore>(bench->score(against, 0, context));
            const WorkbenchImages& images = bench->images();
            found.change = changeFrom(images, *found.score, *found.reference, kResamples, context);
            found.close = closeNames(images, *found.score, -1, kMostPairs, context);
            found.gained = cardsOf(images, found.change->gained, *found.score, *found.reference);
            found.lost = cardsOf(images, found.change->lost, *found.score, *found.reference);
            return found;
        },
        [this](Found found) { show(std::move(found)); },
        [this](const Error& error) {
            m_problem->setText(toQString(error.what()));
            m_problem->show();
        });
}

void PromptsPage::showNumbers(const Found& found) {
    const Metric& top = found.score->metrics.front();
    m_number->setText(
        tr("%1 right (%2)").arg(toQString(metricValueText(top)), toQString(metricIntervalText(top))));
    m_number->setToolTip(tr("Top-1 accuracy of %1 images, with its 95 % interval")
                             .arg(exactCountText(static_cast<qlonglong>(found.score->right.size()))));
    const PairedDifference& difference = found.change->difference;
    const auto points = [](double value) {
        return (value > 0 ? QStringLiteral("+") : QString()) + QLocale().toString(value * 100, 'f', 1);
    };
    const bool open = difference.interval.low <= 0 && difference.interval.high >= 0;
    const bool same = found.change->gained.empty() && found.change->lost.empty();
    m_change->setTextFormat(Qt::PlainText);
    m_change->setText(same ? tr("The same answers as “%1”.").arg(m_against->currentText())
                           : tr("%1 points against “%2” (95 %: %3 to %4)%5")
                                 .arg(points(difference.difference), m_against->currentText(),
                                      points(difference.interval.low), points(difference.interval.high),
                                      open ? tr(": not decided by so many images") : QString()));
}

void PromptsPage::showClose(const std::vector<CloseNames>& pairs) {
    m_close->setRowCount(static_cast<int>(pairs.size()));
    const auto& names = m_bench->images().classNames;
    for (size_t i = 0; i < pairs.size(); ++i) {
        const CloseNames& pair = pairs[i];
        const QStringList cells{toQString(names[static_cast<size_t>(pair.first)]),
                                toQString(names[static_cast<size_t>(pair.second)]), cosineText(pair.cosine),
                                QString::number(pair.firstAsSecond), QString::number(pair.secondAsFirst)};
        for (int column = 0; column < cells.size(); ++column) {
            auto* item = new QTableWidgetItem(cells[column]);
            if (column >= 2)
                item->setTextAlignment(Qt::AlignRight | Qt::AlignVCenter);
            m_close->setItem(static_cast<int>(i), column, item);
        }
    }
}

void PromptsPage::show(Found found) {
    m_problem->hide();
    m_referenceScore = found.reference;
    showNumbers(found);
    m_classes.setFound(found.score->classCount, found.score->classRight, found.change->classMoved);
    m_gainedTitle->setText(flipTitle(tr("Right now, wrong before: %1"), found.change->gained.size()));
    m_lostTitle->setText(flipTitle(tr("Wrong now, right before: %1"), found.change->lost.size()));
    m_gained.setCards(std::move(found.gained));
    m_lost.setCards(std::move(found.lost));
    showClose(found.close);
    m_tabs->setTabText(0, tr("Pictures that flipped: %1")
                              .arg(exactCountText(static_cast<qlonglong>(found.change->gained.size() +
                                                                         found.change->lost.size()))));
    scoreTemplates();
}

void PromptsPage::scoreTemplates() {
    const PromptDraft& shown = m_editor.shown();
    m_templating.start(
        JobSpec(tr("Score templates")).setShown(false),
        [session = state().session(), bench = m_bench, prompts = shown.all(),
         used = shown.marks()](const RunContext& context) {
            for (const std::string& text : prompts.templates)
                checkPromptTemplates({text});
            const PromptScore ensemble = bench->score(usedOf(prompts, used), 0, context);
            return std::pair(bench->templates(prompts, used, context), ensemble.metrics.front().value);
        },
        [this](const std::pair<std::vector<TemplateRow>, double>& found) {
            m_templates.setFound(found.first, found.second);
        },
        [this](const Error& error) {
            m_problem->setText(toQString(error.what()));
            m_problem->show();
        });
}

void PromptsPage::typed(DraftTable& table, const QModelIndex& index, const QString& text) {
    const auto* proxy = static_cast<const QAbstractProxyModel*>(index.model());
    m_editor.setTyped(table.withText(proxy->mapToSource(index), text));
}

} // namespace diptych::ui
