// SPDX-License-Identifier: GPL-3.0-or-later
// What the Curate page does; how it looks is in curate_page_layout.cpp.
#include "ui/pages/curate/curate_page.h"

#include "core/probe/neighbours.h"
#include "core/session/session.h"
#include "ui/models/formatting.h"
#include "ui/pages/map/map_coloring.h"
#include "ui/state/app_state.h"
#include "ui/state/sample_edits.h"
#include "ui/state/selection.h"
#include "ui/widgets/empty_state.h"
#include "ui/widgets/multi_choice.h"
#include "ui/widgets/sample_actions.h"
#include "ui/widgets/table_view.h"
#include "ui/widgets/thumbnail_grid.h"

#include <QCheckBox>
#include <QComboBox>
#include <QLabel>
#include <QPushButton>
#include <QSignalBlocker>
#include <QSlider>
#include <QStackedWidget>

#include <algorithm>

namespace diptych::ui {

namespace {

/// Whether what was found for one is what the other would find.
bool sameQuestion(const CurateWanted& a, const CurateWanted& b) {
    return a.check == b.check && a.spec.dataset == b.spec.dataset && a.spec.split == b.spec.split &&
           a.spec.model == b.spec.model && a.run == b.run && a.tags == b.tags;
}

constexpr double kUsuallySure = 0.9;

int stepOf(double value, double (*valueAt)(int step)) {
    int step = 0;
    while (step < kSimilaritySteps && valueAt(step) < value - 1e-9)
        ++step;
    return step;
}

} // namespace

CuratePage::CuratePage(const PageContext& context)
    : Page(context),
      m_loading(context.jobs, this),
      m_tagLoading(context.jobs, this),
      m_regrouping(context.jobs, this) {
    buildPage();
    connectAll();
    reload();
}

void CuratePage::connectAll() {
    connect(m_check, &QComboBox::currentIndexChanged, this, &CuratePage::fillDependents);
    connect(m_dataset, &QComboBox::currentIndexChanged, this, &CuratePage::fillDependents);
    for (QComboBox* box : {m_split, m_model, m_by})
        connect(box, &QComboBox::currentIndexChanged, this, &CuratePage::choiceChanged);
    connect(m_tags, &MultiChoice::changed, this, &CuratePage::choiceChanged);
    connect(m_find, &QPushButton::clicked, this, &CuratePage::find);
    connect(m_accept, &QPushButton::clicked, this, [this] {
        if (m_result && m_result->wanted.check == CurateCheck::Probe)
            acceptSure(true);
        else
            correctShown();
    });
    connect(m_acceptLabels, &QPushButton::clicked, this, [this] { acceptSure(false); });
    connect(m_threshold, &QSlider::valueChanged, this, &CuratePage::thresholdMoved);
    connect(m_across, &QCheckBox::toggled, this, &CuratePage::thresholdMoved);
    connect(m_table->selectionModel(), &QItemSelectionModel::selectionChanged, this, &CuratePage::showCards);
    connect(m_select, &QPushButton::clicked, this, &CuratePage::selectShown);
    connect(m_tag, &QPushButton::clicked, this, &CuratePage::tagShown);
    connect(m_onMap, &QPushButton::clicked, this, [this] {
        selectShown();
        state().setCurrentDataset(m_result->dataset);
        state().showPage(QStringLiteral("map"));
    });
    connect(m_inGrid, &QPushButton::clicked, this, [this] {
        DatasetRequest request;
        request.dataset = m_result->dataset;
        request.ids = m_cards.samples();
        request.title = tr("Curate: %1").arg(m_check->currentText());
        request.run = m_result->wanted.run;
        state().showDatasetFiltered(request);
    });
    actions().attach(m_grid, [this] { return m_result ? m_result->wanted.run : RunId{}; });
    connect(&state(), &AppState::workspaceChanged, this, [this] {
        m_finding.abandon();
        m_regrouping.cancel();
        m_result.reset();
        setFinding(false);
        reload();
    });
    connect(&state(), &AppState::datasetsChanged, this, &CuratePage::reload);
    connect(&state(), &AppState::modelsChanged, this, &CuratePage::reload);
    connect(&state(), &AppState::runsChanged, this, &CuratePage::reload);
    connect(&state(), &AppState::tagsChanged, this, &CuratePage::reloadTags);
    connect(&state(), &AppState::currentDatasetChanged, this, [this](DatasetId id) {
        m_wantedDataset = id;
        if (isVisible())
            activated();
    });
}

void CuratePage::activated() {
    const int index = m_dataset->findData(QVariant::fromValue<qlonglong>(m_wantedDataset.value));
    if (m_wantedDataset && index >= 0 && !m_finding.active())
        m_dataset->setCurrentIndex(index);
    m_wantedDataset = {};
    m_check->setFocus();
}

void CuratePage::refresh() {
    reload();
}

bool CuratePage::cancel() {
    if (m_finding.active()) {
        m_finding.cancel();
        return true;
    }
    if (!m_table->selectionModel()->hasSelection())
        return false;
    m_table->clearSelection();
    return true;
}

void CuratePage::reload() {
    const auto session = state().session();
    if (!session) {
        fillChoices({});
        return;
    }
    m_loading.start(
        JobSpec(tr("Load datasets, models and runs")).setShown(false),
        [session](const RunContext&) {
            Workspace& workspace = session->workspace();
            Choices choices{workspace.datasets(), {}, {}, workspace.models(), workspace.tags(), {}};
            for (const DatasetInfo& info : choices.datasets) {
                choices.splits.push_back(workspace.splits(info.id));
                choices.classes.push_back(workspace.classNames(info.id));
                choices.runs.emplace_back();
                for (const ColorOptions::Run& run : colorOptions(workspace, info.id).runs)
                    if (run.predictions)
                        choices.runs.back().push_back({run.id, run.title});
            }
            return choices;
        },
        [this](Choices choices) { fillChoices(std::move(choices)); });
}

void CuratePage::reloadTags() {
    const auto session = state().session();
    if (!session)
        return;
    m_tagLoading.start(
        JobSpec(tr("List tags")).setShown(false),
        [session](const RunContext&) { return session->workspace().tags(); },
        [this](std::vector<TagInfo> tags) {
            m_choices.tags = std::move(tags);
            fillTags();
            choiceChanged();
        });
}

void CuratePage::fillTags() {
    std::vector<MultiChoice::Choice> tags;
    for (const TagInfo& tag : m_choices.tags)
        tags.push_back({toQString(tag.name), toQString(tag.name), tag.count});
    m_tags->setChoices(tr("Choose tags"), tr("%1 tags"), tags);
}

void CuratePage::fillChoices(Choices choices) {
    {
        const QSignalBlocker quiet(m_dataset);
        const DatasetId chosen{m_dataset->currentData().toLongLong()};
        const DatasetId dataset = m_wantedDataset ? m_wantedDataset
                                  : chosen        ? chosen
                                                  : state().currentDataset();
        m_choices = std::move(choices);
        m_dataset->clear();
        for (const DatasetInfo& info : m_choices.datasets)
            m_dataset->addItem(toQString(info.name), QVariant::fromValue<qlonglong>(info.id.value));
        m_dataset->setCurrentIndex(
            std::max(0, m_dataset->findData(QVariant::fromValue<qlonglong>(dataset.value))));
        m_wantedDataset = {};
    }
    fillDependents();
}

CurateCheck CuratePage::check() const {
    return static_cast<CurateCheck>(m_check->currentIndex());
}

void CuratePage::fillDependents() {
    const QSignalBlocker quietSplit(m_split), quietModel(m_model), quietBy(m_by);
    const auto at = static_cast<size_t>(std::max(0, m_dataset->currentIndex()));
    const CurateCheck wanted = check();
    const QString split = m_split->currentData().toString();
    // "No model" was a choice only where there was another.
    const QVariant model = m_model->count() > 1 ? m_model->currentData() : QVariant();
    const qlonglong run = m_by->currentData().toLongLong();
    m_split->clear();
    m_split->addItem(tr("All splits"), QString());
    if (at < m_choices.splits.size())
        for (const std::string& name : m_choices.splits[at])
            m_split->addItem(toQString(name), toQString(name));
    m_split->setCurrentIndex(std::max(0, m_split->findData(split)));
    m_split->setVisible(m_split->count() > 1 && wanted != CurateCheck::Hardest);
    m_model->clear();
    for (const ModelRecord& record : m_choices.models)
        m_model->addItem(toQString(record.name), toQString(record.name));
    if (wanted == CurateCheck::Duplicates)
        m_model->addItem(tr("No model: same files"), QString());
    m_model->setCurrentIndex(model.isValid() ? std::max(0, m_model->findData(model)) : 0);
    m_by->clear();
    const bool byRuns = wanted == CurateCheck::Labels || wanted == CurateCheck::Hardest;
    if (wanted == CurateCheck::Labels)
        m_by->addItem(tr("By a linear probe"), 0);
    if (byRuns && at < m_choices.runs.size())
        for (const Run& choice : m_choices.runs[at])
            m_by->addItem(tr("By run %1").arg(choice.title), QVariant::fromValue<qlonglong>(choice.id.value));
    m_by->setCurrentIndex(std::max(0, m_by->findData(run)));
    m_by->setVisible(byRuns);
    fillTags();
    m_tags->setVisible(wanted == CurateCheck::Probe);
    choiceChanged();
}

QString CuratePage::missing() const {
    if (!state().session())
        return tr("Open a workspace first.");
    if (m_dataset->count() == 0)
        return tr("There is no dataset yet: import one on the Datasets page.");
    const bool needsModel = check() == CurateCheck::Unusual || check() == CurateCheck::Probe ||
                            (check() == CurateCheck::Labels && m_by->currentData().toLongLong() == 0);
    if (needsModel && m_model->count() == 0)
        return tr("There is no model yet: add a checkpoint folder on the Models page.");
    if (check() == CurateCheck::Hardest && m_by->count() == 0)
        return tr("No run names classes for this dataset yet: evaluate a model on it first.");
    if (check() == CurateCheck::Probe && m_choices.tags.size() < 2)
        return tr("Tag a few images of each kind first, two tags at least: select some and press 1 to 9.");
    if (check() == CurateCheck::Probe && m_tags->chosen().size() < 2)
        return tr("Choose the tags to tell apart, two at least.");
    return {};
}

void CuratePage::choiceChanged() {
    const bool byRun = m_by->currentData().toLongLong() != 0;
    m_model->setVisible(check() == CurateCheck::Duplicates || check() == CurateCheck::Unusual ||
                        check() == CurateCheck::Probe || (check() == CurateCheck::Labels && !byRun));
    const QString why = missing();
    m_find->setEnabled(why.isEmpty() || m_finding.active());
    if (m_finding.active() || (m_result && sameQuestion(m_result->wanted, wanted())))
        return;
    m_result.reset();
    m_thresholdBar->setVisible(false);
    static const char* const kSentences[] = {
        QT_TR_NOOP(
            "Finds copies and near-duplicates in groups; how alike is chosen afterwards, and those that lie "
            "across splits are named: what is tested on was trained on."),
        QT_TR_NOOP("Finds labels that are likely wrong by confident learning: probabilities that have not "
                   "learned an image's label speak against it. Of a run, all classes must have been kept."),
        QT_TR_NOOP("Ranks the images of a run by how little their label was believed."),
        QT_TR_NOOP(
            "Ranks the images by how little they are like their nearest others: scans, screenshots, what "
            "does not belong."),
        QT_TR_NOOP("Class balance, splits, image sizes and shapes at a glance."),
        QT_TR_NOOP(
            "Learns the chosen tags from the images that have them, in a moment, and ranks all others by "
            "how unsure it is; what it is sure of is accepted in bulk.")};
    showNothing(m_check->currentText(), why.isEmpty() ? tr(kSentences[m_check->currentIndex()]) : why);
}

CurateWanted CuratePage::wanted() const {
    CurateWanted wanted;
    wanted.check = check();
    wanted.spec.dataset = m_dataset->currentText().toStdString();
    wanted.spec.split = m_split->currentData().toString().toStdString();
    wanted.spec.encodeMissing = !state().readOnly();
    if (wanted.check == CurateCheck::Labels || wanted.check == CurateCheck::Hardest)
        wanted.run = {m_by->currentData().toLongLong()};
    if (wanted.check == CurateCheck::Probe)
        wanted.tags = m_tags->chosen();
    if (!wanted.run)
        wanted.spec.model = m_model->currentData().toString().toStdString();
    return wanted;
}

void CuratePage::find() {
    if (m_finding.active()) {
        m_finding.cancel();
        return;
    }
    const auto session = state().session();
    if (!session || !missing().isEmpty())
        return;
    const CurateWanted wanted = this->wanted();
    const bool encodes =
        wanted.spec.encodeMissing && !wanted.spec.model.empty() && wanted.check != CurateCheck::Summary;
    m_regrouping.cancel();
    m_result.reset();
    m_thresholdBar->setVisible(false);
    showNothing(m_check->currentText(), tr("Looking… “Stop” or Esc ends it."));
    setFinding(true);
    m_finding = jobs().start(
        JobSpec(tr("%1 of %2").arg(m_check->currentText(), m_dataset->currentText()),
                encodes ? JobLane::Model : JobLane::Light)
            .setFinally([this] {
                setFinding(false);
                choiceChanged(); // says again what there is to find where it failed or was stopped
            }),
        [session, wanted](const RunContext& context) { return curate(*session, wanted, context); }, this,
        [this](CurateResult result) { show(std::move(result)); });
}

void CuratePage::setFinding(bool finding) {
    m_find->setText(finding ? tr("Stop") : tr("Find"));
    for (QWidget* choice :
         {static_cast<QWidget*>(m_check), static_cast<QWidget*>(m_dataset), static_cast<QWidget*>(m_split),
          static_cast<QWidget*>(m_model), static_cast<QWidget*>(m_by), static_cast<QWidget*>(m_tags)})
        choice->setEnabled(!finding);
}

void CuratePage::show(CurateResult result) {
    m_result = std::move(result);
    if (m_result->answer != Answer::Ready) {
        showNothing(tr("Not encoded yet"),
                    m_result->answer == Answer::Busy
                        ? tr("A run or an encoding has the model. Look again when it is free.")
                        : tr("These images have not been encoded with this model yet, and the workspace is "
                             "open for reading only."));
        return;
    }
    m_rows.setHeaders(m_result->titleHeader, m_result->valueHeader);
    m_grid->bindSelection(m_result->dataset ? &state().selection(m_result->dataset) : nullptr);
    const bool probe = m_result->wanted.check == CurateCheck::Probe;
    const bool copies = m_result->duplicates && m_result->wanted.spec.model.empty();
    m_thresholdBar->setVisible(m_result->duplicates || probe);
    m_thresholdName->setText(probe ? tr("Sure from") : tr("Alike from"));
    m_across->setVisible(!probe);
    m_threshold->setEnabled(!copies);
    if (m_thresholdOf != m_result->wanted.check) { // where it stands says nothing of another question
        m_thresholdOf = m_result->wanted.check;
        const QSignalBlocker quiet(m_threshold);
        m_threshold->setValue(probe ? stepOf(kUsuallySure, confidenceAt)
                                    : stepOf(kNearDuplicateSimilarity, similarityAt));
    }
    if (m_result->duplicates) {
        m_across->setEnabled(m_result->duplicates->findings.splitNames.size() > 1);
        thresholdMoved();
        return;
    }
    m_note->setText(m_result->sentence);
    showGroups(std::move(m_result->groups));
    if (m_groups.empty())
        m_note->setText(m_result->sentence + tr(" There is nothing to show."));
    else if (m_result->wanted.check == CurateCheck::Summary)
        m_table->selectRow(0); // all bins together would show every image several times
    if (probe)
        thresholdMoved();
}

void CuratePage::thresholdMoved() {
    if (m_result && m_result->wanted.check == CurateCheck::Probe) {
        m_thresholdText->setText(shareText(confidenceAt(m_threshold->value())));
        showActions();
        return;
    }
    m_thresholdText->setText(cosineText(similarityAt(m_threshold->value())));
    if (!m_result || !m_result->duplicates)
        return;
    const auto view = m_result->duplicates;
    const int step = m_threshold->isEnabled() ? m_threshold->value() : kSimilaritySteps;
    m_note->setText(countsText(*view, step) + m_result->sentence);
    const bool across = m_across->isChecked() && m_across->isEnabled();
    m_regrouping.start(
        JobSpec(tr("Group duplicates")).setShown(false),
        [view, step, across](const RunContext&) {
            return duplicateGroupsAt(*view, similarityAt(step), across);
        },
        [this](std::vector<CurateGroup> groups) { showGroups(std::move(groups)); });
}

void CuratePage::showGroups(std::vector<CurateGroup> groups) {
    m_groups = std::move(groups);
    std::vector<CurateRow> rows;
    bool noted = false;
    for (const CurateGroup& group : m_groups) {
        rows.push_back(
            {group.title, group.valueText, group.note, group.value, static_cast<int>(group.cards.size())});
        noted = noted || !group.note.isEmpty();
    }
    m_rows.setRows(std::move(rows));
    m_table->setColumnHidden(CurateGroupModel::Note, !noted);
    m_stack->setCurrentIndex(1);
    m_actionBar->setVisible(true);
    showCards();
}

std::vector<const CurateGroup*> CuratePage::chosenGroups() const {
    std::vector<const CurateGroup*> chosen;
    for (const int row : m_table->selectedSourceRows())
        chosen.push_back(&m_groups[static_cast<size_t>(row)]);
    if (chosen.empty())
        for (const CurateGroup& group : m_groups)
            chosen.push_back(&group);
    return chosen;
}

void CuratePage::showCards() {
    if (m_groups.size() != static_cast<size_t>(m_rows.rowCount()))
        return; // the rows are being replaced
    std::vector<SampleCard> cards;
    // Of the bins of a summary an image is in several: all of them together would show it more than once.
    const bool several =
        m_result && m_result->wanted.check == CurateCheck::Summary && m_table->selectedSourceRows().empty();
    if (!several)
        for (const CurateGroup* group : chosenGroups())
            cards.insert(cards.end(), group->cards.begin(), group->cards.end());
    m_cards.setCards(std::move(cards));
    showActions();
}

void CuratePage::showActions() {
    const bool any = m_cards.rowCount() > 0, writable = any && !state().readOnly();
    for (QPushButton* button : {m_select, m_onMap, m_inGrid})
        button->setEnabled(any);
    const bool duplicates = m_result && m_result->duplicates;
    const bool labels = m_result && m_result->wanted.check == CurateCheck::Labels;
    const bool probe = m_result && m_result->wanted.check == CurateCheck::Probe;
    m_tag->setVisible(!probe);
    m_tag->setText(duplicates ? tr("Tag all but one of each…") : tr("Tag…"));
    m_tag->setEnabled(writable);
    m_accept->setVisible(labels || probe);
    m_acceptLabels->setVisible(probe);
    if (labels) {
        m_accept->setText(tr("Correct these labels"));
        m_accept->setToolTip(
            tr("To what is likely, of the chosen groups; what was imported is kept beside it"));
        m_accept->setEnabled(writable);
    }
    if (!probe)
        return;
    size_t sure = 0;
    for (const auto& [tag, samples] : sureOnes(chosenGroups(), confidenceAt(m_threshold->value())))
        sure += samples.size();
    m_accept->setText(tr("Accept %1 as tags").arg(exactCountText(static_cast<long long>(sure))));
    m_accept->setToolTip(tr("Gives the images that are sure enough the tag that was predicted"));
    m_accept->setEnabled(writable && sure > 0);
    const auto at = static_cast<size_t>(std::max(0, m_dataset->currentIndex()));
    bool named = at < m_choices.classes.size();
    for (const QString& tag : m_result->wanted.tags)
        named = named &&
                std::ranges::find(m_choices.classes[at], tag.toStdString()) != m_choices.classes[at].end();
    m_acceptLabels->setEnabled(writable && sure > 0 && named);
}

std::vector<SampleId> CuratePage::shownSamples() const {
    return *m_cards.samples();
}

void CuratePage::showNothing(const QString& heading, const QString& sentence) {
    m_empty->setText(heading, sentence);
    m_groups.clear();
    m_rows.setRows({});
    m_cards.setCards({});
    m_note->clear();
    m_actionBar->setVisible(false);
    m_stack->setCurrentIndex(0);
}

} // namespace diptych::ui
