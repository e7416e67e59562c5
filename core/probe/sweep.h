// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/probe/linear_probe.h"

#include <cstddef>
#include <functional>
#include <span>
#include <vector>

namespace diptych {

/// One C tried on the validation examples.
struct SweepPoint {
    double c = 0;
    ProbeScore validation;
    int iterations = 0;
    bool converged = false;
};

struct SweepResult {
    double bestC = 0;
    std::vector<SweepPoint> points; ///< tried, by C ascending
};

/// The grid's ends and steps: 1e-6 to 1e6, eight steps a decade (Radford et al. 2021, appendix A.3).
inline constexpr int kSweepDecades = 6;
inline constexpr int kSweepStepsPerDecade = 8;
inline constexpr int kSweepSteps = 2 * kSweepDecades * kSweepStepsPerDecade;
/// C at a step of the grid, 0 = 1e-6, kSweepSteps = 1e6.
double sweepC(int step);

/// The CLIP paper's parametric binary search: tries 1e-6, 1e-4, ... 1e6, then halves the interval around the
/// best until neighbours are one step apart; 15 fits at most. Best: highest @p quality; among equals the
/// smaller C, the stronger penalty.
/// @param quality of the step given; called once a step
/// @return the best step
int searchSweepSteps(const std::function<double(int step)>& quality);

/// Searches C by accuracy on the validation examples. @p options.c is not used.
/// @throws as fitProbe and scoreProbe
SweepResult sweepProbe(const Matrix& trainFeatures, std::span<const int> trainLabels,
                       const Matrix& validationFeatures, std::span<const int> validationLabels,
                       const ProbeOptions& options, const RunContext& context);

/// Rows of both, the first's first: what a probe is fitted on again once C is chosen.
Matrix concatenateRows(const Matrix& first, const Matrix& second);

} // namespace diptych
