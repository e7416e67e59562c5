// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/context.h"
#include "core/base/random.h"
#include "core/results/metric.h"

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <vector>

namespace diptych {

// Percentile bootstrap (Efron and Tibshirani 1993, ch. 13): the statistic is computed on `resamples` draws of
// n examples with replacement; the interval runs from the (1-level)/2 to the (1+level)/2 quantile of those
// values (linear interpolation, as numpy.percentile). By cluster: whole clusters are drawn, as many as there
// are (captions of one image, the two captions of a pair), since their members are not independent.
// Same seed, same result, on any number of threads and any platform.

struct BootstrapOptions {
    size_t resamples = 1000;
    double level = 0.95;
    /// Cluster of every example, any whole numbers: [n]; empty = every example is its own. Not owned.
    std::span<const int64_t> clusters = {};
};

/// The draws themselves, for statistics that want them. Immutable; draw() may be called from many threads.
class Resampler {
public:
    /// @throws Error InvalidArgument: no examples, clusters of another length
    Resampler(size_t n, std::span<const int64_t> clusters, uint64_t seed);
    size_t size() const { return m_size; }
    size_t clusterCount() const { return m_starts.empty() ? m_size : m_starts.size() - 1; }
    /// The clusters drawn by resample @p r: clusterCount() numbers below clusterCount(). Without clusters
    /// these are the examples drawn. Clusters are numbered as they first appear.
    void drawClusters(size_t r, std::vector<uint32_t>& drawn) const;
    /// Calls visit(number) for each of them, in the order drawn, without storing them.
    template<class Visit>
    void forEachDrawn(size_t r, Visit&& visit) const {
        Random random = streamOf(r);
        const size_t count = clusterCount();
        for (size_t i = 0; i < count; ++i)
            visit(static_cast<size_t>(random.below(count)));
    }
    /// The examples drawn by resample @p r; as many as there are without clusters, about as many with them.
    void draw(size_t r, std::vector<uint32_t>& examples) const;
    /// Members of a cluster, ascending.
    std::span<const uint32_t> members(size_t cluster) const;

private:
    /// Every resample has a stream of its own, so that threads share none.
    Random streamOf(size_t resample) const;

    size_t m_size;
    uint64_t m_seed;
    std::vector<size_t> m_starts;    ///< of each cluster in m_members; empty without clusters
    std::vector<uint32_t> m_members; ///< or 0, 1, 2, ... without clusters
};

/// Interval of the mean of @p values (per-example 0/1 for an accuracy): [n].
/// @throws Error InvalidArgument: no values, NaN, resamples < 2, level outside (0, 1); Cancelled
Interval bootstrapMean(std::span<const double> values, const BootstrapOptions& options,
                       const RunContext& context);

/// The mean of every resample, in the order drawn: [resamples].
std::vector<double> bootstrapMeans(std::span<const double> values, const BootstrapOptions& options,
                                   const RunContext& context);
/// Cuts (1 - level) / 2 off either end. Sorts in place.
Interval percentileInterval(std::span<double> values, double level);

/// Computed on the examples drawn, repeated as often as drawn; called from several threads at once. NaN where
/// it is undefined (say, a draw of one class only): such draws are left out.
using Statistic = std::function<double(std::span<const uint32_t> examples)>;

/// The statistic of every resample, in the order drawn: [resamples].
std::vector<double> bootstrapValues(size_t n, const Statistic& statistic, const BootstrapOptions& options,
                                    const RunContext& context);
/// Interval of any statistic of n examples; nullopt if fewer than half of the draws define it.
std::optional<Interval> bootstrap(size_t n, const Statistic& statistic, const BootstrapOptions& options,
                                  const RunContext& context);

/// The q quantile of values, 0 <= q <= 1, linear between neighbours (numpy.quantile's default). Sorts in
/// place.
double quantile(std::span<double> values, double q);

} // namespace diptych
