// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QPointF>
#include <QString>
#include <QWidget>

#include <array>
#include <optional>
#include <vector>

class QCustomPlot;

namespace diptych::ui {

/// One line of a chart; points are joined in their order, so it may rise vertically (a ROC curve does).
struct CurveSeries {
    QString name;
    std::vector<QPointF> points;
    std::vector<std::array<double, 3>> band; ///< x, low, high; may be empty
    bool dashed = false;                     ///< a line to compare with: chance, another method
};

struct CurveChart {
    QString title, xTitle, yTitle;
    bool logX = false; ///< points at x <= 0 are left out
    std::vector<CurveSeries> series;
    bool legend = true; ///< names of the lines below the chart, where there are several
};

/// Lines with their bands and a legend. The pointer shows the nearest point's values. GUI thread.
class CurvePlot : public QWidget {
    Q_OBJECT

public:
    explicit CurvePlot(QWidget* parent = nullptr);
    void setChart(CurveChart chart);
    const CurveChart& chart() const { return m_chart; }
    /// A ring around one point; none = no ring.
    void setMarker(std::optional<QPointF> value);
    std::optional<QPointF> marker() const { return m_marker; }
    /// Whether a click near a point, or a drag along a line, chooses points of the first line: pointChosen().
    void setChoosable(bool on);
    /// "zero-shot: 4, 0.812": the point nearest to @p position, in this widget's pixels; empty where none is
    /// near.
    QString valueAt(const QPoint& position) const;
    /// "series,x,y,low,high": a line a point, the band's where there is one at that x.
    QString values() const;
    /// Where a value lies, in this widget's pixels.
    QPoint pixelOf(const QPointF& value) const;

Q_SIGNALS:
    void pointChosen(int point); ///< of the first line

protected:
    void changeEvent(QEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    void redraw();
    void addBand(const CurveSeries& series, const QColor& color);
    void addLine(const CurveSeries& series, const QColor& color);
    void addMarker();
    void choose(const QPoint& position); ///< in this widget
    void fitAxes();
    void fitLegend(); ///< as many names side by side as there is room for

    QCustomPlot* m_plot; // Qt parent
    CurveChart m_chart;
    std::optional<QPointF> m_marker;
    bool m_choosable = false;
};

} // namespace diptych::ui
