// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/tasks/probe_fit.h"

#include <string>
#include <vector>

namespace diptych {

/// Probes fitted on so many training images of every class, once a draw.
struct FewShotPoint {
    size_t shots = 0; ///< 0 = all training images
    std::vector<ProbeOutcome> outcomes;
    ProbePart train; ///< of the first draw
};

/// "1,2,4" -> 1, 2, 4, ascending, each once; empty for a text without numbers.
/// @throws Error InvalidArgument naming the parameter for anything else
std::vector<size_t> parseShots(const std::string& text);

/// Share of draws that got each test image right: [test images].
std::vector<double> meanHits(const std::vector<ProbeOutcome>& outcomes, size_t k);
double meanAccuracy(const std::vector<ProbeOutcome>& outcomes);
/// Standard deviation of the draws' accuracies, n - 1 below; 0 for one draw.
double accuracySpread(const std::vector<ProbeOutcome>& outcomes);

/// 1 where zero-shot classification names the test image right, else 0; equal scores go to the first class.
std::vector<double> zeroShotHits(const TaskInput& input, const ProbePart& test, const RunContext& context);

/// "lp_acc1_4_shots" and the like, one a point.
std::vector<Metric> fewShotMetrics(const std::vector<FewShotPoint>& points, const BootstrapOptions& options,
                                   double chance, const RunContext& context);
/// The curve of accuracy over images a class, with one standard deviation either side and zero-shot dashed.
Json learningCurve(const std::vector<FewShotPoint>& points, double zeroShotAccuracy);
/// A row a point: draws, mean, spread, lowest, highest.
Json fewShotTable(const std::vector<FewShotPoint>& points);

} // namespace diptych
