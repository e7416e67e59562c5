// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/cli/console.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace diptych::cli {

/// "1 image", "100,000 images"
inline std::string counted(size_t count, std::string_view one, std::string_view many) {
    return formatCount(static_cast<int64_t>(count)) + ' ' + std::string(count == 1 ? one : many);
}
inline std::string countedImages(size_t count) {
    return counted(count, "image", "images");
}

} // namespace diptych::cli
