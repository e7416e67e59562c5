// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/pages/map/map_coloring.h"

#include <QByteArray>

namespace diptych::ui {

/// The map as it is shown, with the legend beside it: a picture twice as dense as the screen, or shapes.
QByteArray mapPng(PointCanvas& canvas, const Coloring& coloring, const std::vector<uint8_t>& hidden,
                  Ramp ramp);
QByteArray mapSvg(PointCanvas& canvas, const Coloring& coloring, const std::vector<uint8_t>& hidden,
                  Ramp ramp);

} // namespace diptych::ui
