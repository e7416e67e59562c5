// SPDX-License-Identifier: GPL-3.0-or-later
// GIF's first frame, read directly: the format is a palette and one LZW stream, and giflib neither reads from
// memory without global state nor treats odd canvases as Pillow does.
#include "core/image/format.h"

#include <algorithm>
#include <array>
#include <vector>

namespace diptych {
namespace {

ColorTable readColors(ByteReader& reader, unsigned flags) {
    const size_t count = size_t{2} << (flags & 7);
    const ImageBytes bytes = reader.take(count * 3);
    ColorTable table;
    for (size_t i = 0; i < count; ++i)
        std::copy_n(asOctets(bytes) + 3 * i, 3, table.colors[i].begin());
    table.continueGreyRamp(count);
    return table;
}

struct Frame {
    int64_t canvasWidth = 0, canvasHeight = 0;
    unsigned left = 0, top = 0, width = 0, height = 0;
    bool interlaced = false;
    int transparent = -1; ///< palette index
    ColorTable palette;
    size_t dataAt = 0; ///< of the LZW code size
};

void skipBlocks(ByteReader& reader) {
    for (uint8_t size = reader.u8(); size != 0; size = reader.u8())
        reader.skip(size);
}

void readExtension(ByteReader& reader, Frame& frame) {
    constexpr uint8_t kGraphicControl = 0xF9;
    if (reader.u8() == kGraphicControl) {
        ByteReader control(reader.take(reader.u8()));
        if (control.left() >= 4) {
            const bool hasTransparency = (control.u8() & 1) != 0;
            control.skip(2); // delay
            const int index = control.u8();
            frame.transparent = hasTransparency ? index : frame.transparent;
        }
    }
    skipBlocks(reader);
}

/// Everything up to the first frame's pixels.
Frame readFrame(ImageBytes bytes) {
    constexpr uint8_t kExtension = '!', kImage = ',', kTrailer = ';';
    ByteReader reader(bytes);
    reader.skip(6); // signature
    Frame frame;
    frame.canvasWidth = reader.u16();
    frame.canvasHeight = reader.u16();
    const unsigned flags = reader.u8();
    reader.skip(2); // background, aspect ratio
    if ((flags & 0x80) != 0)
        frame.palette = readColors(reader, flags);
    else
        frame.palette.continueGreyRamp(0);
    for (uint8_t block = reader.u8(); block != kImage; block = reader.u8()) {
        if (block == kTrailer)
            throwCorrupt("it holds no picture");
        if (block == kExtension)
            readExtension(reader, frame);
    }
    frame.left = reader.u16();
    frame.top = reader.u16();
    frame.width = reader.u16();
    frame.height = reader.u16();
    const unsigned imageFlags = reader.u8();
    frame.interlaced = (imageFlags & 0x40) != 0;
    if ((imageFlags & 0x80) != 0)
        frame.palette = readColors(reader, imageFlags);
    frame.dataAt = reader.position();
    // A frame that reaches over the canvas enlarges it.
    frame.canvasWidth = std::max<int64_t>(frame.canvasWidth, int64_t{frame.left} + frame.width);
    frame.canvasHeight = std::max<int64_t>(frame.canvasHeight, int64_t{frame.top} + frame.height);
    return frame;
}

/// GIF's LZW: codes of growing width in blocks of at most 255 bytes.
class LzwReader {
public:
    explicit LzwReader(ByteReader reader) : m_reader(reader), m_minBits(m_reader.u8()) {
        if (m_minBits > kMaxBits)
            throwCorrupt("its LZW code size is too large");
        reset();
    }

    /// Fills @p out or throws.
    void read(std::vector<uint8_t>& out) {
        size_t at = 0;
        while (at < out.size()) {
            const unsigned code = nextCode();
            if (code == clearCode())
                reset();
            else if (code == clearCode() + 1)
                throwTruncated(); // the end, before the last pixel
            else
                at = append(code, out, at);
        }
    }

private:
    static constexpr unsigned kMaxBits = 12, kTableSize = 1u << kMaxBits, kNone = kTableSize;
    unsigned clearCode() const { return 1u << m_minBits; }

    void reset() {
        m_next = clearCode() + 2;
        m_bits = m_minBits + 1;
        m_previous = kNone;
    }

    unsigned nextCode() {
        while (m_bufferBits < m_bits) {
            if (m_blockLeft == 0) {
                m_blockLeft = m_reader.u8();
                if (m_blockLeft == 0)
                    throwTruncated();
            }
            m_buffer |= uint32_t{m_reader.u8()} << m_bufferBits;
            m_bufferBits += 8;
            --m_blockLeft;
        }
        const unsigned code = m_buffer & ((1u << m_bits) - 1);
        m_buffer >>= m_bits;
        m_bufferBits -= m_bits;
        return code;
    }

