// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/explain/explain.h"
#include "core/results/metric.h"

#include <cstdint>
#include <vector>

namespace diptych {

// The pointing game (Zhang et al. 2016, "Top-down Neural Attention by Excitation Backprop", section 4.1):
// does the place that a method calls most relevant lie on what the text names? Played on Blocks, where that
// is known to the pixel.

struct PointingOptions {
    size_t scenes = 200;
    uint64_t seed = 1;
    int imageSize = 128;                     ///< pixels of a side, 16 to 1024
    std::vector<ExplainMethod> methods = {}; ///< empty: all
    ExplainOptions explain;                  ///< its method is not looked at
};

/// What one method pointed at. As chance: the mean share of patches that would have been right.
struct PointingScore {
    ExplainMethod method;
    Metric named; ///< scenes whose highest patch has its middle on the object named
    Metric any;   ///< ... on any object: what knows objects, but not which
};

struct PointingGame {
    size_t scenes = 0;
    size_t unseen = 0; ///< more scenes, left out: no patch has its middle on the object named
    std::vector<PointingScore> scores;
};

/// Scenes of Blocks with three or four different objects, of its test part, each with a text that names one
/// of them ("a red cube"). What a patch shows is found by preprocessing each object's mask as the picture.
/// Equal values: the first patch. @param processor the model's
/// @throws Error as explain(); Cancelled
PointingGame playPointingGame(Model& model, const ImageProcessor& processor, const PointingOptions& options,
                              const RunContext& context);

} // namespace diptych
