// SPDX-License-Identifier: GPL-3.0-or-later
// Windows and OS/2 bitmaps, read directly: the header says where the samples lie, and the rest is copying.
#include "core/image/format.h"

#include <algorithm>
#include <array>
#include <string>
#include <vector>

namespace diptych {
namespace {

enum Compression : uint32_t { kRaw = 0, kRle8 = 1, kRle4 = 2, kBitFields = 3 };

struct Masks {
    uint32_t red = 0, green = 0, blue = 0, alpha = 0;
    friend bool operator==(const Masks&, const Masks&) = default;
};

struct BmpHeader {
    int64_t width = 0, height = 0;
    bool topDown = false;
    unsigned bits = 0;
    uint32_t compression = kRaw, colors = 0;
    unsigned paletteEntryBytes = 4;
    Masks masks;
    uint64_t paletteAt = 0, pixelsAt = 0;
};

void readCoreHeader(ByteReader& reader, BmpHeader& header) {
    header.width = reader.u16();
    header.height = reader.u16();
    reader.skip(2); // planes
    header.bits = reader.u16();
    header.paletteEntryBytes = 3;
}

void readInfoHeader(ByteReader& reader, uint32_t size, BmpHeader& header) {
    header.width = reader.u32();
    const uint32_t height = reader.u32();
    header.topDown = height >> 24 == 0xFF; // a negative height
    header.height = header.topDown ? (int64_t{1} << 32) - height : int64_t{height};
    reader.skip(2); // planes
    header.bits = reader.u16();
    header.compression = reader.u32();
    reader.skip(12); // data size, resolution
    header.colors = reader.u32();
    reader.skip(4); // important colours
    if (header.compression != kBitFields)
        return;
    header.masks.red = reader.u32(); // behind a header of 40 bytes, inside a longer one
    header.masks.green = reader.u32();
    header.masks.blue = reader.u32();
    header.masks.alpha = size >= 56 ? reader.u32() : 0;
}

BmpHeader parse(ImageBytes bytes) {
    ByteReader reader(bytes);
    reader.skip(10); // signature, file size, reserved
    BmpHeader header;
    header.pixelsAt = reader.u32();
    const uint32_t size = reader.u32();
    if (size == 12)
        readCoreHeader(reader, header);
    else if (size == 40 || size == 52 || size == 56 || size == 64 || size == 108 || size == 124)
        readInfoHeader(reader, size, header);
    else
        throwUnsupported("a BMP with a header of " + std::to_string(size) + " bytes");
    const uint64_t headerEnd = uint64_t{14} + size;
    header.paletteAt = std::max<uint64_t>(headerEnd, reader.position());
    if (header.colors == 0 && header.bits <= 16)
        header.colors = 1u << header.bits;
    const uint64_t paletteBytes = header.bits <= 8 ? uint64_t{header.colors} * header.paletteEntryBytes : 0;
    if (header.pixelsAt == 0)
        header.pixelsAt = header.paletteAt + paletteBytes;
    else if (header.pixelsAt == headerEnd) // some writers forget the palette
        header.pixelsAt += paletteBytes;
    return header;
}

/// Where the bytes of a 32-bit pixel lie; alpha -1 = none.
struct ByteOrder {
    int red, green, blue, alpha;
};

ByteOrder byteOrderOf(const BmpHeader& header) {
    struct Known {
        Masks masks;
        ByteOrder order;
    };
    constexpr Known kKnown[] = {
        {{0xFF0000, 0xFF00, 0xFF, 0}, {2, 1, 0, -1}},
        {{0xFF000000, 0xFF0000, 0xFF00, 0}, {3, 2, 1, -1}},
        {{0xFF000000, 0xFF00, 0xFF, 0}, {3, 1, 0, -1}},
        {{0xFF000000, 0xFF0000, 0xFF00, 0xFF}, {3, 2, 1, 0}},
        {{0xFF, 0xFF00, 0xFF0000, 0xFF000000}, {0, 1, 2, 3}},
        {{0xFF0000, 0xFF00, 0xFF, 0xFF000000}, {2, 1, 0, 3}},
        {{0xFF000000, 0xFF00, 0xFF, 0xFF0000}, {3, 1, 0, 2}},
        {{0, 0, 0, 0}, {2, 1, 0, 3}},
    };
    if (header.compression == kRaw)
        return {2, 1, 0, -1};
    for (const Known& known : kKnown)
        if (known.masks == header.masks)
            return known.order;
    throwUnsupported("a BMP with these colour masks");
}

/// Green's bits in a 16-bit pixel: 5 or 6.
unsigned greenBits(const BmpHeader& header) {
    const Masks& masks = header.masks;
    if (header.compression == kRaw || (masks.red == 0x7C00 && masks.green == 0x3E0 && masks.blue == 0x1F))
        return 5;
    if (masks.red == 0xF800 && masks.green == 0x7E0 && masks.blue == 0x1F)
        return 6;
    throwUnsupported("a BMP with these colour masks");
}

void convert16(const uint8_t* in, size_t width, unsigned green, uint8_t* rgb) {
    const auto widened = [](unsigned value, unsigned bits) {
        const unsigned most = (1u << bits) - 1;
        return static_cast<uint8_t>((value & most) * 255 / most);
    };
    for (size_t x = 0; x < width; ++x, in += 2, rgb += 3) {
        const unsigned pixel = in[0] | in[1] << 8;
        rgb[0] = widened(pixel >> (5 + green), 5);
        rgb[1] = widened(pixel >> 5, green);
        rgb[2] = widened(pixel, 5);
    }
}

void convertBytes(const uint8_t* in, size_t width, size_t pixelBytes, ByteOrder order, uint8_t* rgb,
                  uint8_t* alpha) {
    for (size_t x = 0; x < width; ++x, in += pixelBytes, rgb += 3) {
        rgb[0] = in[order.red];
        rgb[1] = in[order.green];
        rgb[2] = in[order.blue];
        if (alpha)
            alpha[x] = in[order.alpha];
    }
}

class IndexedRows {
public:
    IndexedRows(ImageBytes bytes, const BmpHeader& header) {
        const size_t count = header.bits <= 8 ? std::min<size_t>(header.colors, 256) : 0;
        ByteReader reader(bytes);
        reader.seek(header.paletteAt);
        for (size_t i = 0; i < count; ++i) {
            const uint8_t* entry = asOctets(reader.take(header.paletteEntryBytes));
            m_table.colors[i] = {entry[2], entry[1], entry[0]};
        }
        m_table.continueGreyRamp(count);
    }
    void convert(const uint8_t* in, size_t width, unsigned bits, uint8_t* rgb) const {
        const unsigned mask = (1u << bits) - 1;
        for (size_t x = 0; x < width; ++x) {
            const size_t bit = x * bits;
            const unsigned index = (in[bit / 8] >> (8 - bits - bit % 8)) & mask;
            std::copy_n(m_table.colors[index].begin(), 3, rgb + 3 * x);
        }
    }

private:
    ColorTable m_table;
};

/// Run-length encoded indices, one a byte, rows as stored. Lenient where Pillow is: runs are cut at the row's
/// end, skipped pixels are 0.
class RleReader {
public:
    RleReader(ByteReader reader, bool nibbles, size_t width, size_t pixels)
        : m_reader(reader), m_nibbles(nibbles), m_width(width), m_pixels(pixels) {
        m_out.reserve(pixels);
    }

