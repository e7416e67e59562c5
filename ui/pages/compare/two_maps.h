// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/session/comparison.h"
#include "core/session/embedding_map.h"
#include "core/session/space_comparison.h"

#include <memory>
#include <unordered_map>
#include <vector>

namespace diptych {
class Session;
}

namespace diptych::ui {

/// Both models' places of the same pictures. Made on a worker, never changed after.
struct TwoMaps {
    SpaceComparison space; ///< whose answer may be that there is nothing more
    std::vector<SampleId> samples;
    std::vector<float> firstX, firstY, secondX, secondY; ///< the second laid onto the first (alignPlane())
    double disparity = 0;
    std::vector<float> kept; ///< by sample: share of its nearest neighbours that are common
    std::unordered_map<SampleId, int> pointOf;
};

/// Compares the spaces of the runs' models and lays both out. For a worker thread. @throws Error, Cancelled
std::shared_ptr<const TwoMaps> makeTwoMaps(Session& session, const RunComparison& comparison,
                                           ProjectionMethod method, bool encodeMissing,
                                           const RunContext& context);

} // namespace diptych::ui
