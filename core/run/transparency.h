// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/store/workspace.h"

#include <optional>
#include <span>
#include <vector>

namespace diptych {

/// The embedding space that has a row for the content of every picture with transparent pixels.
inline constexpr const char* kTransparencyKey = "transparent-images";

/// Whether each sample's picture has transparent pixels, as far as that was seen when it was encoded: [n];
/// nullopt for files that changed since or were never read. Opens no picture.
std::vector<std::optional<bool>> knownTransparency(Workspace& workspace, std::span<const SampleId> samples);

} // namespace diptych
