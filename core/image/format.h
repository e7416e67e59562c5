// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/image/image.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace diptych {

using ImageBytes = std::span<const std::byte>;

/// What a file says about its picture before any pixel is decoded.
struct ImageHeader {
    int64_t width = 0, height = 0; ///< as stored
    int orientation = 1;           ///< EXIF's 1 to 8; anything else counts as 1
};

/// How a picture is decoded.
struct DecodeOptions {
    int64_t maxPixels = kDefaultMaxPixels;
    int smallestSide = 0; ///< 0 = full size; else a decoder may reduce the picture while its longer side
                          ///< stays at least this long (thumbnails)
};

/// One image file format. The functions throw Error without the file's name; they never write to stderr,
/// never let a library's longjmp or exception out, and are safe to call from many threads.
struct ImageFormat {
    std::string_view name;
    bool (*accepts)(ImageBytes bytes); ///< by the first bytes alone
    ImageHeader (*readHeader)(ImageBytes bytes);
    /// As stored, orientation not applied. Checks the size before it allocates, by allocateImage().
    Image (*decode)(ImageBytes bytes, const DecodeOptions& options);
};

extern const ImageFormat kJpegFormat, kPngFormat, kWebpFormat, kGifFormat, kBmpFormat, kTiffFormat;

/// @throws Error LimitExceeded, or Corrupt for sides below 1
void checkImageSize(int64_t width, int64_t height, int64_t maxPixels);
/// An image of that size whose rgb (and alpha, if asked) are zero. @throws Error as checkImageSize
Image allocateImage(int64_t width, int64_t height, int64_t maxPixels, bool withAlpha);

[[noreturn]] void throwTruncated();
[[noreturn]] void throwCorrupt(std::string_view what);
[[noreturn]] void throwUnsupported(std::string_view what);

/// The file's bytes as numbers; reading past the end is a truncated file. @throws Error Corrupt
class ByteReader {
public:
    explicit ByteReader(ImageBytes bytes, bool bigEndian = false) : m_bytes(bytes), m_bigEndian(bigEndian) {}
    size_t position() const { return m_at; }
    size_t left() const { return m_bytes.size() - m_at; }
    void seek(uint64_t position);
    void skip(uint64_t count);
    uint8_t u8();
    uint16_t u16();
    uint32_t u32();
    uint64_t u64();
    ImageBytes take(uint64_t count);

private:
    ImageBytes m_bytes;
    size_t m_at = 0;
    bool m_bigEndian;
};

inline std::string_view asText(ImageBytes bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}
inline const uint8_t* asOctets(ImageBytes bytes) {
    return reinterpret_cast<const uint8_t*>(bytes.data());
}

/// The Orientation tag of an EXIF block (with or without its "Exif" prefix) or of a TIFF's first directory,
/// as Pillow reads it: the first entry of that tag counts, whole numbers of any type but BYTE are taken, and
/// what stands before a damaged entry is kept. @return 1 to 8; 1 for a tag whose value is none of them; 0 =
/// no such tag, or not readable
int orientationFromExif(ImageBytes exif);
/// tiff:Orientation of an XMP packet; 0 = none.
int orientationFromXmp(std::string_view xmp);
/// Pillow's order: XMP counts only where EXIF has no Orientation.
inline int chooseOrientation(int fromExif, int fromXmp) {
    return fromExif != 0 ? fromExif : (fromXmp != 0 ? fromXmp : 1);
}

/// The colours of up to 256 indices. What a file leaves out is black, as in Pillow.
struct ColorTable {
    std::array<std::array<uint8_t, 3>, 256> colors{};

    /// Where the first @p count colours are the greys 0, 1, 2, ..., the others become so too: Pillow reads
    /// such a picture as grey levels.
    void continueGreyRamp(size_t count);
};

/// Ink to light as Pillow's convert("RGB") does it. @param cmyk 4 bytes a pixel, 255 = full ink
void cmykToRgb(const uint8_t* cmyk, size_t count, uint8_t* rgb);
/// One pixel of JPEG's YCbCr as Pillow's convert("RGB") does it. @param ycbcr 3 bytes
void ycbcrToRgb(const uint8_t* ycbcr, uint8_t* rgb);

} // namespace diptych
