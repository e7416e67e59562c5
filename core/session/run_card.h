// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/session/evaluator.h"

#include <filesystem>

namespace diptych {

/// A run as it is about to be stored.
struct CardInput {
    const Workspace& workspace;
    const TaskInfo& task;
    const RunSpec& spec; ///< with complete parameters
    const Model& model;
    const std::filesystem::path& checkpoint;
    const TaskDataset& samples;
    size_t corrected = 0; ///< labels that are not those imported
};

/// What the run's protocol card (core/report/protocol_card.h) says and nobody could tell once the model or
/// the pictures are gone; kept as details["protocol"]. Contents of pictures are those the run has read.
Json protocolFacts(const CardInput& input);

} // namespace diptych
