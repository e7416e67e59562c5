// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

class QCustomPlot;

namespace diptych::ui {

/// Gives a plot the look of the program: fonts and colours of the theme in use, thin grid, no frame. Call it
/// again when the palette changes.
void stylePlot(QCustomPlot& plot);

} // namespace diptych::ui
