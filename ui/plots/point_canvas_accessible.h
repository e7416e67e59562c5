// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

namespace diptych::ui {

class PointCanvas;

/// Lets assistive programs see a PointCanvas as a chart that says which point is current and how many are
/// selected. Any number of calls; the first does it.
void makePointCanvasesAccessible();
/// Tells them that another point is current.
void announceCurrentPoint(PointCanvas& canvas);

} // namespace diptych::ui
