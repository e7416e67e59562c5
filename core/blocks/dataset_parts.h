// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/blocks/dataset.h"
#include "core/image/image.h"

#include <filesystem>
#include <string_view>

// Private to core/blocks: what writing any kind of dataset needs.
namespace diptych::blocks {

/// Seed of a dataset's scene: apart from those of another kind or seed.
uint64_t seedOf(std::string_view kind, uint64_t seed, size_t index);
/// @throws Error InvalidArgument if it is there and not an empty folder
void prepareFolder(const std::filesystem::path& directory);
std::string_view pictureExtension(const DatasetOptions& options); ///< "png" or "jpg"
/// @return bytes written. @throws Error
uint64_t writePicture(const Image& image, const std::filesystem::path& file, const DatasetOptions& options);

} // namespace diptych::blocks
