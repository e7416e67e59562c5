// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/session/run_thresholds.h"
#include "core/session/session.h"
#include "ui/jobs/job_runner.h"
#include "ui/models/formatting.h"
#include "ui/models/sample_card_model.h"
#include "ui/plots/curve_plot.h"
#include "ui/results/run_filter.h"
#include "ui/results/views.h"
#include "ui/state/app_state.h"
#include "ui/theme/theme.h"
#include "ui/widgets/choice_box.h"
#include "ui/widgets/sample_actions.h"
#include "ui/widgets/thumbnail_grid.h"

#include <QDoubleSpinBox>
#include <QGridLayout>
#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QSignalBlocker>
#include <QSlider>
#include <QSplitter>
#include <QTimer>
#include <QVBoxLayout>

#include <cmath>
#include <optional>

namespace diptych::ui {
namespace {

constexpr int kSliderSteps = 1000;
constexpr size_t kCurvePoints = 1000; ///< a curve of more distinct scores is thinned to about so many
constexpr size_t kMostCards = 2000;
constexpr int kGridDelay = 40; ///< ms after the last move of the slider
constexpr int kDecimals = 4;

using Cell = RunThresholds::Cell;
using Kind = RunThresholds::Kind;

QString shareOrDash(const std::optional<double>& value) {
    return value ? shareText(*value) : QStringLiteral("–");
}

/// What is called positive from a threshold on, with the pictures that change side: a slider, ROC, precision
/// and recall, the four counts, each of which shows its pictures.
class ThresholdsView : public ResultView {
public:
    explicit ThresholdsView(const ResultContext& context)
        : ResultView(context), m_loading(context.jobs, this) {
        auto* outer = new QVBoxLayout(this);
        outer->setContentsMargins(theme::kLarge, theme::kLarge, theme::kLarge, 0);
        outer->setSpacing(theme::kMedium);
        m_filter = new RunFilter(context);
        outer->addWidget(m_filter);
        outer->addLayout(buildBar());
        auto* parts = new QSplitter(Qt::Vertical);
        parts->setChildrenCollapsible(false);
        parts->addWidget(buildCharts());
        parts->addWidget(buildPictures());
        parts->setStretchFactor(0, 3);
        parts->setStretchFactor(1, 2);
        outer->addWidget(parts, 1);
        m_redraw.setSingleShot(true);
        m_redraw.setInterval(kGridDelay);
        connect(&m_redraw, &QTimer::timeout, this, [this] { showPictures(); });
        connect(m_filter, &RunFilter::changed, this, [this] { take(); });
    }

    bool suits(const RunRecord& run) const override { return hasThresholds(run); }

    void setRun(std::shared_ptr<const RunRecord> run) override {
        m_run = std::move(run);
        m_all.reset();
        m_shown.reset();
        m_filter->setRun(*m_run);
        m_grid->bindSelection(m_run->datasetId ? &context().state.selection(m_run->datasetId) : nullptr);
        m_stale = true;
        if (isVisible())
            load();
    }

protected:
    void showEvent(QShowEvent* event) override {
        ResultView::showEvent(event);
        if (m_stale)
            load();
    }

private:
    QLayout* buildBar() {
        auto* bar = new QHBoxLayout;
        bar->setSpacing(theme::kMedium);
        m_slider = new QSlider(Qt::Horizontal);
        m_slider->setObjectName(QStringLiteral("thresholdSlider"));
        m_slider->setAccessibleName(tr("Threshold"));
        m_slider->setRange(0, kSliderSteps);
        m_value = new QDoubleSpinBox;
        m_value->setObjectName(QStringLiteral("thresholdValue"));
        m_value->setAccessibleName(tr("Threshold"));
        m_value->setRange(0, 1);
        m_value->setDecimals(kDecimals);
        m_value->setSingleStep(0.01);
        m_value->setKeyboardTracking(false);
        m_rules = new ChoiceBox("thresholdRule", tr("Threshold chosen by"), 12);
        m_pin = new QPushButton(tr("Compare with this"));
        m_pin->setObjectName(QStringLiteral("pinThreshold"));
        m_pin->setToolTip(tr("What changes side is counted from this threshold on"));
        bar->addWidget(new QLabel(tr("Threshold")));
        bar->addWidget(m_slider, 1);
        bar->addWidget(m_value);
        bar->addWidget(m_rules);
        bar->addWidget(m_pin);
        connect(m_slider, &QSlider::valueChanged, this, [this](int step) {
            if (m_thresholds)
                setThreshold(m_thresholds->lowest() +
                             (m_thresholds->highest() - m_thresholds->lowest()) * step / kSliderSteps);
        });
        connect(m_value, &QDoubleSpinBox::valueChanged, this, &ThresholdsView::setThreshold);
        connect(m_rules, &QComboBox::activated, this, [this](int index) {
            if (index > 0)
                setThreshold(m_rules->itemData(index).toDouble());
        });
        connect(m_pin, &QPushButton::clicked, this, [this] {
            m_reference = m_threshold;
            m_cell.reset();
            showThreshold();
        });
        return bar;
    }

