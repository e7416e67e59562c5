// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/formatting.h"
#include "ui/models/json_fields.h"
#include "ui/plots/curve_plot.h"
#include "ui/plots/plot_export.h"
#include "ui/results/views.h"
#include "ui/theme/theme.h"

#include <QGridLayout>
#include <QHBoxLayout>
#include <QLabel>
#include <QScrollArea>
#include <QToolButton>
#include <QVBoxLayout>

#include <cmath>

namespace diptych::ui {
namespace {

constexpr int kColumns = 2;
constexpr int kChartHeight = 310;
constexpr int kChartWidth = 900; ///< of a chart that is alone

CurveSeries readSeries(const Json& json) {
    CurveSeries series;
    series.name = toText(memberOf(json, "name"));
    series.dashed = toFlag(memberOf(json, "dashed"));
    for (const Json& point : listOf(json, "points")) {
        const QPointF value(numberOf(itemOf(point, 0)), numberOf(itemOf(point, 1)));
        if (std::isfinite(value.x()) && std::isfinite(value.y()))
            series.points.push_back(value);
    }
    for (const Json& entry : listOf(json, "band")) {
        const std::array<double, 3> value = {numberOf(itemOf(entry, 0)), numberOf(itemOf(entry, 1)),
                                             numberOf(itemOf(entry, 2))};
        if (std::isfinite(value[0]) && std::isfinite(value[1]) && std::isfinite(value[2]))
            series.band.push_back(value);
    }
    return series;
}

CurveChart readChart(const Json& json) {
    CurveChart chart;
    chart.title = toText(memberOf(json, "title"));
    chart.xTitle = toText(memberOf(json, "x"));
    chart.yTitle = toText(memberOf(json, "y"));
    chart.logX = toFlag(memberOf(json, "x_log"));
    for (const Json& entry : listOf(json, "series"))
        chart.series.push_back(readSeries(entry));
    return chart;
}

/// Charts of lines: ROC, precision and recall, learning curves.
class CurvesView : public ResultView {
public:
    explicit CurvesView(const ResultContext& context) : ResultView(context) {
        auto* layout = new QVBoxLayout(this);
        layout->setContentsMargins(0, 0, 0, 0);
        m_scroll = new QScrollArea;
        m_scroll->setFrameShape(QFrame::NoFrame);
        m_scroll->setWidgetResizable(true);
        m_scroll->viewport()->setAutoFillBackground(false);
        layout->addWidget(m_scroll);
    }

    void setRun(std::shared_ptr<const RunRecord> run) override {
        auto* host = new QWidget;
        auto* grid = new QGridLayout(host);
        grid->setContentsMargins(theme::kLarge, theme::kLarge, theme::kLarge, theme::kLarge);
        grid->setHorizontalSpacing(theme::kHuge);
        grid->setVerticalSpacing(theme::kMedium);
        const Json& curves = listOf(run->details, "curves");
        const int columns = curves.size() > 1 ? kColumns : 1;
        int count = 0;
        for (const Json& entry : curves) {
            const CurveChart chart = readChart(entry);
            auto* heading = new QLabel(chart.title);
            theme::style(heading, theme::Text::Heading);
            auto* plot = new CurvePlot;
            plot->setObjectName(QStringLiteral("curve_") + toText(memberOf(entry, "id")));
            plot->setMinimumHeight(kChartHeight);
            if (columns == 1)
                plot->setMaximumWidth(kChartWidth);
            plot->setChart(chart);
            const int row = count / columns * 2, column = count % columns;
            auto* head = new QHBoxLayout;
            head->addWidget(heading, 1);
            head->addWidget(plotMenuButton(*plot));
            if (columns == 1)
                head->addStretch(1);
            grid->addLayout(head, row, column);
            grid->addWidget(plot, row + 1, column);
            grid->setRowStretch(row + 1, 1);
            ++count;
        }
        for (int column = 0; column < columns; ++column)
            grid->setColumnStretch(column, 1);
        if (count == 0) {
            auto* none = new QLabel(tr("This run has no curves."));
            theme::style(none, theme::Text::Caption);
            grid->addWidget(none, 0, 0, Qt::AlignTop);
        }
        m_scroll->setWidget(host); // deletes the one before
    }

private:
    QScrollArea* m_scroll;
};

} // namespace

ResultView* makeCurvesView(const ResultContext& context) {
    return new CurvesView(context);
}

} // namespace diptych::ui
