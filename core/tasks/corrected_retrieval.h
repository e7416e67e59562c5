// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/results/example_result.h"
#include "core/results/metric.h"

#include <span>
#include <vector>

namespace diptych {

/// An image and a caption of another that count as right too.
struct ExtraMatch {
    SampleId image;
    SampleId captionOf;
    int caption = 0; ///< which of that sample's, from 0
    friend auto operator<=>(const ExtraMatch&, const ExtraMatch&) = default;
};

/// A metric by the annotation alone and with extra matches.
struct CorrectedMetric {
    Metric stored; ///< as the run has it
    /// With the extra matches: between these two. They are equal where what the run keeps of each query is
    /// enough to tell.
    double low = 0, high = 0;
    size_t changed = 0; ///< queries that certainly count otherwise
    size_t open = 0;    ///< queries of which the run keeps too little
    bool exact() const { return low == high; }
};

struct CorrectedRetrieval {
    std::vector<CorrectedMetric> metrics; ///< in the run's order: recall@k both ways, median ranks, mAP@R
    size_t used = 0;                      ///< matches whose image and caption took part in the run
};

/// Recomputes the metrics of a retrieval run as if @p extra were annotated: a query's place is that of its
/// best match, extra ones included, and R of mAP@R grows by them. Ties count against the model, as in the
/// run; scores within 1e-6 of each other are ties, since they are kept in float32.
///
/// A run keeps the first few candidates of each query (its parameter "keep"). An extra match that is not
/// among them stands somewhere behind: where that matters the result is bounds, never a guess. An image
/// without captions of its own stays no query.
/// @param examples all of the run
CorrectedRetrieval correctRetrieval(std::span<const ExampleResult> examples, std::span<const Metric> metrics,
                                    std::span<const ExtraMatch> extra);

} // namespace diptych
