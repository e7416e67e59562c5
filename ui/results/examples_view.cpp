// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/session/session.h"
#include "ui/jobs/job_runner.h"
#include "ui/models/example_list_model.h"
#include "ui/models/formatting.h"
#include "ui/results/run_filter.h"
#include "ui/results/views.h"
#include "ui/state/app_state.h"
#include "ui/theme/theme.h"
#include "ui/widgets/elided_label.h"
#include "ui/widgets/folding_row.h"
#include "ui/widgets/sample_actions.h"
#include "ui/widgets/thumbnail_grid.h"

#include <QComboBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QVBoxLayout>

#include <algorithm>
#include <cmath>
#include <unordered_set>

namespace diptych::ui {
namespace {

/// Rows that have no caption score stay where they are, after those that have.
void sortByCaptionScore(std::vector<ExampleRow>& rows, bool descending) {
    const auto scored = std::stable_partition(
        rows.begin(), rows.end(), [](const ExampleRow& row) { return std::isfinite(row.captionScore); });
    std::stable_sort(rows.begin(), scored, [descending](const ExampleRow& a, const ExampleRow& b) {
        return descending ? a.captionScore > b.captionScore : a.captionScore < b.captionScore;
    });
}

/// Examples that the choices above them leave, and how many there are without the dataset's filter.
struct LoadedExamples {
    std::vector<ExampleRow> rows;
    size_t all = 0;
};

/// @param only null = any
LoadedExamples loadExamples(const Workspace& workspace, RunId run, const ExampleFilter& filter,
                            const ExampleSort& sort, const SampleList& members, const SampleList& only) {
    LoadedExamples out;
    std::unordered_set<SampleId> wanted, chosen;
    if (members)
        wanted.insert(members->begin(), members->end());
    if (only)
        chosen.insert(only->begin(), only->end());
    for (const ExampleResult& example : workspace.examples(run, filter, sort)) {
        if (only && !chosen.contains(example.sample))
            continue;
        ++out.all;
        if (!members || wanted.contains(example.sample))
            out.rows.push_back(ExampleRow::fromExample(example));
    }
    if (sort.by == ExampleOrder::Confidence)
        sortByCaptionScore(out.rows, sort.descending);
    return out;
}

/// The run's examples as pictures with what was predicted, by verdict, true and predicted class.
class ExamplesView : public ResultView {
public:
    explicit ExamplesView(const ResultContext& context) : ResultView(context), m_loading(context.jobs, this) {
        auto* layout = new QVBoxLayout(this);
        layout->setContentsMargins(theme::kLarge, theme::kLarge, theme::kLarge, 0);
        layout->setSpacing(theme::kMedium);
        auto* bar = new FoldingRow;
        m_verdict = combo(QStringLiteral("verdict"), tr("Verdict"));
        m_verdict->addItems({tr("Any verdict"), tr("Right"), tr("Wrong"), tr("Not readable")});
        m_target = combo(QStringLiteral("targetClass"), tr("True class"));
        m_predicted = combo(QStringLiteral("predictedClass"), tr("Predicted class"));
        m_order = combo(QStringLiteral("exampleOrder"), tr("Order"));
        m_order->addItems({tr("Dataset order"), tr("Most confident"), tr("Least confident")});
        m_count = new ElidedLabel(Qt::ElideRight);
        m_count->setObjectName(QStringLiteral("exampleCount"));
        theme::style(m_count, theme::Text::Caption);
        auto* reset = new QPushButton(tr("Show all"));
        connect(reset, &QPushButton::clicked, this, [this] { setExampleFilter({}, {}); });
        for (QComboBox* box : {m_verdict, m_target, m_predicted, m_order}) {
            bar->first()->addWidget(box);
            connect(box, &QComboBox::activated, this, [this] {
                m_title.clear();
                m_only.reset();
                load();
            });
        }
        bar->second()->addWidget(reset);
        m_count->setAlignment(Qt::AlignRight | Qt::AlignVCenter);
        bar->second()->addWidget(m_count, 1);
        layout->addWidget(bar);
        m_filter = new RunFilter(context);
        layout->addWidget(m_filter);
        connect(m_filter, &RunFilter::changed, this, &ExamplesView::load);
        m_grid = new ThumbnailGrid(context.thumbnails);
        m_grid->setObjectName(QStringLiteral("exampleGrid"));
        m_grid->setAccessibleName(tr("Examples"));
        m_grid->setModel(&m_examples);
        layout->addWidget(m_grid, 1);
        context.actions.attach(m_grid, [this] { return m_run ? m_run->id : RunId{}; });
    }

