// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/runs/comparison_view.h"

#include "core/metrics/number_text.h"
#include "ui/models/formatting.h"
#include "ui/state/app_state.h"
#include "ui/state/selection.h"
#include "ui/theme/theme.h"
#include "ui/widgets/sample_actions.h"
#include "ui/widgets/thumbnail_grid.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QVBoxLayout>

#include <unordered_map>

namespace diptych::ui {
namespace {

constexpr size_t kResamples = 1000;
constexpr int kThumbnailSide = 112;

QString runText(const QString& letter, const RunRecord& run, const RunComparison& comparison, double mean) {
    const QString text = comparison.rightOrWrong()
                             ? ComparisonView::tr("%1: run %2, %3 of %4 with %5: %6 right")
                             : ComparisonView::tr("%1: run %2, %3 of %4 with %5: on average %6");
    return text.arg(letter)
        .arg(run.id.value)
        .arg(asContinuation(toQString(run.title.empty() ? run.task : run.title)), toQString(run.datasetName),
             toQString(run.modelName), toQString(comparison.meanText(mean)));
}

QString numbersText(const RunComparison& c) {
    const auto difference = [&](double value) { return toQString(c.differenceText(value)); };
    QString text = ComparisonView::tr("A less B: <b>%1</b>, 95 % interval %2 to %3")
                       .arg(difference(c.difference.difference), difference(c.difference.interval.low),
                            difference(c.difference.interval.high));
    if (const auto& test = c.mcNemar)
        text += ComparisonView::tr("  ·  McNemar's test%1: %2")
                    .arg(test->exact ? ComparisonView::tr(" (exact)") : QString(),
                         toQString(pValueText(test->pValue)).toHtmlEscaped());
    else
        text += ComparisonView::tr("  ·  %1  ·  compared by: %2")
                    .arg(toQString(pValueText(c.difference.pValue)), toQString(c.score))
                    .toHtmlEscaped();
    return text;
}

/// What a run took each sample for; samples without a prediction are left out.
std::unordered_map<SampleId, QString> predictionsOf(const Workspace& workspace, RunId run) {
    const std::vector<std::string> names = workspace.run(run).classNames;
    std::unordered_map<SampleId, QString> out;
    for (const ExampleResult& example : workspace.examples(run)) {
        if (example.predictions.empty())
            continue;
        const auto index = static_cast<size_t>(example.predictions.front().index);
        if (index < names.size())
            out.emplace(example.sample, toQString(names[index]));
    }
    return out;
}

std::vector<SampleCard> cardsOf(const Workspace& workspace, const std::vector<SampleId>& ids,
                                const std::unordered_map<SampleId, QString>& first,
                                const std::unordered_map<SampleId, QString>& second) {
    std::vector<SampleCard> cards;
    for (const Sample& sample : workspace.samples(ids, SampleDetail::Basic)) {
        const auto ofFirst = first.find(sample.id), ofSecond = second.find(sample.id);
        if (ofFirst != first.end() && ofSecond != second.end())
            cards.push_back({sample.id, ComparisonView::tr("A: %1").arg(ofFirst->second),
                             ComparisonView::tr("B: %1").arg(ofSecond->second)});
        else
            cards.push_back({sample.id, toQString(sample.key), QString()});
    }
    return cards;
}

} // namespace

ShownComparison compareForView(const Workspace& workspace, RunId first, RunId second,
                               const RunContext& context) {
    ShownComparison shown;
    shown.comparison = compareRuns(workspace, first, second, kResamples, context);
    const auto ofFirst = predictionsOf(workspace, first), ofSecond = predictionsOf(workspace, second);
    shown.firstAlone = cardsOf(workspace, shown.comparison.firstHigher, ofFirst, ofSecond);
    shown.secondAlone = cardsOf(workspace, shown.comparison.secondHigher, ofFirst, ofSecond);
    return shown;
}

ComparisonView::ComparisonView(const PageContext& context, QWidget* parent)
    : QWidget(parent), m_context(context) {
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(theme::kHuge, theme::kSmall, theme::kHuge, theme::kHuge);
    layout->setSpacing(theme::kSmall);
    auto* bar = new QHBoxLayout;
    m_title = new QLabel;
    m_title->setObjectName(QStringLiteral("comparisonTitle"));
    m_title->setWordWrap(true);
    theme::style(m_title, theme::Text::Heading);
    auto* close = new QPushButton(tr("Close the comparison"));
    close->setObjectName(QStringLiteral("closeComparison"));
    connect(close, &QPushButton::clicked, this, &ComparisonView::closed);
    bar->addWidget(m_title, 1);
    bar->addWidget(close);
    layout->addLayout(bar);
    m_runs = new QLabel;
    m_runs->setTextFormat(Qt::PlainText);
    m_numbers = new QLabel;
    m_numbers->setObjectName(QStringLiteral("comparisonNumbers"));
    m_numbers->setToolTip(metricToolTip("paired_difference") + metricToolTip("mcnemar"));
    m_verdict = new QLabel;
    m_verdict->setObjectName(QStringLiteral("comparisonVerdict"));
    theme::style(m_verdict, theme::Text::Caption);
    for (QLabel* label : {m_runs, m_numbers, m_verdict}) {
        label->setWordWrap(true);
        label->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
        layout->addWidget(label);
    }
    auto* flips = new QHBoxLayout;
    flips->setSpacing(theme::kLarge);
    auto* left = new QVBoxLayout;
    auto* right = new QVBoxLayout;
    flips->addLayout(left, 1);
    flips->addLayout(right, 1);
    layout->addLayout(flips, 1);
    m_firstGrid = addFlips(left, m_firstAlone, m_firstHeading, "firstAlone");
    m_secondGrid = addFlips(right, m_secondAlone, m_secondHeading, "secondAlone");
    left->addStretch(0);
    right->addStretch(0);
    m_room = new QWidget;
    layout->addWidget(m_room, 1);
}

ThumbnailGrid* ComparisonView::addFlips(QVBoxLayout* column, SampleCardModel& cards, QLabel*& heading,
                                        const char* name) {
    heading = new QLabel;
    theme::style(heading, theme::Text::Heading);
    column->addWidget(heading);
    auto* grid = new ThumbnailGrid(m_context.thumbnails);
    grid->setObjectName(QString::fromLatin1(name));
    grid->setThumbnailSide(kThumbnailSide);
    grid->setModel(&cards);
    column->addWidget(grid, 1);
    m_context.actions.attach(grid, [this] { return m_first; });
    return grid;
}

void ComparisonView::show(ShownComparison shown) {
    const RunComparison& c = shown.comparison;
    m_first = c.first.id;
    m_second = c.second.id;
    Selection* selection = c.first.datasetId ? &m_context.state.selection(c.first.datasetId) : nullptr;
    for (ThumbnailGrid* grid : {m_firstGrid, m_secondGrid})
        grid->bindSelection(selection);
    m_title->setText(tr("Runs %1 and %2 on the %3 both judge")
                         .arg(m_first.value)
                         .arg(m_second.value)
                         .arg(countOf(static_cast<long long>(c.common), tr("example"), tr("examples"))));
    m_runs->setText(runText(tr("A"), c.first, c, c.firstMean) + QLatin1Char('\n') +
                    runText(tr("B"), c.second, c, c.secondMean));
    m_numbers->setText(numbersText(c));
    const bool agree = shown.firstAlone.empty() && shown.secondAlone.empty();
    const bool open = c.difference.interval.low <= 0 && c.difference.interval.high >= 0;
    m_verdict->setText(agree  ? tr("The runs agree on every example.")
                       : open ? tr("The interval holds 0: so many examples do not tell which is better.")
                              : tr("The interval leaves out 0: %1 is better on such examples.")
                                    .arg(c.difference.difference > 0 ? tr("A") : tr("B")));
    const bool verdicts = c.rightOrWrong();
    m_firstHeading->setText((verdicts ? tr("A right, B wrong: %1") : tr("Higher in A: %1"))
                                .arg(exactCountText(static_cast<long long>(shown.firstAlone.size()))));
    m_secondHeading->setText((verdicts ? tr("B right, A wrong: %1") : tr("Higher in B: %1"))
                                 .arg(exactCountText(static_cast<long long>(shown.secondAlone.size()))));
    m_firstGrid->setAccessibleName(m_firstHeading->text());
    m_secondGrid->setAccessibleName(m_secondHeading->text());
    m_firstGrid->setVisible(!shown.firstAlone.empty());
    m_secondGrid->setVisible(!shown.secondAlone.empty());
    m_room->setVisible(agree);
    m_firstAlone.setCards(std::move(shown.firstAlone));
    m_secondAlone.setCards(std::move(shown.secondAlone));
}

} // namespace diptych::ui
