// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>

#include <vector>

class QCustomPlot;
class QPoint;

namespace diptych::ui {

/// One bin of a reliability diagram (Guo et al. 2017): predictions whose confidence lies in [low, high).
struct ReliabilityBin {
    double low = 0, high = 1, confidence = 0, accuracy = 0;
    int count = 0;
};

/// Accuracy against confidence with the diagonal of perfect calibration; bars are as solid as their bin is
/// full. The pointer shows a bin's numbers.
class ReliabilityPlot : public QWidget {
    Q_OBJECT

public:
    explicit ReliabilityPlot(QWidget* parent = nullptr);
    void setBins(std::vector<ReliabilityBin> bins);
    void setChoosable(bool on) { m_choosable = on; } ///< whether a click on a bin leads somewhere
    /// "low,high,count,confidence,accuracy": a line a bin.
    QString values() const;
    QPoint pixelOf(double confidence, double accuracy) const; ///< in this widget

Q_SIGNALS:
    void binActivated(int bin); ///< clicked; it holds examples

protected:
    void changeEvent(QEvent* event) override;
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    void redraw();
    int binAt(const QPoint& position) const; ///< in the plot; -1 = none with examples

    QCustomPlot* m_plot; // Qt parent
    std::vector<ReliabilityBin> m_bins;
    bool m_choosable = false;
};

} // namespace diptych::ui
