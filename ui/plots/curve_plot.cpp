// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/plots/curve_plot.h"

#include "core/metrics/number_text.h"
#include "ui/plots/plot_export.h"
#include "ui/plots/plot_style.h"
#include "ui/plots/qcp.h"
#include "ui/theme/theme.h"

#include <QEvent>
#include <QHelpEvent>
#include <QLocale>
#include <QToolTip>
#include <QVBoxLayout>

#include <algorithm>
#include <cmath>
#include <set>

namespace diptych::ui {
namespace {

constexpr size_t kFewPoints = 12; ///< up to here points get dots, and a logarithmic axis a tick for each
constexpr double kNearPixels = 14;
constexpr int kLegendIconWidth = 64; ///< of a line beside its name, with the gaps

/// Smallest and largest of what is added; not finite values do not count.
struct Span {
    double low = std::numeric_limits<double>::infinity(), high = -low;
    void add(double value) {
        if (!std::isfinite(value))
            return;
        low = std::min(low, value);
        high = std::max(high, value);
    }
    bool empty() const { return low > high; }
};

/// Room around the data; shares that fill most of 0 to 1 get the whole of it, so that charts can be compared.
QCPRange linearRange(Span span) {
    if (span.empty())
        return {0, 1};
    const bool shares = span.low >= 0 && span.high <= 1;
    if (shares && span.high - span.low > 0.5)
        return {-0.01, 1.01};
    const double margin = span.high > span.low ? (span.high - span.low) * 0.08 : 0.05;
    QCPRange range(span.low - margin, span.high + margin);
    if (shares)
        range = {std::max(range.lower, -0.01), std::min(range.upper, 1.01)};
    return range;
}

QString number(double value) {
    return QString::fromStdString(numberText(value));
}

} // namespace

CurvePlot::CurvePlot(QWidget* parent) : QWidget(parent), m_plot(new QCustomPlot(this)) {
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(m_plot);
    setMinimumSize(320, 260);
    new PlotExport(*this, *m_plot, [this] { return values(); }); // Qt parent: this
    m_plot->installEventFilter(this);
    m_plot->setMouseTracking(true);
    redraw();
}

void CurvePlot::setChart(CurveChart chart) {
    m_chart = std::move(chart);
    setAccessibleName(m_chart.title);
    QStringList lines;
    for (const CurveSeries& series : m_chart.series)
        if (!series.points.empty())
            lines.append(
                tr("%1: from %2 to %3")
                    .arg(series.name, number(series.points.front().y()), number(series.points.back().y())));
    setAccessibleDescription(lines.join(QStringLiteral("; ")));
    redraw();
}

QString CurvePlot::values() const {
    const auto full = [](double value) {
        return QString::number(value, 'g', QLocale::FloatingPointShortest);
    };
    QString out = csvLine({QStringLiteral("series"), m_chart.xTitle, m_chart.yTitle, QStringLiteral("low"),
                           QStringLiteral("high")});
    for (const CurveSeries& series : m_chart.series)
        for (const QPointF& point : series.points) {
            const auto band = std::find_if(series.band.begin(), series.band.end(),
                                           [&](const auto& entry) { return entry[0] == point.x(); });
            const bool has = band != series.band.end();
            out += csvLine({series.name, full(point.x()), full(point.y()), has ? full((*band)[1]) : QString(),
                            has ? full((*band)[2]) : QString()});
        }
    return out;
}

void CurvePlot::addBand(const CurveSeries& series, const QColor& color) {
    auto* low = new QCPGraph(m_plot->xAxis, m_plot->yAxis);
    auto* high = new QCPGraph(m_plot->xAxis, m_plot->yAxis);
    for (const auto& [x, from, to] : series.band) {
        if (m_chart.logX && x <= 0)
            continue;
        low->addData(x, from);
        high->addData(x, to);
    }
    QColor fill = color;
    fill.setAlphaF(0.16F);
    high->setBrush(fill);
    high->setChannelFillGraph(low);
    for (QCPGraph* graph : {low, high}) {
        graph->setPen(Qt::NoPen);
        graph->removeFromLegend();
    }
}

void CurvePlot::addLine(const CurveSeries& series, const QColor& color) {
    auto* curve = new QCPCurve(m_plot->xAxis, m_plot->yAxis);
    for (const QPointF& point : series.points)
        if (!m_chart.logX || point.x() > 0)
            curve->addData(point.x(), point.y());
    curve->setName(series.name);
    curve->setPen(QPen(color, series.dashed ? 1.5 : 2, series.dashed ? Qt::DashLine : Qt::SolidLine));
    if (!series.dashed && series.points.size() <= kFewPoints)
        curve->setScatterStyle(QCPScatterStyle(QCPScatterStyle::ssDisc, color, color, 7));
    curve->setAntialiased(true);
}

void CurvePlot::setMarker(std::optional<QPointF> value) {
    if (m_marker == value)
        return;
    m_marker = value;
    redraw();
}

void CurvePlot::setChoosable(bool on) {
    m_choosable = on;
    m_plot->setCursor(on ? Qt::PointingHandCursor : Qt::ArrowCursor);
}

void CurvePlot::addMarker() {
    auto* ring = new QCPGraph(m_plot->xAxis, m_plot->yAxis);
    ring->setData({m_marker->x()}, {m_marker->y()});
    ring->setLineStyle(QCPGraph::lsNone);
    ring->setScatterStyle(QCPScatterStyle(QCPScatterStyle::ssCircle, QPen(theme::colors().text, 2.5),
                                          QBrush(theme::colors().surface), 11));
    ring->removeFromLegend();
}

/// The point of the first line that is nearest in pixels.
void CurvePlot::choose(const QPoint& position) {
    if (m_chart.series.empty() || m_chart.series.front().points.empty())
        return;
    const std::vector<QPointF>& points = m_chart.series.front().points;
    const auto distance = [&](const QPointF& point) {
        const QPoint away = pixelOf(point) - position;
        return QPoint::dotProduct(away, away);
    };
    const auto nearest = std::ranges::min_element(points, {}, distance);
    Q_EMIT pointChosen(static_cast<int>(nearest - points.begin()));
}

void CurvePlot::fitAxes() {
    Span x, y;
    std::set<double> places;
    for (const CurveSeries& series : m_chart.series) {
        for (const QPointF& point : series.points) {
            if (m_chart.logX && point.x() <= 0)
                continue;
            x.add(point.x());
            y.add(point.y());
            if (!series.dashed)
                places.insert(point.x());
        }
        for (const auto& band : series.band) {
            y.add(band[1]);
            y.add(band[2]);
        }
    }
    m_plot->yAxis->setRange(linearRange(y));
    m_plot->xAxis->setScaleType(m_chart.logX ? QCPAxis::stLogarithmic : QCPAxis::stLinear);
    if (!m_chart.logX) {
        m_plot->xAxis->setTicker(QSharedPointer<QCPAxisTicker>(new QCPAxisTicker));
        m_plot->xAxis->setRange(linearRange(x));
        return;
    }
    m_plot->xAxis->setRange(x.empty() ? QCPRange(1, 10) : QCPRange(x.low / 1.2, x.high * 1.2));
    if (places.size() > kFewPoints) {
        m_plot->xAxis->setTicker(QSharedPointer<QCPAxisTickerLog>(new QCPAxisTickerLog));
        return;
    }
    QSharedPointer<QCPAxisTickerText> ticker(new QCPAxisTickerText);
    for (const double place : places)
        ticker->addTick(place, number(place));
    m_plot->xAxis->setTicker(ticker);
}

void CurvePlot::redraw() {
    m_plot->clearPlottables();
    stylePlot(*m_plot);
    m_plot->xAxis->setLabel(m_chart.xTitle);
    m_plot->yAxis->setLabel(m_chart.yTitle);
    // A straight line to compare with, or the only one, is grey; more need colours to be told apart.
    const bool several = std::count_if(m_chart.series.begin(), m_chart.series.end(),
                                       [](const CurveSeries& series) { return series.dashed; }) > 2;
    int color = 0;
    for (const CurveSeries& series : m_chart.series) {
        const bool grey = series.dashed && (!several || series.points.size() <= 2);
        const QColor shown = grey ? theme::colors().mutedText : theme::chartColor(color++);
        if (!series.band.empty())
            addBand(series, shown);
        addLine(series, shown);
    }
    if (m_marker)
        addMarker();
    fitAxes();
    const bool legend = m_chart.legend && m_chart.series.size() > 1;
    m_plot->legend->setVisible(legend);
    // Below the chart, where it covers no line.
    if (legend && m_plot->plotLayout()->rowCount() == 1) {
        auto* below = new QCPLayoutGrid;
        m_plot->plotLayout()->addElement(1, 0, below);
        below->addElement(0, 0, m_plot->legend);
        below->setMargins(QMargins(0, 0, 0, theme::kTiny));
        m_plot->plotLayout()->setRowStretchFactor(1, 0.001);
        m_plot->legend->setFillOrder(QCPLayoutGrid::foColumnsFirst);
    }
    fitLegend();
    m_plot->replot(QCustomPlot::rpQueuedReplot);
}

void CurvePlot::fitLegend() {
    const QFontMetrics metrics(m_plot->legend->font());
    int widest = 1;
    for (const CurveSeries& series : m_chart.series)
        widest = std::max(widest, metrics.horizontalAdvance(series.name));
    const int columns = std::max(1, width() / (widest + kLegendIconWidth));
    if (m_plot->legend->wrap() == columns)
        return;
    m_plot->legend->setWrap(columns);
    m_plot->legend->setFillOrder(QCPLayoutGrid::foColumnsFirst, true); // puts the names in their new places
    m_plot->replot(QCustomPlot::rpQueuedReplot);
}

void CurvePlot::resizeEvent(QResizeEvent* event) {
    QWidget::resizeEvent(event);
    fitLegend();
}

QPoint CurvePlot::pixelOf(const QPointF& value) const {
    const QPoint inPlot(static_cast<int>(std::lround(m_plot->xAxis->coordToPixel(value.x()))),
                        static_cast<int>(std::lround(m_plot->yAxis->coordToPixel(value.y()))));
    return m_plot->mapTo(this, inPlot);
}

QString CurvePlot::valueAt(const QPoint& position) const {
    double nearest = kNearPixels * kNearPixels;
    QString found;
    for (const CurveSeries& series : m_chart.series)
        for (const QPointF& point : series.points) {
            const QPoint away = pixelOf(point) - position;
            const double distance = QPoint::dotProduct(away, away);
            if (distance >= nearest)
                continue;
            nearest = distance;
            found = tr("%1: %2, %3").arg(series.name, number(point.x()), number(point.y()));
        }
    return found;
}

bool CurvePlot::eventFilter(QObject* watched, QEvent* event) {
    if (watched == m_plot && event->type() == QEvent::MouseMove) {
        const QPoint position = static_cast<QMouseEvent*>(event)->pos();
        const QString text = valueAt(m_plot->mapTo(this, position));
        QToolTip::showText(m_plot->mapToGlobal(position), text, m_plot);
    }
    const bool press = event->type() == QEvent::MouseButtonPress;
    if (m_choosable && watched == m_plot && (press || event->type() == QEvent::MouseMove)) {
        const auto* mouse = static_cast<QMouseEvent*>(event);
        if (mouse->buttons() & Qt::LeftButton)
            choose(m_plot->mapTo(this, mouse->pos()));
    }
    return QWidget::eventFilter(watched, event);
}

void CurvePlot::changeEvent(QEvent* event) {
    QWidget::changeEvent(event);
    if (event->type() == QEvent::PaletteChange || event->type() == QEvent::FontChange)
        redraw();
}

} // namespace diptych::ui
