// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/report/report_model.h"

// Private to core/report: which examples a report shows, and what it says of each.
namespace diptych::report {

/// Galleries of what the run keeps for its examples, each in the order its title says: predictions by
/// confidence, places in retrieval, pairs by margin, caption scores. Empty ones are left out.
std::vector<ReportGallery> galleriesOf(const Workspace& workspace, const RunRecord& run,
                                       const ReportOptions& options, const RunContext& context);

/// A gallery for each of options.sheets, its rule as the title; also those that nothing was found for, with
/// their rule, so that nobody looks for them. @throws Error NotFound for a tag that no sample has
std::vector<ReportGallery> sheetsOf(const Workspace& workspace, const RunRecord& run,
                                    const ReportOptions& options, const RunContext& context);

/// How sure the run is of an example, by what it keeps: the first prediction's confidence, the margin of a
/// pair, how far up the own caption stands, a caption's score. Only to be compared within a run.
double surenessOf(const ExampleResult& result);

/// Fills ReportRun::groups and their counts from details["groups"].
void readGroups(const Workspace& workspace, const ReportOptions& options, const RunContext& context,
                ReportRun& run);

/// What a run's predictions say of one sample; with the picture.
ReportExample predictedExample(const Workspace& workspace, const RunRecord& run, const ExampleResult& result,
                               const ReportOptions& options);

/// details["curves"], as far as they fit.
std::vector<ReportCurve> readCurves(const Json& details);

} // namespace diptych::report
