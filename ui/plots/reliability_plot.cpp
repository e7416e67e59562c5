// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/plots/reliability_plot.h"

#include "core/metrics/number_text.h"
#include "ui/plots/plot_export.h"
#include "ui/plots/plot_style.h"
#include "ui/plots/qcp.h"
#include "ui/theme/theme.h"

#include <QEvent>
#include <QLocale>
#include <QMouseEvent>
#include <QToolTip>
#include <QVBoxLayout>

#include <algorithm>

namespace diptych::ui {

ReliabilityPlot::ReliabilityPlot(QWidget* parent) : QWidget(parent), m_plot(new QCustomPlot(this)) {
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(m_plot);
    setAccessibleName(tr("Calibration"));
    new PlotExport(*this, *m_plot, [this] { return values(); }); // Qt parent: this
    m_plot->installEventFilter(this);
    m_plot->setMouseTracking(true);
    redraw();
}

QPoint ReliabilityPlot::pixelOf(double confidence, double accuracy) const {
    return m_plot->mapTo(this, QPoint(static_cast<int>(m_plot->xAxis->coordToPixel(confidence)),
                                      static_cast<int>(m_plot->yAxis->coordToPixel(accuracy))));
}

int ReliabilityPlot::binAt(const QPoint& position) const {
    if (!m_plot->axisRect()->rect().contains(position))
        return -1;
    const double confidence = m_plot->xAxis->pixelToCoord(position.x());
    for (size_t i = 0; i < m_bins.size(); ++i)
        if (m_bins[i].count > 0 && confidence > m_bins[i].low && confidence <= m_bins[i].high)
            return static_cast<int>(i);
    return -1;
}

bool ReliabilityPlot::eventFilter(QObject* watched, QEvent* event) {
    if (watched == m_plot && event->type() == QEvent::MouseMove) {
        const QPoint position = static_cast<QMouseEvent*>(event)->pos();
        const int at = binAt(position);
        m_plot->setCursor(at >= 0 && m_choosable ? Qt::PointingHandCursor : Qt::ArrowCursor);
        QString text;
        if (at >= 0) {
            const ReliabilityBin& bin = m_bins[static_cast<size_t>(at)];
            text =
                (m_choosable ? tr("Confidence %1 to %2: %3 examples, %4 right; click to see them")
                             : tr("Confidence %1 to %2: %3 examples, %4 right"))
                    .arg(bin.low, 0, 'f', 2)
                    .arg(bin.high, 0, 'f', 2)
                    .arg(QLocale::c().toString(bin.count), QString::fromStdString(shareText(bin.accuracy)));
        }
        QToolTip::showText(m_plot->mapToGlobal(position), text, m_plot);
    }
    if (m_choosable && watched == m_plot && event->type() == QEvent::MouseButtonRelease &&
        static_cast<QMouseEvent*>(event)->button() == Qt::LeftButton)
        if (const int at = binAt(static_cast<QMouseEvent*>(event)->pos()); at >= 0)
            Q_EMIT binActivated(at);
    return QWidget::eventFilter(watched, event);
}

QString ReliabilityPlot::values() const {
    const auto full = [](double value) {
        return QString::number(value, 'g', QLocale::FloatingPointShortest);
    };
    QString out = csvLine({QStringLiteral("low"), QStringLiteral("high"), QStringLiteral("count"),
                           QStringLiteral("confidence"), QStringLiteral("accuracy")});
    for (const ReliabilityBin& bin : m_bins)
        out += csvLine({full(bin.low), full(bin.high), QString::number(bin.count), full(bin.confidence),
                        full(bin.accuracy)});
    return out;
}

void ReliabilityPlot::setBins(std::vector<ReliabilityBin> bins) {
    m_bins = std::move(bins);
    redraw();
}

void ReliabilityPlot::redraw() {
    m_plot->clearPlottables();
    stylePlot(*m_plot);
    m_plot->xAxis->setLabel(tr("Confidence"));
    m_plot->yAxis->setLabel(tr("Accuracy"));
    m_plot->xAxis->setRange(0, 1);
    m_plot->yAxis->setRange(0, 1);
    int most = 1;
    for (const ReliabilityBin& bin : m_bins)
        most = std::max(most, bin.count);
    for (const ReliabilityBin& bin : m_bins) {
        if (bin.count == 0)
            continue;
        auto* bars = new QCPBars(m_plot->xAxis, m_plot->yAxis);
        bars->setWidth((bin.high - bin.low) * 0.92);
        QColor fill = theme::chartColor(0);
        fill.setAlphaF(0.25F + 0.65F * static_cast<float>(bin.count) / static_cast<float>(most));
        bars->setBrush(fill);
        bars->setPen(Qt::NoPen);
        bars->addData((bin.low + bin.high) / 2, bin.accuracy);
    }
    auto* diagonal = new QCPGraph(m_plot->xAxis, m_plot->yAxis);
    diagonal->setData({0.0, 1.0}, {0.0, 1.0});
    QPen dashed(theme::colors().mutedText, 1, Qt::DashLine);
    diagonal->setPen(dashed);
    m_plot->replot(QCustomPlot::rpQueuedReplot);
}

void ReliabilityPlot::changeEvent(QEvent* event) {
    QWidget::changeEvent(event);
    if (event->type() == QEvent::PaletteChange || event->type() == QEvent::FontChange)
        redraw();
}

} // namespace diptych::ui
