// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/image/thumbnail.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace diptych {
namespace {

/// x * y / 255, rounded.
uint8_t scaled(unsigned x, unsigned y) {
    return static_cast<uint8_t>((x * y + 127) / 255);
}

/// Light squares that tell transparency from white.
uint8_t checkerboard(size_t x, size_t y) {
    constexpr size_t kSquare = 8;
    return (x / kSquare + y / kSquare) % 2 == 0 ? 255 : 224;
}

/// The resized picture over a checkerboard. Colour is resized premultiplied, or the colour hidden under
/// transparent pixels would bleed into the edges.
Image resizedOverCheckerboard(const Image& image, int width, int height) {
    Image premultiplied{image.width, image.height, image.rgb, {}};
    Image alpha{image.width, image.height, std::vector<uint8_t>(image.rgb.size()), {}};
    for (size_t i = 0; i < image.rgb.size(); ++i) {
        alpha.rgb[i] = image.alpha[i / 3];
        premultiplied.rgb[i] = scaled(image.rgb[i], image.alpha[i / 3]);
    }
    Image out = resize(premultiplied, width, height, Resample::Bilinear);
    alpha = resize(alpha, width, height, Resample::Bilinear);
    const auto rowBytes = static_cast<size_t>(width) * 3;
    for (size_t i = 0; i < out.rgb.size(); ++i) {
        const unsigned under = scaled(checkerboard(i % rowBytes / 3, i / rowBytes), 255u - alpha.rgb[i]);
        out.rgb[i] = static_cast<uint8_t>(std::min(out.rgb[i] + under, 255u));
    }
    return out;
}

} // namespace

ImageSize thumbnailSize(ImageSize size, int side) {
    if (side < 1)
        throw Error(ErrorCode::InvalidArgument,
                    fmt::format("Thumbnail: the side must be at least 1, not {}", side));
    const int longer = std::max(size.width, size.height);
    const double scale = longer > side ? static_cast<double>(side) / longer : 1.0;
    return {std::max(1, static_cast<int>(std::lround(size.width * scale))),
            std::max(1, static_cast<int>(std::lround(size.height * scale)))};
}

Image resizeForDisplay(const Image& image, ImageSize size) {
    return image.alpha.empty() ? resize(image, size.width, size.height, Resample::Bilinear)
                               : resizedOverCheckerboard(image, size.width, size.height);
}

Image makeThumbnail(const Image& image, int side) {
    return resizeForDisplay(image, thumbnailSize({image.width, image.height}, side));
}

} // namespace diptych