    std::vector<uint8_t> read() {
        while (m_out.size() < m_pixels) {
            const uint8_t count = m_reader.u8(), value = m_reader.u8();
            if (count > 0)
                run(count, value);
            else if (value == 0)
                pad((m_width - m_out.size() % m_width) % m_width);
            else if (value == 1)
                break;
            else if (value == 2) {
                const size_t right = m_reader.u8(), up = m_reader.u8();
                pad(right + up * m_width);
            } else
                literal(value);
        }
        if (m_out.size() < m_pixels)
            throwTruncated();
        m_out.resize(m_pixels);
        return std::move(m_out);
    }

private:
    void pad(size_t count) {
        m_out.resize(std::min(m_pixels, m_out.size() + count));
        m_x = m_out.size() % m_width;
    }
    void run(size_t count, uint8_t value) {
        count = std::min(count, m_width - std::min(m_x, m_width));
        for (size_t i = 0; i < count; ++i)
            m_out.push_back(!m_nibbles ? value : i % 2 == 0 ? value >> 4 : value & 0x0F);
        m_x += count;
    }
    void literal(size_t count) {
        const size_t stored = std::min(count, m_pixels - m_out.size());
        const ImageBytes bytes = m_reader.take(m_nibbles ? (stored + 1) / 2 : stored);
        for (size_t i = 0; i < stored; ++i) {
            const auto byte = static_cast<unsigned>(bytes[m_nibbles ? i / 2 : i]);
            m_out.push_back(static_cast<uint8_t>(!m_nibbles ? byte : i % 2 == 0 ? byte >> 4 : byte & 0x0F));
        }
        m_x += count;
        if (m_out.size() < m_pixels && m_reader.position() % 2 != 0)
            m_reader.skip(1);
    }

