// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/file.h"
#include "core/image/format.h"
#include "core/image/memory_budget.h"
#include "core/image/thumbnail.h"

#include <fmt/format.h>

#include <algorithm>
#include <new>
#include <stdexcept>
#include <type_traits>
#include <utility>
#include <vector>

namespace diptych {
namespace {

constexpr const ImageFormat* kFormats[] = {&kJpegFormat, &kPngFormat, &kWebpFormat,
                                           &kGifFormat,  &kBmpFormat, &kTiffFormat};
/// More than any picture below the pixel limit needs, compressed or not.
constexpr uint64_t kMaxFileBytes = uint64_t{2} << 30;
constexpr std::string_view kExtensions[] = {".jpg",  ".jpeg", ".jpe", ".jfif", ".png",  ".apng",
                                            ".webp", ".bmp",  ".dib", ".tif",  ".tiff", ".gif"};

const ImageFormat& formatOf(ImageBytes bytes) {
    if (bytes.empty())
        throw Error(ErrorCode::Corrupt, "the file is empty");
    for (const ImageFormat* format : kFormats)
        if (format->accepts(bytes))
            return *format;
    throw Error(ErrorCode::Corrupt,
                "it is not an image this program reads (JPEG, PNG, WebP, BMP, TIFF, GIF)");
}

/// What EXIF's orientations do to the stored picture, as three steps.
struct Orientation {
    bool transpose, flipHorizontally,
        flipVertically; ///< flips are made on the stored picture, before transposing
};

Orientation stepsOf(int orientation) {
    switch (orientation) {
    case 2:
        return {false, true, false};
    case 3:
        return {false, true, true};
    case 4:
        return {false, false, true};
    case 5:
        return {true, false, false};
    case 6:
        return {true, false, true};
    case 7:
        return {true, true, true};
    case 8:
        return {true, true, false};
    default:
        return {false, false, false};
    }
}

/// Copies one square of the turned picture. Squares keep both sides of a transposition in the cache.
template<size_t Channels>
struct Turner {
    const uint8_t* in;
    uint8_t* out;
    size_t width, height, outWidth, outHeight; ///< stored, and turned
    Orientation steps;