    /// Writes what @p code stands for at @p at, and learns the next entry. @return the position after it
    size_t append(unsigned code, std::vector<uint8_t>& out, size_t at) {
        if (m_previous == kNone) {
            if (code > clearCode())
                throwCorrupt("its LZW stream starts with an unknown code");
            m_previous = code;
            m_first = out[at] = static_cast<uint8_t>(code);
            return at + 1;
        }
        if (code > m_next || code >= kTableSize)
            throwCorrupt("its LZW stream has an unknown code");
        std::array<uint8_t, kTableSize + 1> reversed;
        size_t length = 0;
        unsigned link = code;
        if (code == m_next) { // not yet learnt: the previous string and its first byte again
            reversed[length++] = m_first;
            link = m_previous;
        }
        for (; link >= clearCode(); link = m_link[link]) {
            // Links lead to lower codes, the two control codes apart, which only damaged data reaches.
            if (length == kTableSize || link >= kTableSize || link < clearCode() + 2)
                throwCorrupt("its LZW stream has an unknown code");
            reversed[length++] = m_data[link];
        }
        reversed[length++] = m_first = static_cast<uint8_t>(link);
        learn(code);
        while (length > 0 && at < out.size())
            out[at++] = reversed[--length];
        return at;
    }

    void learn(unsigned code) {
        if (m_next < kTableSize) {
            m_data[m_next] = m_first;
            m_link[m_next] = static_cast<uint16_t>(m_previous);
            if (m_next == (1u << m_bits) - 1 && m_bits < kMaxBits)
                ++m_bits;
            ++m_next;
        }
        m_previous = code;
    }

    ByteReader m_reader;
    unsigned m_minBits, m_bits = 0, m_next = 0, m_previous = kNone;
    uint8_t m_first = 0;
    uint32_t m_buffer = 0;
    unsigned m_bufferBits = 0, m_blockLeft = 0;
    std::array<uint8_t, kTableSize> m_data{};
    std::array<uint16_t, kTableSize> m_link{};
};

/// The rows in the order they are stored.
std::vector<unsigned> rowOrder(unsigned height, bool interlaced) {
    std::vector<unsigned> rows;
    rows.reserve(height);
    if (!interlaced)
        for (unsigned y = 0; y < height; ++y)
            rows.push_back(y);
    else
        for (const auto& [first, step] : {std::pair{0u, 8u}, {4u, 8u}, {2u, 4u}, {1u, 2u}})
            for (unsigned y = first; y < height; y += step)
                rows.push_back(y);
    return rows;
}

bool accepts(ImageBytes bytes) {
    return asText(bytes).starts_with("GIF87a") || asText(bytes).starts_with("GIF89a");
}

ImageHeader readHeader(ImageBytes bytes) {
    const Frame frame = readFrame(bytes);
    return {frame.canvasWidth, frame.canvasHeight};
}

Image decode(ImageBytes bytes, const DecodeOptions& options) {
    const Frame frame = readFrame(bytes);
    Image image = allocateImage(frame.canvasWidth, frame.canvasHeight, options.maxPixels, false);
    if (frame.width == 0 || frame.height == 0)
        throwCorrupt("its first frame is empty");
    ByteReader reader(bytes);
    reader.seek(frame.dataAt);
    std::vector<uint8_t> stored(size_t{frame.width} * frame.height);
    LzwReader(reader).read(stored);
    const auto canvasWidth = static_cast<size_t>(image.width);
    std::vector<uint8_t> canvas(canvasWidth * static_cast<size_t>(image.height),
                                static_cast<uint8_t>(std::max(frame.transparent, 0)));
    const std::vector<unsigned> rows = rowOrder(frame.height, frame.interlaced);
    for (size_t i = 0; i < rows.size(); ++i)
        std::copy_n(stored.data() + i * frame.width, frame.width,
                    canvas.data() + (size_t{frame.top} + rows[i]) * canvasWidth + frame.left);
    for (size_t i = 0; i < canvas.size(); ++i)
        std::copy_n(frame.palette.colors[canvas[i]].begin(), 3, image.rgb.data() + 3 * i);
    if (frame.transparent >= 0) {
        image.alpha.resize(canvas.size());
        std::transform(canvas.begin(), canvas.end(), image.alpha.begin(),
                       [&](uint8_t index) { return index == frame.transparent ? 0 : 255; });
    }
    return image;
}

} // namespace

const ImageFormat kGifFormat{"GIF", accepts, readHeader, decode};

} // namespace diptych
