// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/report/report_model.h"

#include <string>
#include <string_view>
#include <vector>

namespace diptych {

/// A drawing as an SVG document of its own (SVG Tiny 1.2 with a style sheet, for paper: dark on white).
struct ReportChart {
    std::string title; ///< may be empty
    std::string svg;
};

/// What a section of a run draws: "confusion", "calibration", "curves" or "map"; empty for others, and where
/// there is nothing to draw.
std::vector<ReportChart> reportCharts(const ReportRun& run, std::string_view section);
ReportChart reportChart(const ReportCurve& curve);
/// A bar over [0, 1] with interval and chance; empty for other metrics.
std::string reportBar(const Metric& metric);

} // namespace diptych