    QWidget* buildCharts() {
        auto* host = new QWidget;
        auto* row = new QHBoxLayout(host);
        row->setContentsMargins(0, 0, 0, 0);
        row->setSpacing(theme::kLarge);
        for (auto [plot, name] : {std::pair(&m_roc, "thresholdRoc"), std::pair(&m_trade, "thresholdTrade")}) {
            *plot = new CurvePlot;
            (*plot)->setObjectName(QString::fromLatin1(name));
            (*plot)->setMinimumSize(200, 150);
            (*plot)->setChoosable(true);
            row->addWidget(*plot, 3);
        }
        connect(m_roc, &CurvePlot::pointChosen, this, [this](int point) { choose(m_rocAt, point); });
        connect(m_trade, &CurvePlot::pointChosen, this, [this](int point) { choose(m_tradeAt, point); });
        auto* side = new QVBoxLayout;
        auto* cells = new QGridLayout;
        cells->setSpacing(theme::kSmall);
        for (const Cell cell :
             {Cell::TruePositive, Cell::FalseNegative, Cell::FalsePositive, Cell::TrueNegative}) {
            auto* button = new QPushButton;
            button->setObjectName(QStringLiteral("thresholdCell%1").arg(static_cast<int>(cell)));
            button->setCheckable(true);
            connect(button, &QPushButton::clicked, this, [this, cell] {
                m_cell = m_cell == cell ? std::nullopt : std::optional(cell);
                showThreshold();
            });
            const bool right = cell == Cell::FalseNegative || cell == Cell::TrueNegative;
            const bool below = cell == Cell::FalsePositive || cell == Cell::TrueNegative;
            cells->addWidget(button, below ? 1 : 0, right ? 1 : 0);
            m_cells[static_cast<size_t>(cell)] = button;
        }
        m_numbers = new QLabel;
        m_numbers->setObjectName(QStringLiteral("thresholdNumbers"));
        m_numbers->setTextFormat(Qt::PlainText);
        m_numbers->setWordWrap(true);
        m_numbers->setTextInteractionFlags(Qt::TextSelectableByMouse);
        auto* note = new QLabel(tr("Thresholds chosen on the images they are judged on flatter."));
        note->setWordWrap(true);
        theme::style(note, theme::Text::Caption);
        side->addLayout(cells);
        side->addWidget(m_numbers);
        side->addWidget(note);
        side->addStretch(1);
        row->addLayout(side, 3);
        return host;
    }

    QWidget* buildPictures() {
        auto* host = new QWidget;
        auto* column = new QVBoxLayout(host);
        column->setContentsMargins(0, 0, 0, 0);
        column->setSpacing(theme::kSmall);
        m_heading = new QLabel;
        m_heading->setObjectName(QStringLiteral("thresholdHeading"));
        m_heading->setTextFormat(Qt::PlainText);
        m_heading->setWordWrap(true);
        m_grid = new ThumbnailGrid(context().thumbnails);
        m_grid->setObjectName(QStringLiteral("thresholdGrid"));
        m_grid->setAccessibleName(tr("Examples that change side"));
        m_grid->setModel(&m_cards);
        context().actions.attach(m_grid, [this] { return m_run ? m_run->id : RunId{}; });
        column->addWidget(m_heading);
        column->addWidget(m_grid, 1);
        return host;
    }

    void load() {
        const auto session = context().state.session();
        if (!session || !m_run)
            return;
        m_stale = false;
        m_loading.start(
            JobSpec(tr("Load scores")).setShown(false),
            [session, id = m_run->id](const RunContext&) {
                return std::make_shared<const RunThresholds>(runThresholds(session->workspace(), id));
            },
            [this](std::shared_ptr<const RunThresholds> found) {
                m_all = std::move(found);
                m_reference = m_all->kind == Kind::Decision ? 0.5 : 0;
                m_threshold = m_all->used.value_or(0.5);
                m_cell.reset();
                take();
            },
            [this](const Error& error) { showNothing(QString::fromUtf8(error.what())); });
    }