    ByteReader m_reader;
    bool m_nibbles;
    size_t m_width, m_pixels, m_x = 0;
    std::vector<uint8_t> m_out;
};

void decodeRle(ImageBytes bytes, const BmpHeader& header, Image& image) {
    if (header.bits != (header.compression == kRle4 ? 4u : 8u))
        throwCorrupt("its compression does not fit its colour depth");
    const IndexedRows rows(bytes, header);
    ByteReader reader(bytes);
    reader.seek(header.pixelsAt);
    const auto width = static_cast<size_t>(image.width), height = static_cast<size_t>(image.height);
    const std::vector<uint8_t> indices =
        RleReader(reader, header.compression == kRle4, width, width * height).read();
    for (size_t y = 0; y < height; ++y)
        rows.convert(indices.data() + (header.topDown ? y : height - 1 - y) * width, width, 8,
                     image.rgb.data() + y * width * 3);
}

void decodeRaw(ImageBytes bytes, const BmpHeader& header, Image& image) {
    const auto width = static_cast<size_t>(image.width), height = static_cast<size_t>(image.height);
    const size_t rowBytes = (width * header.bits + 7) / 8, stride = (rowBytes + 3) / 4 * 4;
    const ByteOrder order = header.bits == 32 ? byteOrderOf(header) : ByteOrder{2, 1, 0, -1};
    if (order.alpha >= 0)
        image.alpha.resize(width * height);
    const IndexedRows indexed(bytes, header);
    ByteReader reader(bytes);
    for (size_t y = 0; y < height; ++y) {
        reader.seek(header.pixelsAt + (header.topDown ? y : height - 1 - y) * stride);
        const uint8_t* in = asOctets(reader.take(rowBytes));
        uint8_t* rgb = image.rgb.data() + y * width * 3;
        if (header.bits <= 8)
            indexed.convert(in, width, header.bits, rgb);
        else if (header.bits == 16)
            convert16(in, width, greenBits(header), rgb);
        else
            convertBytes(in, width, header.bits / 8, order, rgb,
                         image.alpha.empty() ? nullptr : image.alpha.data() + y * width);
    }
}

bool accepts(ImageBytes bytes) {
    return asText(bytes).starts_with("BM");
}

ImageHeader readHeader(ImageBytes bytes) {
    const BmpHeader header = parse(bytes);
    return {header.width, header.height};
}

Image decode(ImageBytes bytes, const DecodeOptions& options) {
    const BmpHeader header = parse(bytes);
    const unsigned bits = header.bits;
    if (bits != 1 && bits != 4 && bits != 8 && bits != 16 && bits != 24 && bits != 32)
        throwUnsupported("a BMP with " + std::to_string(bits) + " bits a pixel");
    if (header.compression > kBitFields || (header.compression == kBitFields && bits < 16))
        throwUnsupported("a BMP with compression " + std::to_string(header.compression));
    Image image = allocateImage(header.width, header.height, options.maxPixels, false);
    if (header.compression == kRle8 || header.compression == kRle4)
        decodeRle(bytes, header, image);
    else
        decodeRaw(bytes, header, image);
    return image;
}

} // namespace

const ImageFormat kBmpFormat{"BMP", accepts, readHeader, decode};

} // namespace diptych
