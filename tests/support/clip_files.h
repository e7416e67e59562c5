// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/file.h"

#include <cmath>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>

namespace diptych::test {

/// The grey, of 255, that a clip's brightness @p luma (16 to 235) is decoded to.
inline uint8_t greyOf(int luma) {
    return static_cast<uint8_t>(std::lround((luma - 16) * 255.0 / 219));
}

/// A clip of raw planes (YUV4MPEG2), 40 x 32 pixels, one even frame for each brightness from 16 to 235.
inline void writeClip(const std::filesystem::path& path, std::span<const int> lumas) {
    constexpr size_t kPixels = 40 * 32;
    std::string content = "YUV4MPEG2 W40 H32 F25:1 Ip C444\n";
    for (const int luma : lumas)
        content +=
            "FRAME\n" + std::string(kPixels, static_cast<char>(luma)) + std::string(2 * kPixels, '\x80');
    writeFileAtomically(path, content);
}

} // namespace diptych::test
