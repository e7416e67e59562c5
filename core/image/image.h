// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/error.h"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <span>
#include <string_view>
#include <vector>

namespace diptych {

/// An 8-bit RGB picture, [height, width, 3] row-major, orientation applied. Alpha, where the file has any, is
/// kept beside it ([height, width]) and is not premultiplied: rgb alone is Pillow's convert("RGB"); what a
/// model sees of transparency is ImageProcessor's choice, and the window shows it composited.
struct Image {
    int width = 0, height = 0;
    std::vector<uint8_t> rgb;
    std::vector<uint8_t> alpha; ///< empty = opaque
    bool empty() const { return rgb.empty(); }
};

struct ImageSize {
    int width = 0, height = 0;
};

/// Most pixels an image may have before it is refused as a likely decompression bomb; Pillow's error limit.
inline constexpr int64_t kDefaultMaxPixels = 178'956'970;

/// Decodes JPEG (grey, YCbCr, CMYK, YCCK), PNG (palette, grey, 16 bit, alpha), WebP, BMP, TIFF and GIF's
/// first frame by content, not by file name; EXIF orientation applied. The result equals Pillow's
/// ImageOps.exif_transpose(Image.open(f)).convert("RGB"). The size is read from the header and checked before
/// pixels are decoded. Errors: NotFound, Unreadable, Corrupt (truncated, empty, not an image), LimitExceeded,
/// Unsupported. Thread-safe.
Result<Image> decodeImage(const std::filesystem::path& path, int64_t maxPixels = kDefaultMaxPixels);
/// @param name for messages
Result<Image> decodeImage(std::span<const std::byte> bytes, std::string_view name,
                          int64_t maxPixels = kDefaultMaxPixels);
/// Decodes a picture and hands it to @p use, which may prepare it for a model. Whatever either throws is the
/// failure of this one picture and names it: damaged data, a shape that no resizing can make, too little
/// memory. All threads that decode share one budget of memory, and this one's share is held until @p use
/// returns.
Result<void> withDecodedImage(std::span<const std::byte> bytes, std::string_view name,
                              const std::function<void(const Image&)>& use);
Result<void> withDecodedImage(const std::filesystem::path& path,
                              const std::function<void(const Image&)>& use);
/// A picture for a grid of thumbnails: makeThumbnail() of the decoded file, except that a large JPEG is
/// reduced while it is decoded, which is several times faster. Not the pixels a model should see.
Result<Image> decodeThumbnail(const std::filesystem::path& path, int side);
/// Width and height (orientation applied) from the header alone.
Result<ImageSize> probeImageSize(std::span<const std::byte> bytes, std::string_view name);

/// True if the name ends like an image this program reads (any case): .jpg .jpeg .png .webp .bmp .tif .tiff
/// .gif ...
bool hasImageExtension(const std::filesystem::path& path);

enum class Resample {
    Nearest = 0,
    Lanczos = 1,
    Bilinear = 2,
    Bicubic = 3,
    Box = 4,
    Hamming = 5
}; ///< PIL's numbers

/// Bit-exact with Pillow's Image.resize((width, height), filter) on RGB: separable, antialiased (support
/// scaled by the reduction), 8-bit intermediate, 22-bit fixed-point weights (Pillow
/// src/libImaging/Resample.c). Alpha is dropped.
Image resize(const Image& image, int width, int height, Resample filter);
/// Whether some pixel is not opaque.
bool hasTransparency(const Image& image);
/// Rectangle that may reach over the border; what is outside is black (as transformers' center_crop pads).
Image crop(const Image& image, int left, int top, int width, int height);
/// Alpha blended over a colour, bit for bit as Pillow's alpha_composite; unchanged if opaque.
Image compositeOver(const Image& image, uint8_t red, uint8_t green, uint8_t blue);
/// Reduced so that neither side exceeds @p side; never enlarged; alpha composited over a light checkerboard.
/// @throws Error InvalidArgument
Image makeThumbnail(const Image& image, int side);
/// Encodes rgb (alpha too for PNG). @param quality 1 to 100. @throws Error
std::vector<std::byte> encodePng(const Image& image);
std::vector<std::byte> encodeJpeg(const Image& image, int quality);

} // namespace diptych
