// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/probe/sweep.h"
#include "core/tasks/classification_details.h"
#include "core/tasks/probe_data.h"

#include <cstdint>
#include <limits>
#include <vector>

namespace diptych {

/// What one fitted probe says about the test images; lists are [test images].
struct ProbeOutcome {
    ClassificationResults results; ///< rank of a class that was not trained: the number of classes
    std::vector<std::vector<ScoredIndex>> best;
    std::vector<double> losses; ///< -log p of the right class; NaN where it was not trained
    double accuracy = 0;
    double trainAccuracy = 0; ///< on all it was fitted on
    size_t trainCount = 0;
    uint64_t seed = 0; ///< of the draw of its training images
    double c = 0;
    int iterations = 0;
    bool converged = true;
    std::vector<SweepPoint> sweep; ///< empty where C was given
};

struct ProbeFitOptions {
    ProbeOptions probe;    ///< C where it is not searched
    bool sweep = false;    ///< searches C
    size_t keep = 5;       ///< predictions kept an image
    size_t classCount = 2; ///< of the dataset
    uint64_t seed = 0;
};

/// Fits on @p train and tests on data.test. With a sweep, C is chosen on data.validation, or where that is
/// empty on a fifth of every class of @p train, and the probe is then fitted again on all of both.
/// @throws Error InvalidArgument if a sweep has nothing to choose on; Cancelled
ProbeOutcome fitOutcome(const ProbeData& data, const ProbePart& train, const ProbeFitOptions& options,
                        const RunContext& context);

} // namespace diptych
