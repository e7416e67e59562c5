// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/session/embedding_map.h"

#include <string>
#include <vector>

namespace diptych {

/// Private to core/session. The points before they are laid out, and what their layout is kept under.
struct MapInput {
    std::vector<MapPoint> points;
    Matrix rows;       ///< [points, d]: pictures first
    size_t images = 0; ///< rows that are pictures
    Matrix axes;       ///< [axes of the spec, d], each of length 1
    Matrix placed;     ///< [texts and pictures to place, d]: texts first
    std::vector<ItemFailure> failures;
    std::string key;
    EmbeddingLabel label;
};

bool wantsImages(const MapSpec& spec);
bool wantsTexts(const MapSpec& spec);
/// For people: "images and texts"
std::string contentName(const MapSpec& spec);

/// From the cache, and from the model where the cache has none. @throws Error, Cancelled
MapInput mapInput(const MapSpec& spec, const TaskDataset& dataset, LoadedModel& model,
                  const RunContext& context);

} // namespace diptych
