// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/metrics/slices.h"
#include "core/store/run_record.h"

#include <array>
#include <span>
#include <string>
#include <vector>

namespace diptych {

/// A metric of a run, taken apart into what it is made of, so that it can be computed on part of the
/// examples.
struct SliceableMetric {
    Metric whole; ///< as stored with the run
    /// The examples behind each unit, as places in the list given: [n]. Twice the same where there is but
    /// one; an example may have several units (captions).
    std::vector<std::array<uint32_t, 2>> examples;
    std::vector<double> values;    ///< by unit: the metric is their mean; empty where it is no mean
    SubsetStatistic statistic;     ///< where it is no mean
    std::vector<int64_t> clusters; ///< by unit, drawn together; empty = each on its own
    size_t units() const { return examples.size(); }
    bool isMean() const { return !statistic; }
};

/// The metric on some of its units. @param units not empty. NaN where it is undefined on them
double valueOn(const SliceableMetric& metric, std::span<const uint32_t> units);
/// The 95 % interval by the rule of runs. @param context with the run's seed; @throws Cancelled
std::optional<Interval> intervalOn(const SliceableMetric& metric, std::span<const uint32_t> units,
                                   size_t resamples, const RunContext& context);

/// A metric that part of the examples cannot tell.
struct UnsliceableMetric {
    std::string name;
    std::string why; ///< for people, the end of a sentence: "it is about training images"
};

struct SliceMetrics {
    std::vector<SliceableMetric> metrics; ///< in the run's order
    std::vector<UnsliceableMetric> others;
};

/// Every metric of the run that its stored examples give. Each is computed on all examples first: what does
/// not give the run's own value (within 1e-6 of it) is among the others. @param run with details
SliceMetrics sliceMetrics(const RunRecord& run, std::span<const ExampleResult> examples);

} // namespace diptych
