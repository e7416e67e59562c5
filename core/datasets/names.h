// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace diptych {

// Private to core/datasets: names of files and columns.

std::string lowerCase(std::string text); ///< of ASCII letters
/// The ending of a file's name in lower case: ".csv".
std::string lowerExtension(const std::filesystem::path& path);
/// "x.jpg" of "x.jpg#0", as Flickr8k and Flickr30k number captions; other names as they are.
std::string_view withoutCaptionNumber(std::string_view imageName);

} // namespace diptych
