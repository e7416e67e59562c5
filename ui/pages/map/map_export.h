// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/pages/map/map_coloring.h"

#include <QByteArray>

#include <filesystem>
#include <string>

namespace diptych::ui {

/// The map as it is shown, with the legend beside it: a picture twice as dense as the screen, or shapes.
QByteArray mapPng(PointCanvas& canvas, const Coloring& coloring, const std::vector<uint8_t>& hidden,
                  Ramp ramp);
QByteArray mapSvg(PointCanvas& canvas, const Coloring& coloring, const std::vector<uint8_t>& hidden,
                  Ramp ramp);

/// The points of a map of text axes as CSV: key, class, x, y. @param file it is for
/// @throws Error InvalidArgument for a file that is no .csv
std::string textAxesCsv(const MapData& data, const std::filesystem::path& file);

} // namespace diptych::ui
