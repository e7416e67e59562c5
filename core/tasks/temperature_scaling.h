// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/context.h"
#include "core/base/json.h"
#include "core/models/similarity.h"

#include <functional>
#include <span>
#include <string>
#include <vector>

namespace diptych {

/// Scores of all classes for every image, one row after the other, as often as asked for.
struct ScoredRows {
    using Visit = std::function<void(size_t index, std::span<const float> row)>;
    Similarity similarity;                     ///< of a row's scores
    std::function<void(const Visit&)> forEach; ///< in order, index from 0
};

/// Fewer labelled images than this on either side fit or judge nothing.
inline constexpr size_t kFewestForTemperature = 10;

/// What temperature scaling (core/metrics/temperature.h) would make of the confidences: fitted on one part of
/// the labelled images, at most 4,000 of them, and judged on the rest.
/// @param labels -1 = none: [rows] @param splits of the images: [rows]
/// @param fitSplit the split to fit on, the others judge; empty = of every second image each half is judged
/// by the temperature of the other
/// @return {"fitted_on", "split", "values", "at_border", "fitted", "judged", "ece", "nll": {"before",
/// "after"}, "bins"}; null where there are too few labelled images on a side
/// @throws Error InvalidArgument (no image of that split, or none beside it), Cancelled
Json temperatureScaling(const ScoredRows& rows, std::span<const int> labels,
                        std::span<const std::string> splits, const std::string& fitSplit,
                        const RunContext& context);

/// What a run's "calibration" says of it, as a sentence for people; empty where it says nothing.
std::string temperatureText(const Json& calibration);

} // namespace diptych
