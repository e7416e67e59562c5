// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/image/image.h"

#include <filesystem>

namespace diptych {

/// True if the name ends like a clip that readClip() is for (any case): .mp4 .avi .mov .mkv .webm ...
bool hasClipExtension(const std::filesystem::path& path);

/// A picture, or a frame from the middle of a clip, for people to look at: the frame is jumped to by what the
/// file says of its length, the first one where that fails. Errors as decodeImage() and readClip().
/// Thread-safe.
Result<Image> decodeStill(const std::filesystem::path& path);
/// The same for a grid of thumbnails, as decodeThumbnail().
Result<Image> decodeStillThumbnail(const std::filesystem::path& path, int side);

} // namespace diptych
