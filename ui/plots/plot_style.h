// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QColor>
#include <QPalette>

class QCustomPlot;

namespace diptych::ui {

/// Colours of charts for a palette, light or dark. The series colours are those of Okabe and Ito (2008), told
/// apart by people with any kind of colour blindness.
struct ChartColors {
    QColor text, grid, background;
    QColor series(int index) const;
    QColor good, bad;
    bool dark = false;
};
ChartColors chartColors(const QPalette& palette);

/// Gives a plot the look of the program: fonts and colours from @p palette, thin grid, no frame.
void stylePlot(QCustomPlot& plot, const QPalette& palette);

} // namespace diptych::ui
