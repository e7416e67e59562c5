// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/store/workspace.h"
#include "core/tasks/corrected_retrieval.h"

#include <string>

namespace diptych {

/// A retrieval run with and without the captions marked as right for other images of its dataset.
struct RunPositives {
    RunRecord run;     ///< whole
    size_t marked = 0; ///< pairs marked in the dataset; those that took part in the run: retrieval.used
    CorrectedRetrieval retrieval;
    std::string note; ///< what is to be known about the numbers, in a sentence; may be empty
};

/// From what the run keeps; the run is not changed. Takes as long as reading its examples.
/// @throws Error NotFound (no such run), InvalidArgument (not a retrieval run, one without examples, or one
/// whose dataset is gone), Corrupt
RunPositives runWithPositives(const Workspace& workspace, RunId id);

/// "62.5 %", or where what the run keeps is not enough "62.5 – 70.0 %"
std::string correctedText(const CorrectedMetric& metric);
/// "+2.5 points", "-1"; empty where nothing changes or is not known exactly.
std::string correctedChangeText(const CorrectedMetric& metric);

} // namespace diptych
