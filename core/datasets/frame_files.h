// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/error.h"
#include "core/datasets/image_finder.h"

#include <filesystem>
#include <string>
#include <vector>

namespace diptych {

/// Private to core/datasets: the files of a clip's frames, in order; absolute paths, at least one.
/// @param names the frames in order, each as ImageFinder::find() takes it; or one folder, whose pictures are
/// taken by name, numbers by their value (img_2 before img_10)
/// Errors: NotFound (a frame or the folder does not exist, or the folder has no pictures), or that the folder
/// cannot be read.
Result<std::vector<std::filesystem::path>> findFrames(const std::vector<std::string>& names,
                                                      ImageFinder& finder);

} // namespace diptych
