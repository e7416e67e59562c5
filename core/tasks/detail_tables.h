// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/json.h"

#include <array>
#include <string>
#include <utility>
#include <vector>

namespace diptych {

// What the views "tables" and "curves" show, as docs/file-formats.md has it under `details`.

/// How a column's values are written: as they are, as whole numbers, as per cent of 1, or with decimals.
enum class ColumnKind { Text, Count, Share, Number };
struct DetailColumn {
    std::string title;
    ColumnKind kind = ColumnKind::Text;
};
/// @param rows a list of lists, each with a value (null = none) for every column
Json detailTable(const std::string& title, const std::vector<DetailColumn>& columns, Json rows);

/// A line of a chart: points [x, y] in order of x.
struct DetailSeries {
    std::string name;
    std::vector<std::pair<double, double>> points;
    bool dashed = false;
    std::vector<std::array<double, 3>> band = {}; ///< [x, low, high], around the points
};
Json detailCurve(const std::string& id, const std::string& title, const std::string& x, const std::string& y,
                 const std::vector<DetailSeries>& series);

} // namespace diptych