    /// What the dataset's filter leaves of the run.
    void take() {
        if (!m_all)
            return;
        auto shown = std::make_shared<RunThresholds>(*m_all);
        if (m_filter->members()) {
            shown->samples.clear();
            shown->scores.clear();
            shown->labels.clear();
            shown->splits.clear();
            for (size_t i = 0; i < m_all->samples.size(); ++i) {
                if (!m_filter->contains(m_all->samples[i]))
                    continue;
                shown->samples.push_back(m_all->samples[i]);
                shown->scores.push_back(m_all->scores[i]);
                shown->labels.push_back(m_all->labels[i]);
                shown->splits.push_back(m_all->splits[i]);
            }
            m_filter->setCount(shown->samples.size(), m_all->samples.size(), tr("examples"));
        }
        m_shown = std::move(shown);
        if (m_shown->samples.empty()) {
            showNothing(tr("The filter leaves none of this run's examples."));
            return;
        }
        m_thresholds = m_shown->thresholds();
        fillRules();
        fillCurves();
        setEnabledAll(true);
        showThreshold();
    }

    void showNothing(const QString& why) {
        m_thresholds.reset();
        setEnabledAll(false);
        m_heading->setText(why);
        m_numbers->clear();
        m_cards.setCards({});
        m_roc->setChart({});
        m_trade->setChart({});
    }

    void setEnabledAll(bool on) {
        for (QWidget* widget : std::initializer_list<QWidget*>{m_slider, m_value, m_rules, m_pin})
            widget->setEnabled(on);
        for (QPushButton* button : m_cells)
            button->setEnabled(on);
    }

    void fillRules() {
        m_rules->clear();
        m_rules->addItem(tr("By hand"), 0.0);
        for (const NamedThreshold& rule : namedThresholds(*m_shown, *m_shown, {}))
            m_rules->addItem(toQString(rule.name), rule.judged.threshold);
    }

    /// Points of both curves and the threshold of each.
    void fillCurves() {
        const bool decides = m_shown->kind == Kind::Decision;
        const std::vector<OperatingPoint> points = m_thresholds->ranking().operatingPoints();
        const size_t step = std::max<size_t>(1, points.size() / kCurvePoints);
        CurveSeries roc{decides ? tr("Model") : tr("Confidence"), {}, {}, false}, trade = roc;
        m_rocAt.clear();
        m_tradeAt.clear();
        for (size_t i = 0; i < points.size(); ++i) {
            if (i % step != 0 && i + 1 != points.size())
                continue;
            const ThresholdCounts counts = m_thresholds->at(points[i].threshold);
            if (counts.recall() && counts.falsePositiveRate()) {
                roc.points.emplace_back(*counts.falsePositiveRate(), *counts.recall());
                m_rocAt.push_back(points[i].threshold);
            }
            if (const auto place = tradePlace(counts)) {
                trade.points.push_back(*place);
                m_tradeAt.push_back(points[i].threshold);
            }
        }
        m_roc->setChart({decides ? tr("ROC curve") : tr("Does confidence tell right from wrong?"),
                         decides ? tr("False positive rate") : tr("Wrong ones answered"),
                         decides ? tr("True positive rate") : tr("Right ones answered"),
                         false,
                         {roc, {tr("Chance"), {{0, 0}, {1, 1}}, {}, true}},
                         false});
        m_trade->setChart({decides ? tr("Precision and recall") : tr("Accuracy of what is answered"),
                           decides ? tr("Recall") : tr("Share answered"),
                           decides ? tr("Precision") : tr("Right among answered"),
                           false,
                           {trade},
                           false});
    }

    /// Precision over recall, or over how much is answered.
    std::optional<QPointF> tradePlace(const ThresholdCounts& counts) const {
        const auto precision = counts.precision();
        const auto across =
            m_shown->kind == Kind::Decision ? counts.recall() : std::optional(counts.calledShare());
        if (!precision || !across)
            return std::nullopt;
        return QPointF(*across, *precision);
    }

    void choose(const std::vector<double>& thresholds, int point) {
        if (point < static_cast<int>(thresholds.size()))
            setThreshold(std::min(thresholds[static_cast<size_t>(point)], 1.0));
    }

    void setThreshold(double threshold) {
        if (!m_thresholds || threshold == m_threshold)
            return;
        m_threshold = threshold;
        showThreshold();
    }

    void showThreshold() {
        if (!m_thresholds)
            return;
        const ThresholdCounts counts = m_thresholds->at(m_threshold);
        const QSignalBlocker noSlide(m_slider), noValue(m_value), noRule(m_rules);
        const double range = m_thresholds->highest() - m_thresholds->lowest();
        m_slider->setValue(range > 0 ? static_cast<int>(std::lround((m_threshold - m_thresholds->lowest()) /
                                                                    range * kSliderSteps))
                                     : 0);
        m_value->setValue(m_threshold);
        int rule = 0;
        for (int i = 1; i < m_rules->count() && rule == 0; ++i)
            rule = m_rules->itemData(i).toDouble() == m_threshold ? i : 0;
        m_rules->setCurrentIndex(rule);
        const auto recall = counts.recall(), alarms = counts.falsePositiveRate();
        m_roc->setMarker(recall && alarms ? std::optional(QPointF(*alarms, *recall)) : std::nullopt);
        m_trade->setMarker(tradePlace(counts));
        showCounts(counts);
        m_redraw.start();
    }

