// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/run/outputs.h"
#include "core/store/workspace.h"

#include <cstdint>
#include <string>
#include <vector>

namespace diptych {

/// Samples that have something in common, under a title for people.
struct SummaryBin {
    std::string title;
    std::vector<SampleId> samples;
};

/// What a dataset is made of, at a glance.
struct DatasetSummary {
    size_t samples = 0;
    std::vector<SummaryBin>
        classes; ///< with samples, most first, then by the dataset's order; "no label" last
    std::vector<SummaryBin> splits; ///< where there are any; those without one last
    std::vector<std::string> emptyClasses;
    /// Images of the largest class for one of the smallest that has any; 0 without classes.
    double imbalance = 0;
    std::vector<SummaryBin>
        sizes; ///< by the shorter side in pixels, orientation applied; empty bins left out
    std::vector<SummaryBin> shapes;                        ///< by width / height
    int smallestSide = 0, medianSide = 0, largestSide = 0; ///< of the shorter sides
    uint64_t bytes = 0;                                    ///< of the files that could be read
    std::vector<ItemFailure> failures;                     ///< no image by its first bytes, or not readable
};

/// Reads the head of every image file, a frame of every clip. @throws Error NotFound for a split without
/// samples; Cancelled
DatasetSummary summarize(const Workspace& workspace, DatasetId dataset, const std::string& split,
                         const RunContext& context);

} // namespace diptych