    void copySquare(size_t left, size_t top, size_t side) const {
        for (size_t y = top; y < std::min(top + side, outHeight); ++y)
            for (size_t x = left; x < std::min(left + side, outWidth); ++x) {
                size_t fromX = steps.transpose ? y : x, fromY = steps.transpose ? x : y;
                if (steps.flipHorizontally)
                    fromX = width - 1 - fromX;
                if (steps.flipVertically)
                    fromY = height - 1 - fromY;
                for (size_t c = 0; c < Channels; ++c)
                    out[(y * outWidth + x) * Channels + c] = in[(fromY * width + fromX) * Channels + c];
            }
    }
};

template<size_t Channels>
std::vector<uint8_t> oriented(const std::vector<uint8_t>& in, size_t width, size_t height,
                              Orientation steps) {
    constexpr size_t kSquare = 64;
    std::vector<uint8_t> out(in.size());
    const Turner<Channels> turner{in.data(),
                                  out.data(),
                                  width,
                                  height,
                                  steps.transpose ? height : width,
                                  steps.transpose ? width : height,
                                  steps};
    for (size_t top = 0; top < turner.outHeight; top += kSquare)
        for (size_t left = 0; left < turner.outWidth; left += kSquare)
            turner.copySquare(left, top, kSquare);
    return out;
}

Image applyOrientation(Image image, int orientation) {
    const Orientation steps = stepsOf(orientation);
    if (!steps.transpose && !steps.flipHorizontally && !steps.flipVertically)
        return image;
    const auto width = static_cast<size_t>(image.width), height = static_cast<size_t>(image.height);
    image.rgb = oriented<3>(image.rgb, width, height, steps);
    if (!image.alpha.empty())
        image.alpha = oriented<1>(image.alpha, width, height, steps);
    if (steps.transpose)
        std::swap(image.width, image.height);
    return image;
}

/// Runs @p call and turns what it throws into the failure of the one image called @p name.
template<class F>
auto perImage(std::string_view name, const F& call) -> Result<decltype(call())> {
    try {
        if constexpr (std::is_void_v<decltype(call())>) {
            call();
            return {};
        } else {
            return call();
        }
    } catch (const Error& error) {
        return tl::unexpected<Error>(
            Error(error.code(), fmt::format("Cannot read {}: {}", toValidUtf8(name), error.what())));
    } catch (const std::bad_alloc&) {
        return failure(ErrorCode::OutOfMemory,
                       fmt::format("Cannot read {}: not enough memory to decode it", toValidUtf8(name)));
    } catch (const std::length_error&) {
        return failure(ErrorCode::LimitExceeded,
                       fmt::format("Cannot read {}: it is too large for this machine", toValidUtf8(name)));
    }
}

Result<std::vector<std::byte>> readImageFile(const std::filesystem::path& path) {
    try {
        return readFile(path, kMaxFileBytes);
    } catch (const std::bad_alloc&) {
        return failure(ErrorCode::OutOfMemory,
                       fmt::format("Cannot read {}: not enough memory to hold the file", displayPath(path)));
    }
}

ImageHeader readHeader(const ImageFormat& format, ImageBytes bytes, int64_t maxPixels) {
    const ImageHeader header = format.readHeader(bytes);
    checkImageSize(header.width, header.height, maxPixels);
    return header;
}

ImageSize orientedSize(const ImageHeader& header) {
    const ImageSize size{static_cast<int>(header.width), static_cast<int>(header.height)};
    return stepsOf(header.orientation).transpose ? ImageSize{size.height, size.width} : size;
}

/// The most memory that decoding one pixel takes: the picture, a turned copy of it and what the decoders
/// hold, which is up to 8 bytes for samples of 16 bits, and as much for the scans of a progressive JPEG.
constexpr uint64_t kBytesPerPixel = 16;

/// Decodes and hands the picture to @p use; the budget's share is held until that is done.
template<class Use>
auto decodeWithin(ImageBytes bytes, const DecodeOptions& options, const Use& use) {
    const ImageFormat& format = formatOf(bytes);
    const ImageHeader header = readHeader(format, bytes, options.maxPixels);
    const auto pixels = static_cast<uint64_t>(header.width * header.height);
    const MemoryBudget::Share share = decodingMemory().take(pixels * kBytesPerPixel);
    return use(applyOrientation(format.decode(bytes, options), header.orientation));
}

} // namespace

Result<Image> decodeImage(std::span<const std::byte> bytes, std::string_view name, int64_t maxPixels) {
    return perImage(name, [&] {
        return decodeWithin(bytes, {maxPixels, 0}, [](Image image) { return image; });
    });
}

Result<void> withDecodedImage(std::span<const std::byte> bytes, std::string_view name,
                              const std::function<void(const Image&)>& use) {
    return perImage(name, [&] { return decodeWithin(bytes, {}, [&](const Image& image) { use(image); }); });
}

Result<void> withDecodedImage(const std::filesystem::path& path,
                              const std::function<void(const Image&)>& use) {
    const auto bytes = readImageFile(path);
    if (!bytes)
        return tl::unexpected<Error>(bytes.error());
    return withDecodedImage(*bytes, displayPath(path), use);
}

Result<Image> decodeImage(const std::filesystem::path& path, int64_t maxPixels) {
    const auto bytes = readImageFile(path);
    if (!bytes)
        return tl::unexpected<Error>(bytes.error());
    return decodeImage(*bytes, displayPath(path), maxPixels);
}

Result<Image> decodeThumbnail(const std::filesystem::path& path, int side) {
    const auto bytes = readImageFile(path);
    if (!bytes)
        return tl::unexpected<Error>(bytes.error());
    return perImage(displayPath(path), [&] {
        const ImageSize whole = orientedSize(readHeader(formatOf(*bytes), *bytes, kDefaultMaxPixels));
        const ImageSize size = thumbnailSize(whole, side);
        return decodeWithin(*bytes, {kDefaultMaxPixels, side},
                            [&](const Image& image) { return resizeForDisplay(image, size); });
    });
}

Result<ImageSize> probeImageSize(std::span<const std::byte> bytes, std::string_view name) {
    return perImage(name, [&] { return orientedSize(readHeader(formatOf(bytes), bytes, INT32_MAX)); });
}

bool hasImageExtension(const std::filesystem::path& path) {
    std::string extension = path.extension().string();
    for (char& c : extension)
        if (c >= 'A' && c <= 'Z')
            c = static_cast<char>(c - 'A' + 'a');
    return std::find(std::begin(kExtensions), std::end(kExtensions), extension) != std::end(kExtensions);
}

} // namespace diptych
