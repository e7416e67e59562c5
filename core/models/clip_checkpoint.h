// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/models/checkpoint.h"
#include "core/models/nn/clip_config.h"

namespace diptych {

/// Compares what a checkpoint holds with what the network needs: every tensor present, in its shape, in a
/// floating-point type; nothing that belongs to a larger network than config.json describes.
/// @throws Error that names the file and the first few tensors, and counts the rest
void checkClipTensors(const Checkpoint& checkpoint, const ClipConfig& config);

} // namespace diptych
