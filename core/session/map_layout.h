// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/session/map_input.h"

#include <optional>
#include <vector>

namespace diptych {

/// Private to core/session. What is kept of a map: where its points lie, and what is known of that.
struct Layout {
    Matrix positions;
    std::vector<float> preservation;
    double neighbourRecall = 1; ///< of the neighbours that it was made with and is judged by
    std::vector<double> explainedVarianceRatio;
    std::vector<ProjectionNote> notes;
};

/// The layout kept for @p input, if all of it is there.
std::optional<Layout> readLayout(Workspace& workspace, const MapInput& input, size_t dimensions);
/// Does nothing where nothing can be written.
void keepLayout(Workspace& workspace, const MapInput& input, const Layout& layout);
/// @throws Error, Cancelled
Layout layOut(const MapSpec& spec, const MapInput& input, const RunContext& context,
              const FrameCallback& onFrame);

} // namespace diptych
