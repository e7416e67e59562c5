// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/compare/compare_page.h"

#include "core/metrics/number_text.h"
#include "core/session/session.h"
#include "ui/models/formatting.h"
#include "ui/pages/compare/outcome_table.h"
#include "ui/pages/compare/pair_list.h"
#include "ui/pages/compare/run_choice.h"
#include "ui/pages/compare/run_table_view.h"
#include "ui/pages/compare/spaces_view.h"
#include "ui/state/selection.h"
#include "ui/widgets/elided_label.h"
#include "ui/widgets/empty_state.h"
#include "ui/widgets/sample_actions.h"
#include "ui/widgets/table_view.h"

#include <QCheckBox>
#include <QComboBox>
#include <QLabel>
#include <QPushButton>
#include <QSignalBlocker>
#include <QStackedWidget>
#include <QTabWidget>
#include <QToolButton>

#include <algorithm>
#include <set>
#include <utility>

namespace diptych::ui {

ComparePage::ComparePage(const PageContext& context)
    : Page(context), m_loading(context.jobs, this), m_comparing(context.jobs, this) {
    buildPage();
    connect(m_first, &QComboBox::currentIndexChanged, this, [this] {
        offerRuns(*m_second, m_runs, runOf(*m_first));
        compare();
    });
    connect(m_second, &QComboBox::currentIndexChanged, this, &ComparePage::compare);
    connect(m_swap, &QToolButton::clicked, this, &ComparePage::swapSides);
    connect(m_empty, &EmptyState::actionTriggered, this,
            [this] { state().showPage(QStringLiteral("evaluate")); });
    connect(m_outcomes, &OutcomeTable::chosen, this, &ComparePage::setKind);
    connect(m_kind, &QComboBox::currentIndexChanged, this, &ComparePage::filter);
    connect(m_order, &QComboBox::currentIndexChanged, this, &ComparePage::filter);
    connect(m_withoutCommonWrong, &QCheckBox::toggled, this, &ComparePage::filter);
    connect(m_classTable->selectionModel(), &QItemSelectionModel::selectionChanged, this,
            &ComparePage::filter);
    connect(m_tabs, &QTabWidget::currentChanged, this, &ComparePage::showWords);
    connect(m_all, &QPushButton::clicked, this, &ComparePage::showAllPairs);
    connect(m_list, &QListView::activated, this, &ComparePage::openPair);
    actions().attach(m_list, [this] {
        SampleTarget target;
        target.samples = m_list->selectedSamples();
        target.current = m_list->sampleOf(m_list->currentIndex());
        target.run = m_pair ? m_pair->comparison.first.id : RunId{};
        target.siblings = [this] { return m_list->pairs().samples(); };
        return target;
    });
    connect(&state(), &AppState::workspaceChanged, this, [this] {
        m_runs.clear();
        m_wanted.reset();
        m_pair.reset();
        reloadRuns();
    });
    connect(&state(), &AppState::runsChanged, this, [this] {
        m_stale = true;
        if (isVisible())
            reloadRuns();
    });
    connect(&state(), &AppState::comparisonRequested, this, &ComparePage::requested);
    showNothing(tr("Nothing to compare yet"), tr("Open a workspace first."));
}

void ComparePage::activated() {
    if (m_stale)
        reloadRuns();
}

void ComparePage::refresh() {
    m_pair.reset();
    reloadRuns();
}

bool ComparePage::cancel() {
    if (m_comparing.active()) {
        m_comparing.cancel();
        return true;
    }
    const bool narrowed = m_pair && m_list->pairs().rowCount() < static_cast<int>(m_pair->comparison.common);
    if (narrowed)
        showAllPairs();
    return narrowed;
}

void ComparePage::reloadRuns() {
    const auto session = state().session();
    m_stale = false;
    if (!session) {
        setRuns({});
        return;
    }
    m_loading.start(
        JobSpec(tr("List runs")).setShown(false),
        [session](const RunContext&) { return session->workspace().runs(); },
        [this](std::vector<RunRecord> runs) { setRuns(std::move(runs)); });
}

void ComparePage::setRuns(std::vector<RunRecord> runs) {
    m_runs = std::move(runs);
    offerRuns(*m_first, m_runs, nullptr);
    m_table->setRuns(m_runs);
    if (const auto wanted = std::exchange(m_wanted, {})) {
        requested(*wanted);
        return;
    }
    RunId first = chosenRun(*m_first), second = chosenRun(*m_second);
    offerRuns(*m_second, m_runs, runOf(*m_first));
    if (!first || !chosenRun(*m_second))
        std::tie(first, second) = likelyPair(m_runs);
    chooseRuns(first, second);
}

const RunRecord* ComparePage::runOf(const QComboBox& box) const {
    const auto found = std::ranges::find(m_runs, chosenRun(box), &RunRecord::id);
    return found == m_runs.end() ? nullptr : &*found;
}

void ComparePage::requested(const std::vector<RunId>& runs) {
    const auto known = [this](RunId id) {
        return std::ranges::find(m_runs, id, &RunRecord::id) != m_runs.end();
    };
    if (m_stale || !std::ranges::all_of(runs, known)) {
        m_wanted = runs;
        reloadRuns();
        return;
    }
    if (runs.size() == 2) {
        m_tabs->setCurrentIndex(0);
        chooseRuns(runs[0], runs[1]);
        return;
    }
    m_tabs->setCurrentWidget(m_table);
    m_table->tick(runs);
}

void ComparePage::chooseRuns(RunId first, RunId second) {
    const auto choose = [](QComboBox& box, RunId run) {
        const QSignalBlocker quiet(box);
        box.setCurrentIndex(box.findData(QVariant::fromValue<qlonglong>(run.value)));
    };
    choose(*m_first, first);
    offerRuns(*m_second, m_runs, runOf(*m_first));
    choose(*m_second, second);
    compare();
}

void ComparePage::swapSides() {
    const RunId first = chosenRun(*m_first), second = chosenRun(*m_second);
    if (first && second)
        chooseRuns(second, first);
}

void ComparePage::compare() {
    const auto session = state().session();
    const RunId first = chosenRun(*m_first), second = chosenRun(*m_second);
    m_swap->setEnabled(first && second);
    if (!session || !first || !second) {
        m_comparing.cancel();
        const bool some = std::ranges::count_if(m_runs, isComparable) >= 2;
        showNothing(
            some ? tr("Choose two runs") : tr("Nothing to compare yet"),
            some ? tr("They stand beside each other here, where they disagree first. Runs on one dataset "
                      "share examples.")
                 : tr("Two runs on one dataset, of two models or two ways to prompt one, stand beside "
                      "each other here."));
        return;
    }
    if (m_pair && m_pair->comparison.first.id == first && m_pair->comparison.second.id == second)
        return;
    m_comparing.start(
        JobSpec(tr("Compare runs %1 and %2").arg(first.value).arg(second.value)),
        [session, first, second](const RunContext& context) {
            return comparePair(session->workspace(), first, second, context);
        },
        [this](ComparedPairPtr pair) { showPair(std::move(pair)); },
        [this](const Error& error) {
            showNothing(tr("These two cannot be compared"), QString::fromUtf8(error.what()));
        });
}

void ComparePage::showNothing(const QString& heading, const QString& sentence) {
    m_pair.reset();
    m_list->setPairs(nullptr, {});
    m_classes.setClasses({});
    showWords();
    m_empty->setText(heading, sentence);
    m_empty->button()->setVisible(std::ranges::count_if(m_runs, isComparable) < 2 &&
                                  state().session() != nullptr);
    m_stack->setCurrentIndex(0);
    m_spaces->show(nullptr);
}

void ComparePage::showPair(ComparedPairPtr pair) {
    m_pair = std::move(pair);
    const RunComparison& c = m_pair->comparison;
    showVerdict(c);
    m_outcomes->show(c);
    {
        const QSignalBlocker quiet(m_kind);
        const int before = m_kind->currentIndex();
        m_kind->clear();
        for (const PairKind kind : pairKinds())
            if (c.rightOrWrong() || (kind != PairKind::BothWrong && kind != PairKind::BothWrongAgree &&
                                     kind != PairKind::BothWrongDiffer))
                m_kind->addItem(toQString(pairKindTitle(kind, c, "A", "B")), int(kind));
        m_kind->setCurrentIndex(before >= 0 && before < m_kind->count() ? before : 0);
    }
    const QSignalBlocker quiet(m_classTable->selectionModel());
    m_classes.setClasses(c.classes);
    m_classTable->sortByColumn(ClassDifferencesModel::Difference, Qt::DescendingOrder);
    m_classTable->setVisible(!c.classes.empty());
    m_withoutCommonWrong->setVisible(c.rightOrWrong());
    m_list->bindSelection(c.first.datasetId ? &state().selection(c.first.datasetId) : nullptr);
    const auto leaf = [&](const RunRecord& run, double mean) {
        return QStringLiteral("%1 · %2").arg(toQString(run.modelName), toQString(c.meanText(mean)));
    };
    m_leftLeaf->setFullText(tr("A · ") + leaf(c.first, c.firstMean));
    m_rightLeaf->setFullText(tr("B · ") + leaf(c.second, c.secondMean));
    m_stack->setCurrentIndex(1);
    filter();
    m_spaces->show(m_pair);
}

void ComparePage::showVerdict(const RunComparison& c) {
    m_verdict->setText(toQString(verdictText(c, "A", "B")));
    const auto side = [&](const QString& letter, const RunRecord& run, double mean) {
        return tr("%1 is run %2, %3").arg(letter).arg(run.id.value).arg(toQString(c.meanText(mean)));
    };
    QStringList parts{side(tr("A"), c.first, c.firstMean), side(tr("B"), c.second, c.secondMean)};
    const QString examples = countOf(static_cast<long long>(c.common), tr("example"), tr("examples"));
    parts << (c.rightOrWrong() ? tr("right of %1 that both judge").arg(examples)
                               : tr("%1 over %2 that both judge").arg(toQString(c.score), examples));
    if (c.mcNemar)
        parts << tr("McNemar's test: %1").arg(toQString(pValueText(c.mcNemar->pValue)));
    else
        parts << tr("bootstrap: %1").arg(toQString(pValueText(c.difference.pValue)));
    if (c.onlyInFirst + c.onlyInSecond > 0)
        parts << tr("judged by one alone and left out: %1").arg(c.onlyInFirst + c.onlyInSecond);
    QString text = parts.join(QStringLiteral("  ·  "));
    for (const std::string& note : c.notes)
        text += QLatin1Char('\n') + toQString(note);
    m_numbers->setText(text);
    showWords();
}

/// They are about the pair, not about the table of many.
void ComparePage::showWords() {
    const bool shown = m_pair && m_tabs->currentWidget() != m_table;
    m_verdict->setVisible(shown);
    m_numbers->setVisible(shown);
}

void ComparePage::setKind(PairKind kind) {
    m_kind->setCurrentIndex(m_kind->findData(int(kind)));
}

void ComparePage::filter() {
    if (!m_pair)
        return;
    const RunComparison& c = m_pair->comparison;
    const auto kind = static_cast<PairKind>(m_kind->currentData().toInt());
    const auto order = static_cast<PairOrder>(m_order->currentData().toInt());
    std::vector<uint32_t> places = pairsOf(c, kind, order);
    std::set<std::string> classes;
    for (const int row : m_classTable->selectedSourceRows())
        classes.insert(m_classes.row(row).name);
    const bool withoutWrong = c.rightOrWrong() && m_withoutCommonWrong->isChecked();
    std::erase_if(places, [&](uint32_t place) {
        const ComparedExample& example = c.examples[place];
        return (withoutWrong && example.outcome == PairOutcome::BothWrong) ||
               (!classes.empty() && !classes.contains(c.nameOf(example.truth)));
    });
    m_outcomes->setKind(kind);
    m_count->setText(tr("%1 of %2")
                         .arg(exactCountText(static_cast<long long>(places.size())),
                              exactCountText(static_cast<long long>(c.common))));
    m_all->setVisible(places.size() < c.common);
    m_list->setPairs(m_pair, std::move(places));
}

void ComparePage::showAllPairs() {
    {
        const QSignalBlocker one(m_kind), two(m_withoutCommonWrong), three(m_classTable->selectionModel());
        m_kind->setCurrentIndex(0);
        m_withoutCommonWrong->setChecked(false);
        m_classTable->clearSelection();
    }
    m_classTable->viewport()->update();
    filter();
}

void ComparePage::openPair(const QModelIndex& index) {
    SampleTarget target;
    target.current = m_list->sampleOf(index);
    target.samples = {target.current};
    target.run = m_pair->comparison.first.id;
    target.siblings = [this] { return m_list->pairs().samples(); };
    actions().open(target);
}

} // namespace diptych::ui
