// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/metrics/bootstrap.h"

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

namespace diptych {

// Slices: parts of the units a metric is made of (examples, captions, pairs), each against the rest. Slices
// may overlap and need not cover everything.

/// Numbers of the units in a slice, ascending, each once.
using SliceMembers = std::vector<uint32_t>;

/// The metric in a slice less the metric in the rest.
struct SliceDifference {
    double difference = 0; ///< NaN where either side is empty or undefined
    /// Percentiles of the difference over draws of clusters from both sides together, so that clusters that
    /// reach into both stay whole; draws that leave a side empty or undefined are left out. None if fewer
    /// than half of the draws define it.
    std::optional<Interval> interval;
    /// Two-sided, of "the slice is like the rest": 1 where nothing can be said. Values of 0 and 1 that are
    /// independent: Fisher's exact test. Else the difference divided by its bootstrap standard error, as a
    /// standard normal number (Efron and Tibshirani 1993, ch. 12); where all draws agree on a difference,
    /// 2 / (resamples + 1).
    double pValue = 1;
};

/// Of means, for all slices at once: each draw is made once.
/// @param values by unit: [n] @param options clusters by unit
/// @throws Error InvalidArgument as bootstrapMean(), and for members outside [0, n); Cancelled
std::vector<SliceDifference> sliceMeanDifferences(std::span<const double> values,
                                                  std::span<const SliceMembers> slices,
                                                  const BootstrapOptions& options, const RunContext& context);

/// Prepares a metric for some of the units: what it returns takes positions in @p units and outlives it.
using SubsetStatistic = std::function<Statistic(std::span<const uint32_t> units)>;

/// Of any metric of @p n units; for metrics that are no means.
SliceDifference sliceDifference(size_t n, const SubsetStatistic& statistic, const SliceMembers& slice,
                                const BootstrapOptions& options, const RunContext& context);

/// Fisher's exact test of a 2 x 2 table, two-sided: the probability of all tables with the same margins that
/// are no more likely than this one (scipy 1.17, fisher_exact; R's fisher.test). An empty row or column: 1.
double fisherExact(uint64_t rightInside, uint64_t wrongInside, uint64_t rightRest, uint64_t wrongRest);

/// Holm's step-down adjustment for several tests: of the i-th smallest of m values max over j <= i of
/// min(1, (m - j + 1) p_j), in the order given (Holm 1979; statsmodels 0.15, multipletests method "holm").
std::vector<double> holmAdjusted(std::span<const double> pValues);

/// Edges that cut numbers into at most @p bins of about the same size, ascending: bin i is
/// [edges[i - 1], edges[i]), the first and the last are open. Quantiles (numpy's default), each rounded to
/// the fewest digits that keep it within a twentieth of the distance to its neighbours; equal edges and those
/// below which nothing lies are left out, so that no bin is empty.
/// @param values not empty, finite
std::vector<double> quantileEdges(std::span<const double> values, size_t bins);
/// The bin a number is in: 0 for numbers below edges[0].
size_t binOf(double value, std::span<const double> edges);
/// "below 0.2", "0.2 to 0.5", "0.5 and more"; the upper end of a bin is not in it.
std::string binTitle(size_t bin, std::span<const double> edges);

} // namespace diptych
