// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/metrics/bootstrap.h"

#include <cstdint>
#include <span>
#include <vector>

namespace diptych {

// Two runs on the same examples, in the same order.

/// The difference of two means, first less second.
struct PairedDifference {
    double difference = 0;
    Interval interval;
    /// Two-sided bootstrap p-value: twice the smaller share of draws on either side of no difference (draws
    /// at 0 count to both sides), each share as (count + 1) / (resamples + 1) so that it is never 0; at
    /// most 1.
    double pValue = 1;
    size_t n = 0;
};

/// Paired bootstrap: examples (or clusters) are drawn once for both runs.
/// @param first, second per-example values, e.g. 1 = right: [n]
/// @throws Error InvalidArgument as bootstrapMean, and for lengths that differ; Cancelled
PairedDifference pairedBootstrap(std::span<const double> first, std::span<const double> second,
                                 const BootstrapOptions& options, const RunContext& context);

/// McNemar's test on the flips: the examples of which one run alone is right (McNemar 1947).
struct McNemar {
    uint64_t onlyFirst = 0, onlySecond = 0;
    bool exact = true;    ///< binomial; else chi-square with continuity correction
    double statistic = 0; ///< exact: the smaller count; else (|b-c| - 1)^2 / (b+c)
    double pValue = 1;    ///< two-sided
};

/// Below this many flips the binomial distribution is used, from it on the chi-square approximation.
inline constexpr uint64_t kMcNemarExactBelow = 25;

/// exact: p = min(1, 2 P(X <= min(b, c))), X ~ Binomial(b + c, 1/2); chi-square: one degree of freedom,
/// correction not larger than |b - c| (as R's mcnemar.test). No flips at all: p = 1.
/// (statsmodels 0.14, contingency_tables.mcnemar, exact=True / False.)
McNemar mcNemar(uint64_t onlyFirst, uint64_t onlySecond);

} // namespace diptych
