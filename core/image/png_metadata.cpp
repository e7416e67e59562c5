// SPDX-License-Identifier: GPL-3.0-or-later
// The part of PNG that needs no pixels: size and orientation, read without libpng so that they are there
// before anything is allocated, wherever in the file they stand.
#include "core/image/png_metadata.h"

#include <zlib.h>

#include <algorithm>
#include <string>

namespace diptych {
namespace {

constexpr uint64_t kMaxTextBytes = 1 << 20;        // one packed text: Pillow's MAX_TEXT_CHUNK
constexpr uint64_t kMaxAllTextBytes = 64ull << 20; // all of them: Pillow's MAX_TEXT_MEMORY

/// Cuts off and returns what stands before the next zero byte; all of it where there is none.
std::string_view takeField(std::string_view& text) {
    const size_t zero = text.find('\0');
    const std::string_view field = text.substr(0, zero);
    text.remove_prefix(zero == std::string_view::npos ? text.size() : zero + 1);
    return field;
}

/// Unpacks texts and keeps count of what all of them take. @throws Error LimitExceeded, as Pillow refuses
/// them
class TextReader {
public:
    std::string_view plain(std::string_view text) {
        count(text.size());
        return text;
    }

    /// The inflated text; empty where it is damaged.
    std::string inflated(std::string_view packed) {
        std::string out(kMaxTextBytes, '\0');
        uLongf size = kMaxTextBytes;
        const int status = uncompress(reinterpret_cast<Bytef*>(out.data()), &size,
                                      reinterpret_cast<const Bytef*>(packed.data()), packed.size());
        if (status == Z_BUF_ERROR && size == kMaxTextBytes)
            throw Error(ErrorCode::LimitExceeded,
                        "a text in it is larger than 1 MiB when unpacked, which no picture needs");
        // Damaged ones count too: they cost as much to find out.
        count(size);
        out.resize(status == Z_OK ? size : 0);
        return out;
    }

private:
    void count(uint64_t bytes) {
        m_total += bytes;
        if (m_total > kMaxAllTextBytes)
            throw Error(ErrorCode::LimitExceeded,
                        "the texts in it take more than 64 MiB, which no picture needs");
    }

    uint64_t m_total = 0;
};

int hexDigit(char c) {
    if (c >= '0' && c <= '9')
        return c - '0';
    c = static_cast<char>(c | 0x20);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/// ImageMagick's "Raw profile type exif": an empty line, the profile's name, its length, then its bytes in
/// hex.
int orientationFromRawProfile(std::string_view text) {
    for (int line = 0; line < 3; ++line) {
        const size_t end = text.find('\n');
        if (end == std::string_view::npos)
            return 0;
        text.remove_prefix(end + 1);
    }
    std::vector<std::byte> bytes;
    int high = -1;
    for (const char c : text) {
        const int digit = hexDigit(c);
        if (digit < 0)
            continue;
        if (high >= 0)
            bytes.push_back(static_cast<std::byte>(high << 4 | digit));
        high = high >= 0 ? -1 : digit;
    }
    return orientationFromExif(bytes);
}

struct Orientations {
    int exif = 0, rawProfile = 0, xmp = 0;
};

void readText(std::string_view type, ImageBytes data, TextReader& reader, Orientations& found) {
    std::string_view rest = asText(data);
    const std::string_view keyword = takeField(rest);
    const bool profile = keyword == "Raw profile type exif", xmp = keyword == "XML:com.adobe.xmp";
    if (type == "tEXt") {
        const std::string_view text = reader.plain(rest);
        if (profile)
            found.rawProfile = orientationFromRawProfile(text);
    } else if (type == "zTXt" && rest.starts_with('\0')) {
        const std::string text = reader.inflated(rest.substr(1));
        if (profile)
            found.rawProfile = orientationFromRawProfile(text);
    } else if (type == "iTXt" && rest.size() >= 2) {
        const bool packed = rest[0] != 0;
        rest.remove_prefix(2);
        takeField(rest); // language
        takeField(rest); // translated keyword
        const std::string unpacked = packed ? reader.inflated(rest) : std::string();
        const std::string_view text = packed ? std::string_view(unpacked) : reader.plain(rest);
        if (xmp)
            found.xmp = orientationFromXmp(text);
    }
}

} // namespace

ImageHeader readPngHeader(ImageBytes bytes) {
    ByteReader reader(bytes, true);
    reader.skip(8); // signature
    ImageHeader header;
    Orientations found;
    TextReader texts;
    if (reader.u32() != 13 || asText(reader.take(4)) != "IHDR")
        throwCorrupt("a PNG must begin with its header");
    header.width = reader.u32();
    header.height = reader.u32();
    reader.skip(13 - 8 + 4);
    // Where the file is cut off later on, the decoder says so.
    while (reader.left() >= 8) {
        const uint32_t length = reader.u32();
        const std::string_view type = asText(reader.take(4));
        if (type == "IEND" || reader.left() < uint64_t{length} + 4)
            break;
        const ImageBytes data = reader.take(length);
        reader.skip(4);
        if (type == "eXIf")
            found.exif = orientationFromExif(data);
        else if (type == "tEXt" || type == "zTXt" || type == "iTXt")
            readText(type, data, texts, found);
    }
    header.orientation = chooseOrientation(found.exif != 0 ? found.exif : found.rawProfile, found.xmp);
    return header;
}

} // namespace diptych
