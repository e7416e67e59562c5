// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>

#include <vector>

class QCustomPlot;

namespace diptych::ui {

/// One bin of a reliability diagram (Guo et al. 2017): predictions whose confidence lies in [low, high).
struct ReliabilityBin {
    double low = 0, high = 1, confidence = 0, accuracy = 0;
    int count = 0;
};

/// Accuracy against confidence with the diagonal of perfect calibration; bars are as solid as their bin is
/// full.
class ReliabilityPlot : public QWidget {
    Q_OBJECT

public:
    explicit ReliabilityPlot(QWidget* parent = nullptr);
    void setBins(std::vector<ReliabilityBin> bins);
    /// "low,high,count,confidence,accuracy": a line a bin.
    QString values() const;

protected:
    void changeEvent(QEvent* event) override;

private:
    void redraw();

    QCustomPlot* m_plot; // Qt parent
    std::vector<ReliabilityBin> m_bins;
};

} // namespace diptych::ui
