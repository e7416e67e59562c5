// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/report/report_model.h"

#include <string>
#include <string_view>

namespace diptych::html {

/// @p text for use in HTML text and quoted attributes; control characters dropped, ill-formed UTF-8 replaced.
std::string escape(std::string_view text);

/// The style sheet of a report.
std::string_view styleSheet();
/// Sorts tables of class "sortable" by the column whose head is clicked; without it they stay as they are.
std::string_view sortScript();
/// What a Content-Security-Policy calls it, so that no other script runs: "sha256-...".
std::string_view sortScriptDigest();

/// A table as a run keeps it, with its heading and note; sortable.
std::string tableSection(const ReportTable& table);
/// Paragraphs, tables, charts and pictures of a part.
std::string partSection(const ReportPart& part);
/// The embeddings coloured by class, and by what was right, each with its legend. SVG; empty without points,
/// or where nothing was judged.
std::string mapByClass(const ReportRun& run);
std::string mapByVerdict(const ReportRun& run);
/// Both beside each other, with title and note.
std::string mapSection(const ReportRun& run);

/// A bar with the interval as a whisker and chance as a tick, over [0, 1]. SVG.
std::string metricBar(const Metric& metric);
/// Rows are targets, columns predictions, shade is the row's share. SVG; empty without cells or above the
/// number of classes that can be read.
std::string confusionChart(const ReportRun& run);
/// Share right against confidence, with the counts below. SVG; empty without bins.
std::string reliabilityChart(const ReportRun& run);
/// Lines, their bands and a legend. SVG; empty without points.
std::string curveChart(const ReportCurve& curve);
/// What the run's numbers are the numbers of, and where CLIP_benchmark does otherwise.
std::string protocolSection(const RunRecord& run);
/// The run's charts of lines with their headings.
std::string curvesSection(const ReportRun& run);

/// Pictures of examples with what the run says of each.
std::string gallerySection(const ReportGallery& gallery);
/// Examples that share text or image, beside each other.
std::string groupsSection(const ReportRun& run);

} // namespace diptych::html