    QString cellText(Cell cell, const QString& count) const {
        if (m_shown->kind == Kind::Confidence)
            return (cell == Cell::TruePositive    ? tr("Answered, right: %1")
                    : cell == Cell::FalsePositive ? tr("Answered, wrong: %1")
                    : cell == Cell::FalseNegative ? tr("Withheld, right: %1")
                                                  : tr("Withheld, wrong: %1"))
                .arg(count);
        return (cell == Cell::TruePositive    ? tr("Found: %1")
                : cell == Cell::FalsePositive ? tr("False alarms: %1")
                : cell == Cell::FalseNegative ? tr("Missed: %1")
                                              : tr("Rightly not: %1"))
            .arg(count);
    }

    void showCounts(const ThresholdCounts& counts) {
        const std::pair<Cell, uint64_t> cells[] = {{Cell::TruePositive, counts.truePositives},
                                                   {Cell::FalsePositive, counts.falsePositives},
                                                   {Cell::TrueNegative, counts.trueNegatives},
                                                   {Cell::FalseNegative, counts.falseNegatives}};
        for (const auto& [cell, count] : cells) {
            QPushButton* button = m_cells[static_cast<size_t>(cell)];
            button->setText(cellText(cell, exactCountText(static_cast<long long>(count))));
            button->setChecked(m_cell == cell);
        }
        m_numbers->setText(
            m_shown->kind == Kind::Decision
                ? tr("Positive: %1. Accuracy %2, precision %3, recall %4, false positive rate %5, F1 %6")
                      .arg(toQString(m_shown->positive), shareText(counts.accuracy()),
                           shareOrDash(counts.precision()), shareOrDash(counts.recall()),
                           shareOrDash(counts.falsePositiveRate()), shareOrDash(counts.f1()))
                : tr("Answers %1 of the images; %2 of the answers are right.")
                      .arg(shareText(counts.calledShare()), shareOrDash(counts.precision())));
    }

    /// Those of the cell that is chosen, else those that change side against the reference.
    void showPictures() {
        if (!m_thresholds)
            return;
        const std::vector<SampleId> ids =
            m_cell ? m_shown->inCell(*m_cell, m_threshold) : m_shown->changingSide(m_reference, m_threshold);
        const auto count = static_cast<long long>(ids.size());
        QString heading = m_cell ? cellText(*m_cell, exactCountText(count))
                                 : tr("%1 side against a threshold of %2")
                                       .arg(countOf(count, tr("example changes"), tr("examples change")),
                                            QString::number(m_reference, 'f', kDecimals));
        if (ids.empty() && !m_cell)
            heading += tr("; click one of the counts to see its pictures");
        if (ids.size() > kMostCards)
            heading += tr(" (the first %1 are shown)").arg(exactCountText(kMostCards));
        m_heading->setText(heading);
        std::vector<SampleCard> cards;
        size_t place = 0;
        for (size_t i = 0; i < ids.size() && i < kMostCards; ++i) {
            while (m_shown->samples[place] != ids[i]) // both are in the run's order
                ++place;
            const bool label = m_shown->labels[place] == 1;
            const QString truth =
                m_shown->kind == Kind::Confidence
                    ? (label ? tr("right") : tr("wrong"))
                    : tr("is %1").arg(toQString(label ? m_shown->positive : m_shown->negative));
            cards.push_back({ids[i], QString::number(m_shown->scores[place], 'f', kDecimals), truth});
        }
        m_cards.setCards(std::move(cards));
    }

    std::shared_ptr<const RunRecord> m_run;
    std::shared_ptr<const RunThresholds> m_all, m_shown; ///< of the run; what the filter leaves of it
    std::optional<Thresholds> m_thresholds;              ///< of m_shown
    std::vector<double> m_rocAt, m_tradeAt;              ///< threshold by point of the curve
    double m_threshold = 0.5, m_reference = 0.5;
    std::optional<Cell> m_cell;
    bool m_stale = false;
    LatestOnly m_loading;
    QTimer m_redraw;
    SampleCardModel m_cards;
    RunFilter* m_filter;
    QSlider* m_slider;
    QDoubleSpinBox* m_value;
    ChoiceBox* m_rules;
    QPushButton* m_pin;
    CurvePlot *m_roc = nullptr, *m_trade = nullptr;
    QPushButton* m_cells[4] = {};
    QLabel *m_numbers, *m_heading;
    ThumbnailGrid* m_grid;
};

} // namespace

ResultView* makeThresholdsView(const ResultContext& context) {
    return new ThresholdsView(context);
}

} // namespace diptych::ui
