// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/image/image.h"

#include <string_view>

namespace diptych::blocks {

/// Writes @p caption into the lower part of the picture, white with a dark edge, as memes have it; broken
/// into lines that fit. ASCII alone.
void drawCaption(Image& image, std::string_view caption);

} // namespace diptych::blocks
