// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/report/report_model.h"

// Private to core/report: which examples a report shows, and what it says of each.
namespace diptych::report {

/// Galleries of what the run keeps for its examples, each in the order its title says: predictions by
/// confidence, places in retrieval, pairs by margin, caption scores. Empty ones are left out.
std::vector<ReportGallery> galleriesOf(const Workspace& workspace, const RunRecord& run,
                                       const ReportOptions& options, const RunContext& context);

/// Fills ReportRun::groups and their counts from details["groups"].
void readGroups(const Workspace& workspace, const ReportOptions& options, const RunContext& context,
                ReportRun& run);

/// What a run's predictions say of one sample; with the picture.
ReportExample predictedExample(const Workspace& workspace, const RunRecord& run, const ExampleResult& result,
                               const ReportOptions& options);

/// details["curves"], as far as they fit.
std::vector<ReportCurve> readCurves(const Json& details);

} // namespace diptych::report
