// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/video/media.h"

#include "core/base/ascii.h"
#include "core/video/clip.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace diptych {
namespace {

constexpr std::array<std::string_view, 13> kExtensions = {
    ".mp4", ".m4v", ".mov", ".avi", ".mkv", ".webm", ".mpg", ".mpeg", ".wmv", ".flv", ".ogv", ".3gp", ".y4m"};

} // namespace

bool hasClipExtension(const std::filesystem::path& path) {
    return std::ranges::find(kExtensions, lowerAscii(path.extension().native())) != kExtensions.end();
}

Result<Image> decodeStill(const std::filesystem::path& path) {
    if (!hasClipExtension(path))
        return decodeImage(path);
    try {
        return stillOfClip(path);
    } catch (const Error& error) {
        return tl::unexpected(error);
    }
}

Result<Image> decodeStillThumbnail(const std::filesystem::path& path, int side) {
    if (!hasClipExtension(path))
        return decodeThumbnail(path, side);
    const Result<Image> still = decodeStill(path);
    if (!still)
        return still;
    return makeThumbnail(*still, side);
}

} // namespace diptych