    void setRun(std::shared_ptr<const RunRecord> run) override {
        m_run = std::move(run);
        m_grid->bindSelection(m_run->datasetId ? &context().state.selection(m_run->datasetId) : nullptr);
        m_filter->setRun(*m_run);
        m_names.clear();
        for (const std::string& name : m_run->classNames)
            m_names.append(toQString(name));
        const bool captions = findMetric(m_run->metrics, "clipscore") != nullptr;
        const bool classes = !captions && !m_names.isEmpty();
        m_verdict->setVisible(!captions); // a score is neither right nor wrong
        m_target->setVisible(classes);
        m_predicted->setVisible(classes);
        m_order->setVisible(classes || captions);
        m_order->setItemText(1, captions ? tr("Highest score") : tr("Most confident"));
        m_order->setItemText(2, captions ? tr("Lowest score") : tr("Least confident"));
        m_order->setCurrentIndex(classes || captions ? m_order->currentIndex() : 0);
        fillClasses(m_target, tr("Any class"));
        fillClasses(m_predicted, tr("Any prediction"));
        setExampleFilter({}, {});
    }

    void setExampleFilter(const ExampleFilter& filter, const QString& title) override {
        m_title = title;
        m_only.reset();
        const bool unreadable = filter.status && *filter.status == ExampleStatus::Unreadable;
        m_verdict->setCurrentIndex(unreadable ? 3 : !filter.correct ? 0 : *filter.correct ? 1 : 2);
        m_target->setCurrentIndex(m_target->findData(filter.target.value_or(-1)));
        m_predicted->setCurrentIndex(m_predicted->findData(filter.predicted.value_or(-1)));
        load();
    }

    void showSamples(SampleList samples, const QString& title) override {
        for (QComboBox* box : {m_verdict, m_target, m_predicted})
            box->setCurrentIndex(0);
        m_title = title;
        m_only = std::move(samples);
        load();
    }

private:
    static QComboBox* combo(const QString& objectName, const QString& accessibleName) {
        auto* box = new QComboBox;
        box->setObjectName(objectName);
        box->setAccessibleName(accessibleName);
        box->setMaxVisibleItems(24);
        box->setSizeAdjustPolicy(QComboBox::AdjustToContents);
        box->setMinimumContentsLength(9); // so that large text leaves them all in sight
        return box;
    }
    void fillClasses(QComboBox* box, const QString& any) {
        box->clear();
        box->addItem(any, -1);
        for (int i = 0; i < m_names.size(); ++i)
            box->addItem(m_names[i], i);
    }
    ExampleFilter filter() const {
        ExampleFilter filter;
        if (m_verdict->currentIndex() == 1 || m_verdict->currentIndex() == 2)
            filter.correct = m_verdict->currentIndex() == 1;
        if (m_verdict->currentIndex() == 3)
            filter.status = ExampleStatus::Unreadable;
        if (m_target->currentData().toInt() >= 0)
            filter.target = m_target->currentData().toInt();
        if (m_predicted->currentData().toInt() >= 0)
            filter.predicted = m_predicted->currentData().toInt();
        return filter;
    }
    void load() {
        const auto session = context().state.session();
        if (!session || !m_run)
            return;
        ExampleSort sort;
        if (m_order->currentIndex() > 0) {
            sort.by = ExampleOrder::Confidence;
            sort.descending = m_order->currentIndex() == 1;
        }
        m_loading.start(
            JobSpec(tr("Load examples")).setShown(false),
            [session, id = m_run->id, filter = filter(), sort, members = m_filter->members(),
             only = m_only](const RunContext&) {
                return loadExamples(session->workspace(), id, filter, sort, members, only);
            },
            [this](LoadedExamples loaded) {
                const QString count =
                    countOf(static_cast<long long>(loaded.rows.size()), tr("example"), tr("examples"));
                m_count->setFullText(m_title.isEmpty() ? count : tr("%1: %2").arg(m_title, count));
                m_filter->setCount(loaded.rows.size(), loaded.all, tr("examples"));
                m_examples.setExamples(std::move(loaded.rows), m_names);
                m_grid->scrollToTop();
            });
    }

    std::shared_ptr<const RunRecord> m_run;
    QStringList m_names;
    QString m_title;
    SampleList m_only; ///< null = all that the boxes leave
    RunFilter* m_filter;
    ExampleListModel m_examples;
    LatestOnly m_loading;
    QComboBox *m_verdict, *m_target, *m_predicted, *m_order;
    ElidedLabel* m_count;
    ThumbnailGrid* m_grid;
};

} // namespace

ResultView* makeExamplesView(const ResultContext& context) {
    return new ExamplesView(context);
}

} // namespace diptych::ui
