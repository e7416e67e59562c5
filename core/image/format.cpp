// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/image/format.h"

#include <fmt/format.h>

#include <algorithm>

namespace diptych {

void checkImageSize(int64_t width, int64_t height, int64_t maxPixels) {
    if (width < 1 || height < 1)
        throwCorrupt(fmt::format("it claims a size of {} x {} pixels", width, height));
    // Divided, not multiplied: the sides are whatever the header says.
    if (width > maxPixels || height > maxPixels / width)
        throw Error(
            ErrorCode::LimitExceeded,
            fmt::format("the image has {} x {} pixels; at most {} are decoded", width, height, maxPixels));
}

Image allocateImage(int64_t width, int64_t height, int64_t maxPixels, bool withAlpha) {
    checkImageSize(width, height, maxPixels);
    Image image;
    image.width = static_cast<int>(width);
    image.height = static_cast<int>(height);
    const auto pixels = static_cast<size_t>(width * height);
    image.rgb.resize(pixels * 3);
    if (withAlpha)
        image.alpha.resize(pixels);
    return image;
}

void throwTruncated() {
    throw Error(ErrorCode::Corrupt, "the image file is truncated");
}

void throwCorrupt(std::string_view what) {
    throw Error(ErrorCode::Corrupt, fmt::format("the image file is corrupt: {}", what));
}

void throwUnsupported(std::string_view what) {
    throw Error(ErrorCode::Unsupported, fmt::format("{} is not supported", what));
}

void ByteReader::seek(uint64_t position) {
    if (position > m_bytes.size())
        throwTruncated();
    m_at = static_cast<size_t>(position);
}

void ByteReader::skip(uint64_t count) {
    if (count > left())
        throwTruncated();
    m_at += static_cast<size_t>(count);
}

uint8_t ByteReader::u8() {
    if (left() < 1)
        throwTruncated();
    return static_cast<uint8_t>(m_bytes[m_at++]);
}

uint16_t ByteReader::u16() {
    const unsigned first = u8(), second = u8();
    return static_cast<uint16_t>(m_bigEndian ? first << 8 | second : second << 8 | first);
}

uint32_t ByteReader::u32() {
    const uint32_t first = u16(), second = u16();
    return m_bigEndian ? first << 16 | second : second << 16 | first;
}

uint64_t ByteReader::u64() {
    const uint64_t first = u32(), second = u32();
    return m_bigEndian ? first << 32 | second : second << 32 | first;
}

ImageBytes ByteReader::take(uint64_t count) {
    const size_t from = m_at;
    skip(count);
    return m_bytes.subspan(from, static_cast<size_t>(count));
}

int orientationFromXmp(std::string_view xmp) {
    constexpr std::string_view kName = "tiff:Orientation";
    for (size_t at = xmp.find(kName); at != std::string_view::npos; at = xmp.find(kName, at + 1)) {
        std::string_view rest = xmp.substr(at + kName.size());
        if (rest.starts_with("=\""))
            rest.remove_prefix(2);
        else if (rest.starts_with(">"))
            rest.remove_prefix(1);
        else
            continue;
        if (!rest.empty() && rest[0] >= '0' && rest[0] <= '9')
            return rest[0] >= '1' && rest[0] <= '8' ? rest[0] - '0' : 1;
    }
    return 0;
}

void ColorTable::continueGreyRamp(size_t count) {
    const auto greyAt = [](size_t i) {
        const auto level = static_cast<uint8_t>(i);
        return std::array<uint8_t, 3>{level, level, level};
    };
    for (size_t i = 0; i < count; ++i)
        if (colors[i] != greyAt(i))
            return;
    for (size_t i = count; i < colors.size(); ++i)
        colors[i] = greyAt(i);
}

void cmykToRgb(const uint8_t* cmyk, size_t count, uint8_t* rgb) {
    for (size_t i = 0; i < count; ++i, cmyk += 4, rgb += 3) {
        const int light = 255 - cmyk[3];
        for (int channel = 0; channel < 3; ++channel) {
            // Rounded product over 255, as in Pillow 13.0's src/libImaging/Convert.c.
            const int product = cmyk[channel] * light + 128;
            rgb[channel] =
                static_cast<uint8_t>(std::clamp(light - (((product >> 8) + product) >> 8), 0, 255));
        }
    }
}

void ycbcrToRgb(const uint8_t* ycbcr, uint8_t* rgb) {
    // Pillow's tables hold 6 bits behind the point (src/libImaging/ConvertYCbCr.c).
    constexpr int kBits = 6;
    const auto term = [](double factor, uint8_t chroma) {
        return static_cast<int>(factor * (chroma - 128) * (1 << kBits) + 0.5);
    };
    const auto level = [](int value) { return static_cast<uint8_t>(std::clamp(value, 0, 255)); };
    const uint8_t blue = ycbcr[1], red = ycbcr[2];
    rgb[0] = level(ycbcr[0] + (term(1.402, red) >> kBits));
    rgb[1] = level(ycbcr[0] + ((term(-0.34414, blue) + term(-0.71414, red)) >> kBits));
    rgb[2] = level(ycbcr[0] + (term(1.772, blue) >> kBits));
}

} // namespace diptych
