// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/metrics/slices.h"
#include "core/session/slice_keys.h"
#include "core/session/slice_metrics.h"
#include "core/store/workspace.h"

#include <string>
#include <vector>

namespace diptych {

/// Which parts of a run to look at, and how.
struct SliceSpec {
    RunId run;
    std::vector<std::string> by;     ///< as sliceKey() takes them; several = their intersections
    std::vector<NamedSamples> lists; ///< what "list" and "list:NAME" tell apart
    std::string metric;              ///< empty = the task's primary one, else the first that can be cut
    size_t minimum = 10;             ///< slices of fewer units are too few to say
    size_t bins = 5;                 ///< of columns of numbers
    bool others = true;              ///< intervals of the other metrics too
};

/// A part of a run's examples.
struct Slice {
    std::vector<std::string> values; ///< one for each of SliceSpec::by
    /// The metric on it, with the interval by the rule of runs: Metric::n units. NaN where undefined.
    Metric metric;
    SliceDifference difference; ///< to the units outside; of a slice of everything NaN
    size_t rest = 0;            ///< units outside
    double adjustedP = 1;       ///< difference.pValue by Holm over the slices that are tested
    bool tested = false;  ///< there are enough units inside and outside, and the metric is defined on both
    bool tooFew = false;  ///< fewer units than asked for, inside or outside
    bool differs = false; ///< from the rest, at 5 % over all slices
    std::vector<Metric> others;    ///< the run's other metrics on it, as far as they can be cut
    std::vector<SampleId> samples; ///< behind the metric, in the run's order
    std::string title() const;     ///< the values, " · " between several
};

struct RunSlices {
    RunRecord run;               ///< as in lists
    std::vector<std::string> by; ///< titles
    Metric whole;                ///< the metric of the run
    /// Worst first; those that are too few after the others.
    std::vector<Slice> slices;
    size_t tested = 0;                    ///< slices that Holm's adjustment is over
    size_t hidden = 0;                    ///< the smallest, beyond kMostSlices
    std::vector<std::string> metrics;     ///< that can be cut
    std::vector<UnsliceableMetric> uncut; ///< and those that cannot
    std::string note;                     ///< for people; why it is not the primary metric, say
    std::vector<std::string> keyNotes;    ///< SliceKey::notes of all keys
};
/// More slices than this are of no use to anybody: the largest are kept.
inline constexpr size_t kMostSlices = 500;

/// Metrics on parts of a run, from its stored examples: no model is loaded, nothing encoded. Values and
/// intervals follow the rules of the run: a slice of everything has the run's own.
/// @throws Error NotFound (run, key, metric), InvalidArgument (no examples are kept, nothing to cut by, no
/// metric can be cut); Cancelled
RunSlices sliceRun(Workspace& workspace, const SliceSpec& spec, const RunContext& context);

} // namespace diptych
