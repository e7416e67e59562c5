// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/image/image.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

namespace diptych {
namespace {

/// Pillow's alpha_composite over an opaque colour, in its fixed point (src/libImaging/AlphaComposite.c).
uint8_t blended(uint32_t over, uint32_t under, uint32_t alpha) {
    constexpr uint32_t kPrecision = 7;
    const auto divideBy255 = [](uint32_t value) { return ((value >> 8) + value) >> 8; };
    const uint32_t sum = (over * alpha + under * (255 - alpha)) << kPrecision;
    return static_cast<uint8_t>(divideBy255(sum + (0x80 << kPrecision)) >> kPrecision);
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

bool hasTransparency(const Image& image) {
    return std::any_of(image.alpha.begin(), image.alpha.end(), [](uint8_t alpha) { return alpha != 255; });
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

} // namespace diptych
