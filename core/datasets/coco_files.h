// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace diptych {

// Private to core/datasets: where COCO keeps things.

/// "val" of captions_val2017.json; empty where the name says no split.
std::string cocoSplit(const std::filesystem::path& source);
/// Folders the images of such a file may lie in, relative to its own: "val2017", "../val2017", ...
std::vector<std::string> cocoImageFolders(const std::filesystem::path& source);

} // namespace diptych
