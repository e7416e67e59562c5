// SPDX-License-Identifier: GPL-3.0-or-later
// The one tag of EXIF that changes pixels, read as Pillow's ImageFileDirectory_v2 reads it.
#include "core/image/format.h"

#include <bit>
#include <cmath>
#include <optional>

namespace diptych {
namespace {

/// TIFF's field types that Pillow reads.
enum FieldType : uint16_t {
    kByte = 1,
    kAscii = 2,
    kShort = 3,
    kLong = 4,
    kRational = 5,
    kSignedByte = 6,
    kUndefined = 7,
    kSignedShort = 8,
    kSignedLong = 9,
    kSignedRational = 10,
    kFloat = 11,
    kDouble = 12,
    kIfd = 13,
    kLong8 = 16
};

/// Bytes of one value; 0 = a type that Pillow skips.
unsigned bytesOfType(uint16_t type) {
    switch (type) {
    case kByte:
    case kAscii:
    case kSignedByte:
    case kUndefined:
        return 1;
    case kShort:
    case kSignedShort:
        return 2;
    case kLong:
    case kSignedLong:
    case kFloat:
    case kIfd:
        return 4;
    case kRational:
    case kSignedRational:
    case kDouble:
    case kLong8:
        return 8;
    default:
        return 0;
    }
}

/// The first value of a field. BYTE, ASCII and UNDEFINED are texts to Pillow and no numbers.
std::optional<double> firstNumber(ByteReader value, uint16_t type) {
    const auto ratio = [](double numerator, double denominator) {
        return denominator == 0 ? std::nan("") : numerator / denominator;
    };
    switch (type) {
    case kShort:
        return value.u16();
    case kLong:
    case kIfd:
        return value.u32();
    case kSignedByte:
        return static_cast<int8_t>(value.u8());
    case kSignedShort:
        return static_cast<int16_t>(value.u16());
    case kSignedLong:
        return static_cast<int32_t>(value.u32());
    case kRational: {
        const double numerator = value.u32();
        return ratio(numerator, value.u32());
    }
    case kSignedRational: {
        const double numerator = static_cast<int32_t>(value.u32());
        return ratio(numerator, static_cast<int32_t>(value.u32()));
    }
    case kFloat:
        return std::bit_cast<float>(value.u32());
    case kDouble:
        return std::bit_cast<double>(value.u64());
    case kLong8:
        return static_cast<double>(value.u64());
    default:
        return std::nullopt;
    }
}

int orientationOf(const std::optional<double>& number) {
    return number && *number >= 1 && *number <= 8 && *number == std::floor(*number)
               ? static_cast<int>(*number)
               : 1;
}

/// The directory at @p reader's position. @throws Error where it is cut off before the tag
int readOrientation(ImageBytes tiff, ByteReader reader, bool bigEndian, bool bigTiff) {
    constexpr uint16_t kOrientationTag = 274;
    const unsigned inlineBytes = bigTiff ? 8 : 4;
    for (uint64_t entries = bigTiff ? reader.u64() : reader.u16(); entries > 0; --entries) {
        const uint16_t tag = reader.u16(), type = reader.u16();
        const uint64_t count = bigTiff ? reader.u64() : reader.u32();
        const ImageBytes field = reader.take(inlineBytes);
        const unsigned unit = bytesOfType(type);
        if (unit == 0 || count == 0)
            continue;
        // Values that do not fit into the entry stand elsewhere; one that reaches over the end ends the
        // reading.
        const bool isInline = count <= inlineBytes / unit;
        ByteReader value(field, bigEndian);
        if (!isInline) {
            const uint64_t offset = bigTiff ? value.u64() : value.u32();
            if (count > tiff.size() / unit)
                continue;
            value = ByteReader(tiff, bigEndian);
            value.seek(offset);
            value = ByteReader(value.take(count * unit), bigEndian);
        }
        if (tag == kOrientationTag)
            return orientationOf(firstNumber(value, type));
    }
    return 0;
}

} // namespace

int orientationFromExif(ImageBytes exif) {
    using namespace std::string_view_literals;
    constexpr std::string_view kPrefix = "Exif\0\0"sv;
    constexpr uint16_t kTiffMagic = 42, kBigTiffMagic = 43;
    for (int i = 0; i < 2 && asText(exif).starts_with(kPrefix); ++i)
        exif = exif.subspan(kPrefix.size());
    const bool bigEndian = asText(exif).starts_with("MM");
    if (!bigEndian && !asText(exif).starts_with("II"))
        return 0;
    try {
        ByteReader reader(exif, bigEndian);
        reader.skip(2);
        const uint16_t magic = reader.u16();
        if (magic != kTiffMagic && magic != kBigTiffMagic)
            return 0;
        const bool bigTiff = magic == kBigTiffMagic;
        reader.skip(bigTiff ? 4 : 0); // sizes of offsets
        reader.seek(bigTiff ? reader.u64() : reader.u32());
        return readOrientation(exif, reader, bigEndian, bigTiff);
    } catch (const Error&) {
        return 0; // metadata that cannot be read must not cost the picture
    }
}

} // namespace diptych
