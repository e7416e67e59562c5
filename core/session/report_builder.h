// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/report/report_model.h"
#include "core/session/session.h"

#include <span>
#include <string>
#include <vector>

namespace diptych {

struct FullReportOptions {
    ReportOptions report;
    std::vector<std::string> slices; ///< keys, each a table of every run
    /// Lays a map out that is not kept yet, from embeddings that are; else only a map that is kept is shown.
    bool makeMaps = false;
};

/// buildReport() with what the workspace knows beside the runs: slices, kept maps, retrieval with the
/// captions marked as right, and pairs of the runs on the examples they share; each where its section is
/// shown.
/// @throws as buildReport() and sliceRun()
ReportModel buildFullReport(Session& session, std::span<const RunId> runs, const FullReportOptions& options,
                            const RunContext& context);

/// Pairs of the report's runs of one data set on the examples both judge, with the pictures that one alone
/// got right: a part of section "compare". Runs that share none are passed over. @throws Cancelled
void addComparisons(ReportModel& report, const Workspace& workspace, const ReportOptions& options,
                    const RunContext& context);

/// Retrieval runs with and without the captions marked as right for other images, as a table: a part of
/// section "tables". Runs without such captions are passed over.
void addCorrectedRetrieval(ReportModel& report, const Workspace& workspace);

} // namespace diptych
