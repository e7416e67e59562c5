// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/context.h"
#include "core/metrics/comparison.h"
#include "core/store/workspace.h"

#include <optional>
#include <string>
#include <vector>

namespace diptych {

/// Two runs on the examples both judge.
struct RunComparison {
    RunRecord first, second; ///< as in lists
    size_t common = 0;       ///< examples both judge
    size_t onlyInFirst = 0;  ///< judged by one run alone; left out
    size_t onlyInSecond = 0;
    /// What the examples are compared on, for people: "CLIPScore"; empty = every one is right or wrong.
    std::string score;
    Unit unit = Unit::Share; ///< of the scores
    double firstMean = 0;    ///< over the common ones: the share that is right, or the mean of the scores
    double secondMean = 0;
    PairedDifference difference;        ///< of the means, first less second, by paired bootstrap of clusters
    std::optional<McNemar> mcNemar;     ///< on the flips; none where scores are not right or wrong
    std::vector<SampleId> firstHigher;  ///< first right and second wrong, or of the higher score; in the
                                        ///< first run's order
    std::vector<SampleId> secondHigher; ///< likewise

    bool rightOrWrong() const { return score.empty(); }
    std::string meanText(double mean) const;             ///< "93.4 %", "0.7421"
    std::string differenceText(double difference) const; ///< "+12.5 points", "-0.0031"
};

/// Compares runs example by example: on the examples' scores where both are of one task and keep them, else
/// on what was right. Examples of one cluster (of the first run) are drawn together. The runs may be of
/// different tasks and models; it is the samples that must be the same.
/// @throws Error NotFound (no such run), InvalidArgument (no example that both judge); Cancelled
RunComparison compareRuns(const Workspace& workspace, RunId first, RunId second, size_t resamples,
                          const RunContext& context);

} // namespace diptych
