// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/context.h"
#include "core/metrics/comparison.h"
#include "core/store/workspace.h"

#include <vector>

namespace diptych {

/// Two runs on the examples both have a verdict for.
struct RunComparison {
    RunRecord first, second; ///< as in lists
    size_t common = 0;       ///< examples with right or wrong in both runs
    size_t onlyInFirst = 0;  ///< with a verdict in one run alone; left out
    size_t onlyInSecond = 0;
    double firstShare = 0; ///< right among the common ones, in [0, 1]
    double secondShare = 0;
    PairedDifference difference;       ///< of the shares, first less second, by paired bootstrap
    McNemar mcNemar;                   ///< on the flips
    std::vector<SampleId> firstAlone;  ///< first right, second wrong; in the first run's order
    std::vector<SampleId> secondAlone; ///< second right, first wrong
};

/// Compares what the runs got right, example by example. Examples of one pair (extras "pair", as of
/// Winoground) are drawn together. The runs may be of different tasks and models; it is the samples that must
/// be the same.
/// @throws Error NotFound (no such run), InvalidArgument (no example with a verdict in both); Cancelled
RunComparison compareRuns(const Workspace& workspace, RunId first, RunId second, size_t resamples,
                          const RunContext& context);

} // namespace diptych
