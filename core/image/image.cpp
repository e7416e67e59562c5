// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/image/image.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstring>

namespace diptych {
namespace {

/// x * y / 255, rounded.
uint8_t scaled(unsigned x, unsigned y) {
    return static_cast<uint8_t>((x * y + 127) / 255);
}

uint8_t blended(uint8_t over, uint8_t under, unsigned alpha) {
    return static_cast<uint8_t>((over * alpha + under * (255 - alpha) + 127) / 255);
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

Image crop(const Image& image, int left, int top, int width, int height) {
    if (width <= 0 || height <= 0)
        throw Error(ErrorCode::InvalidArgument,
                    fmt::format("Crop: width and height must be at least 1, not {} x {}", width, height));
    Image out{width, height, {}, {}};
    out.rgb.resize(static_cast<size_t>(width) * static_cast<size_t>(height) * 3);
    if (!image.alpha.empty())
        out.alpha.resize(static_cast<size_t>(width) * static_cast<size_t>(height));
    const int64_t fromX = std::max<int64_t>(left, 0), fromY = std::max<int64_t>(top, 0);
    const int64_t toX = std::min<int64_t>(int64_t{left} + width, image.width);
    const int64_t toY = std::min<int64_t>(int64_t{top} + height, image.height);
    if (toX <= fromX)
        return out;
    const auto columns = static_cast<size_t>(toX - fromX);
    for (int64_t y = fromY; y < toY; ++y) {
        const auto from = static_cast<size_t>(y * image.width + fromX);
        const auto to = static_cast<size_t>((y - top) * width + (fromX - left));
        std::memcpy(out.rgb.data() + to * 3, image.rgb.data() + from * 3, columns * 3);
        if (!out.alpha.empty())
            std::memcpy(out.alpha.data() + to, image.alpha.data() + from, columns);
    }
    return out;
}

Image compositeOver(const Image& image, uint8_t red, uint8_t green, uint8_t blue) {
    Image out{image.width, image.height, image.rgb, {}};
    for (size_t i = 0; i < image.alpha.size(); ++i) {
        out.rgb[3 * i] = blended(image.rgb[3 * i], red, image.alpha[i]);
        out.rgb[3 * i + 1] = blended(image.rgb[3 * i + 1], green, image.alpha[i]);
        out.rgb[3 * i + 2] = blended(image.rgb[3 * i + 2], blue, image.alpha[i]);
    }
    return out;
}

Image makeThumbnail(const Image& image, int side) {
    if (side < 1)
        throw Error(ErrorCode::InvalidArgument,
                    fmt::format("Thumbnail: the side must be at least 1, not {}", side));
    const int longer = std::max(image.width, image.height);
    const double scale = longer > side ? static_cast<double>(side) / longer : 1.0;
    const int width = std::max(1, static_cast<int>(std::lround(image.width * scale)));
    const int height = std::max(1, static_cast<int>(std::lround(image.height * scale)));
    return image.alpha.empty() ? resize(image, width, height, Resample::Bilinear)
                               : resizedOverCheckerboard(image, width, height);
}

} // namespace diptych
