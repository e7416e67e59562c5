// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/datasets/facet_bar.h"

#include "core/session/session.h"
#include "ui/models/facet_model.h"
#include "ui/models/formatting.h"
#include "ui/state/app_state.h"
#include "ui/theme/theme.h"
#include "ui/widgets/choice_box.h"
#include "ui/widgets/facet_delegate.h"
#include "ui/widgets/range_histogram.h"

#include <QComboBox>
#include <QLineEdit>
#include <QScopedValueRollback>
#include <QScrollBar>
#include <QSignalBlocker>
#include <QTreeView>
#include <QVBoxLayout>

#include <algorithm>

namespace diptych::ui {

namespace {

constexpr int64_t kFewEnoughToShow = 60; ///< values of a facet that is unfolded by itself

template<class T>
void setAmong(std::vector<T>& list, const T& value, bool on) {
    std::erase(list, value);
    if (on)
        list.push_back(value);
}

/// The condition on @p column in @p list, made where there is none.
template<class Condition>
Condition& conditionOn(std::vector<Condition>& list, const std::string& column) {
    const auto found =
        std::find_if(list.begin(), list.end(), [&](const Condition& one) { return one.column == column; });
    if (found != list.end())
        return *found;
    list.push_back({column, {}});
    return list.back();
}

/// Of what the database finds alone and of a list: what of the dataset is counted at all; null = all of it.
std::unique_ptr<std::vector<SampleId>> countedAtAll(Workspace& workspace, const FacetTable& table,
                                                    const ViewSpec& spec) {
    const SampleFilter rest = table.rest(spec.filter);
    std::unique_ptr<std::vector<SampleId>> within;
    if (spec.ids) {
        within = std::make_unique<std::vector<SampleId>>(*spec.ids);
        std::sort(within->begin(), within->end());
    }
    if (rest == SampleFilter())
        return within;
    std::vector<SampleId> found = workspace.sampleIds(table.dataset(), rest);
    std::sort(found.begin(), found.end());
    if (within) {
        std::vector<SampleId> both;
        std::set_intersection(within->begin(), within->end(), found.begin(), found.end(),
                              std::back_inserter(both));
        found = std::move(both);
    }
    return std::make_unique<std::vector<SampleId>>(std::move(found));
}

} // namespace

FacetBar::FacetBar(const PageContext& context, QWidget* parent)
    : QWidget(parent),
      m_context(context),
      m_loading(context.jobs, this),
      m_counting(context.jobs, this),
      m_model(new FacetModel(this)),
      m_tree(new QTreeView(this)),
      m_find(new QLineEdit(this)),
      m_runs(new ChoiceBox("facetRun", tr("Results of a run"), 8, this)) {
    setObjectName(QStringLiteral("facetBar"));
    m_find->setPlaceholderText(tr("Find a value"));
    m_find->setAccessibleName(m_find->placeholderText());
    m_find->setClearButtonEnabled(true);
    m_runs->setToolTip(tr("Count what a run got right and wrong too"));
    m_runs->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
    m_runs->hide();
    m_tree->setObjectName(QStringLiteral("facets"));
    m_tree->setAccessibleName(tr("Counts"));
    m_tree->setModel(m_model);
    m_tree->setItemDelegate(new FacetDelegate(m_tree));
    m_tree->setHeaderHidden(true);
    m_tree->setIndentation(theme::kMedium);
    m_tree->setMouseTracking(true);
    m_tree->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_tree->setVerticalScrollMode(QAbstractItemView::ScrollPerPixel);
    m_tree->setEditTriggers(QAbstractItemView::NoEditTriggers);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(theme::kSmall);
    layout->addWidget(m_find);
    layout->addWidget(m_runs);
    layout->addWidget(m_tree, 1);
    setTabOrder(m_find, m_runs);
    setTabOrder(m_runs, m_tree);
    connectAll();
}

void FacetBar::connectAll() {
    AppState& state = m_context.state;
    connect(&state, &AppState::tagsChanged, this, &FacetBar::load);
    connect(&state, &AppState::datasetsChanged, this, &FacetBar::load);
    connect(&state, &AppState::runsChanged, this, &FacetBar::load);
    connect(&state, &AppState::currentRunChanged, this, [this] {
        m_run = {};
        load();
    });
    connect(m_find, &QLineEdit::textChanged, m_model, &FacetModel::find);
    connect(m_runs, &QComboBox::currentIndexChanged, this, [this] {
        m_run = {m_runs->currentData().toLongLong()};
        m_withoutRun = !m_run;
        if (m_view && m_view->filter().outcome) { // its conditions are of the other run
            SampleFilter filter = m_view->filter();
            filter.outcome.reset();
            m_view->setFilter(std::move(filter));
        }
        load();
    });
    connect(m_model, &FacetModel::chosen, this, &FacetBar::choose);
    connect(m_model, &QAbstractItemModel::modelAboutToBeReset, this, [this] { m_arranging = true; });
    connect(m_model, &QAbstractItemModel::modelReset, this, &FacetBar::arrangeTree);
    connect(m_tree, &QTreeView::collapsed, this, [this](const QModelIndex& index) {
        if (m_arranging)
            return;
        m_folded.insert(m_model->keyOf(index));
        m_unfolded.remove(m_model->keyOf(index));
    });
    connect(m_tree, &QTreeView::expanded, this, [this](const QModelIndex& index) {
        if (!m_arranging) {
            m_unfolded.insert(m_model->keyOf(index));
            m_folded.remove(m_model->keyOf(index));
        }
    });
    connect(m_tree, &QTreeView::clicked, this, [this](const QModelIndex& index) {
        if (index.data(FacetModel::KindRole).toInt() == FacetModel::FacetRow) // its arrow is small
            m_tree->setExpanded(index, !m_tree->isExpanded(index));
    });
    m_tree->setExpandsOnDoubleClick(false);
}

void FacetBar::bindView(DatasetView* view) {
    if (m_view == view)
        return;
    if (m_view)
        m_view->disconnect(this);
    m_view = view;
    m_table.reset();
    m_counting.cancel();
    m_run = {};
    m_withoutRun = false;
    if (!view) {
        m_loading.cancel();
        m_model->setCounts({});
        return;
    }
    connect(view, &DatasetView::changed, this, [this] {
        const auto& outcome = m_view->filter().outcome;
        if (outcome && outcome->run != m_run) // a slice of another run: its counts belong here then
            load();
        else
            count();
    });
    load();
}

RunId FacetBar::wantedRun() const {
    const auto& outcome = m_view->filter().outcome;
    return outcome ? outcome->run : m_run ? m_run : m_context.state.currentRun();
}

void FacetBar::load() {
    const std::shared_ptr<Session> session = m_context.state.session();
    if (!session || !m_view)
        return;
    m_loading.start(
        JobSpec(tr("Count samples")).setShown(false),
        [session, dataset = m_view->dataset(), wanted = wantedRun(),
         none = m_withoutRun && !m_view->filter().outcome](const RunContext&) {
            Loaded loaded;
            Workspace& workspace = session->workspace();
            loaded.runs = workspace.runs({.dataset = dataset});
            std::erase_if(loaded.runs, [](const RunRecord& run) {
                return run.status != RunStatus::Finished || run.exampleCount == 0;
            });
            const bool there = std::any_of(loaded.runs.begin(), loaded.runs.end(),
                                           [&](const RunRecord& run) { return run.id == wanted; });
            loaded.table = std::make_shared<const FacetTable>(
                workspace.facetTable(dataset, there && !none ? wanted : RunId()));
            return loaded;
        },
        [this](Loaded loaded) {
            m_table = std::move(loaded.table);
            m_run = m_table->run();
            showRuns(loaded.runs);
            count();
        });
}

void FacetBar::showRuns(const std::vector<RunRecord>& runs) {
    const QSignalBlocker quiet(m_runs);
    m_runs->clear();
    m_runs->addItem(tr("Without results"), 0);
    for (const RunRecord& run : runs) {
        const QString title = toQString(run.title.empty() ? run.task : run.title);
        m_runs->addItem(tr("Run %1: %2, %3").arg(run.id.value).arg(title, toQString(run.modelName)),
                        static_cast<qlonglong>(run.id.value));
    }
    m_runs->setCurrentIndex(std::max(0, m_runs->findData(static_cast<qlonglong>(m_run.value))));
    m_runs->setVisible(!runs.empty());
}

void FacetBar::count() {
    const std::shared_ptr<Session> session = m_context.state.session();
    if (!session || !m_view || !m_table)
        return;
    m_counting.start(
        JobSpec(tr("Count samples")).setShown(false),
        [session, table = m_table, spec = m_view->spec()](const RunContext&) {
            const auto within = countedAtAll(session->workspace(), *table, spec);
            return table->count(spec.filter, within.get());
        },
        [this](FacetCounts counts) { showCounts(std::move(counts)); },
        [](const Error&) {}); // the grid says what is wrong with the filter
}

void FacetBar::showCounts(FacetCounts counts) {
    m_model->setCounts(std::move(counts));
    placeHistograms();
}

void FacetBar::arrangeTree() {
    m_histograms.clear(); // their lines are gone, and they with them
    for (int row = 0; row < m_model->rowCount(); ++row) {
        const QModelIndex index = m_model->index(row, 0);
        const QString key = m_model->keyOf(index);
        const Facet& facet = *m_model->facetOf(index);
        const bool open =
            m_model->finding()       ? m_model->rowCount(index) > 0
            : m_folded.contains(key) ? false
            : m_unfolded.contains(key)
                ? true
                : facet.histogram || facet.distinct <= kFewEnoughToShow || facet.kind == FacetKind::Class;
        m_tree->setExpanded(index, open);
        m_tree->setRowHidden(row, {}, m_model->finding() && m_model->rowCount(index) == 0);
    }
    m_arranging = false;
    placeHistograms();
}

void FacetBar::placeHistograms() {
    for (int row = 0; row < m_model->rowCount(); ++row) {
        const QModelIndex index = m_model->index(row, 0);
        const Facet& facet = *m_model->facetOf(index);
        if (!facet.histogram)
            continue;
        const QString key = m_model->keyOf(index);
        RangeHistogram*& widget = m_histograms[key];
        if (!widget) {
            widget = new RangeHistogram(m_model->titleOf(facet));
            connect(widget, &RangeHistogram::rangeChanged, this,
                    [this, kind = facet.kind, name = facet.name](const NumberRange& range) {
                        chooseRange(kind, name, range);
                    });
            m_tree->setIndexWidget(m_model->index(0, 0, index), widget);
        }
        widget->setHistogram(*facet.histogram);
    }
}

RangeHistogram* FacetBar::histogramOf(const QString& column) const {
    for (int row = 0; row < m_model->rowCount(); ++row)
        if (const QModelIndex index = m_model->index(row, 0);
            m_model->titleOf(*m_model->facetOf(index)) == column)
            return m_histograms.value(m_model->keyOf(index));
    return nullptr;
}

OutcomeFilter FacetBar::outcome() const {
    return m_view->filter().outcome.value_or(OutcomeFilter{m_table->run()});
}

void FacetBar::choose(const Facet& facet, const FacetValue& value, bool on) {
    if (!m_view || !m_table)
        return;
    SampleFilter filter = m_view->filter();
    OutcomeFilter result = outcome();
    switch (facet.kind) {
    case FacetKind::Class:
        setAmong(filter.labels, value.index, on);
        break;
    case FacetKind::Split:
        setAmong(filter.splits, value.text, on);
        break;
    case FacetKind::Tag:
        setAmong(filter.tags, value.text, on);
        break;
    case FacetKind::Column:
        setAmong(conditionOn(filter.columns, facet.name).values, value.text, on);
        std::erase_if(filter.columns, [](const ColumnFilter& column) { return column.values.empty(); });
        break;
    case FacetKind::Verdict:
        result.verdict = !on ? Verdict::Any : value.index == 1 ? Verdict::Right : Verdict::Wrong;
        break;
    case FacetKind::Prediction:
        setAmong(result.predicted, value.index, on);
        break;
    case FacetKind::Confidence:
        break;
    }
    if (result != outcome())
        filter.outcome = result;
    if (filter.outcome == OutcomeFilter{m_table->run()})
        filter.outcome.reset(); // the last of its conditions is gone
    m_view->setFilter(std::move(filter));
}

void FacetBar::chooseRange(FacetKind kind, const std::string& column, const NumberRange& range) {
    if (!m_view || !m_table)
        return;
    SampleFilter filter = m_view->filter();
    if (kind == FacetKind::Confidence) {
        OutcomeFilter result = outcome();
        result.confidence = range;
        filter.outcome = result;
        if (result == OutcomeFilter{m_table->run()})
            filter.outcome.reset();
    } else {
        conditionOn(filter.ranges, column).range = range;
        std::erase_if(filter.ranges, [](const ColumnRange& one) { return one.range == NumberRange(); });
    }
    m_view->setFilter(std::move(filter));
}

} // namespace diptych::ui
