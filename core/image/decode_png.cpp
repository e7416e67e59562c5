// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/image/format.h"
#include "core/image/png_metadata.h"

#include <png.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <string>
#include <vector>

namespace diptych {
namespace {

/// libpng behind calls that neither throw through its C frames nor jump over ours: every call that may
/// longjmp sits in a function of its own that holds nothing to destroy.
class PngReader {
public:
    explicit PngReader(ImageBytes bytes);
    ~PngReader() { png_destroy_read_struct(&m_png, &m_info, nullptr); }
    PngReader(const PngReader&) = delete;
    PngReader& operator=(const PngReader&) = delete;

    void readInfo() { check(tryInfo()); }
    void readRow(uint8_t* row) { check(tryRow(row)); }
    void readInterlaced(uint8_t** rows) { check(tryImage(rows)); }

    int64_t width() const { return png_get_image_width(m_png, m_info); }
    int64_t height() const { return png_get_image_height(m_png, m_info); }
    int colorType() const { return png_get_color_type(m_png, m_info); }
    int bitDepth() const { return m_bitDepth; } ///< as stored; below 8 the samples come one to a byte
    bool interlaced() const { return png_get_interlace_type(m_png, m_info) != PNG_INTERLACE_NONE; }
    size_t rowBytes() const { return png_get_rowbytes(m_png, m_info); }
    png_structp png() const { return m_png; }
    png_infop info() const { return m_info; }

private:
    bool hasAllRows() const;
    bool tryInfo();
    bool tryRow(uint8_t* row);
    bool tryImage(uint8_t** rows);
    void check(bool ok) const;

    static void onError(png_structp png, png_const_charp message);
    static void onRead(png_structp png, png_bytep out, size_t count);

    ImageBytes m_bytes;
    size_t m_at = 0;
    bool m_truncated = false;
    int m_bitDepth = 8;
    std::array<char, 128> m_message{};
    png_structp m_png = nullptr;
    png_infop m_info = nullptr;
};

void PngReader::onError(png_structp png, png_const_charp message) {
    auto* self = static_cast<PngReader*>(png_get_error_ptr(png));
    std::strncpy(self->m_message.data(), message, self->m_message.size() - 1);
    png_longjmp(png, 1);
}

void PngReader::onRead(png_structp png, png_bytep out, size_t count) {
    auto* self = static_cast<PngReader*>(png_get_io_ptr(png));
    if (count > self->m_bytes.size() - self->m_at) {
        self->m_truncated = true;
        png_error(png, "truncated");
    }
    std::memcpy(out, self->m_bytes.data() + self->m_at, count);
    self->m_at += count;
}

PngReader::PngReader(ImageBytes bytes) : m_bytes(bytes) {
    m_png = png_create_read_struct(PNG_LIBPNG_VER_STRING, this, onError, [](png_structp, png_const_charp) {});
    if (m_png)
        m_info = png_create_info_struct(m_png);
    if (!m_info) {
        png_destroy_read_struct(&m_png, nullptr, nullptr);
        throw std::bad_alloc();
    }
}

bool PngReader::tryInfo() {
    if (setjmp(png_jmpbuf(m_png)) != 0)
        return false;
    png_set_read_fn(m_png, this, onRead);
    // Our own limit is on the pixels, and has been checked by now.
    png_set_user_limits(m_png, PNG_UINT_31_MAX, PNG_UINT_31_MAX);
    // Nobody reads these here, and libpng would unpack and keep every one of them.
    static constexpr png_byte kUnread[] = "tEXt\0zTXt\0iTXt\0iCCP\0sPLT\0hIST\0eXIf";
    png_set_keep_unknown_chunks(m_png, PNG_HANDLE_CHUNK_NEVER, kUnread, sizeof kUnread / 5);
    // As in Pillow: a wrong checksum before the pixels is an error in any chunk, and among the pixels none,
    // for their stream has a checksum of its own.
    png_set_crc_action(m_png, PNG_CRC_ERROR_QUIT, PNG_CRC_ERROR_QUIT);
    png_read_info(m_png, m_info);
    png_set_crc_action(m_png, PNG_CRC_QUIET_USE, PNG_CRC_QUIET_USE);
    m_bitDepth = png_get_bit_depth(m_png, m_info);
    png_set_packing(m_png);
    png_set_interlace_handling(m_png);
    png_read_update_info(m_png, m_info);
    return true;
}

bool PngReader::tryRow(uint8_t* row) {
    if (setjmp(png_jmpbuf(m_png)) != 0)
        return false;
    png_read_row(m_png, row, nullptr);
    return true;
}

bool PngReader::tryImage(uint8_t** rows) {
    if (setjmp(png_jmpbuf(m_png)) != 0)
        return false;
    png_read_image(m_png, rows);
    return true;
}

bool PngReader::hasAllRows() const {
    constexpr int kPasses = 7;
    return interlaced() ? png_get_current_pass_number(m_png) >= kPasses
                        : int64_t{png_get_current_row_number(m_png)} >= height();
}

void PngReader::check(bool ok) const {
    if (ok)
        return;
    const std::string message = m_message.data();
    if (m_truncated || message == "Not enough image data") {
        if (hasAllRows())
            return; // what misses is the end of the stream, behind the last pixel
        throwTruncated();
    }
    if (message.find("Out of memory") != std::string::npos)
        throw std::bad_alloc();
    throwCorrupt(message);
}

/// Samples as read to 8-bit rgb and alpha, by the rules of Pillow's modes.
class PngRowConverter {
public:
    explicit PngRowConverter(const PngReader& reader);
    bool hasAlpha() const { return m_hasAlpha; }
    /// @param alpha null where hasAlpha() is false
    void convert(const uint8_t* in, size_t width, uint8_t* rgb, uint8_t* alpha) const;

private:
    void readPalette(const PngReader& reader, const uint8_t* alphas, int alphaCount);

    int m_depth, m_type;
    bool m_hasAlpha = false, m_hasKey = false;
    std::array<unsigned, 3> m_key{}; ///< the transparent colour, in samples as stored
    ColorTable m_palette;
    std::array<uint8_t, 256> m_paletteAlpha{};
};

PngRowConverter::PngRowConverter(const PngReader& reader)
    : m_depth(reader.bitDepth()), m_type(reader.colorType()) {
    png_bytep alphas = nullptr;
    int alphaCount = 0;
    png_color_16p key = nullptr;
    const bool transparency = png_get_tRNS(reader.png(), reader.info(), &alphas, &alphaCount, &key) != 0;
    m_hasAlpha = transparency || (m_type & PNG_COLOR_MASK_ALPHA) != 0;
    if (m_type == PNG_COLOR_TYPE_PALETTE)
        readPalette(reader, alphas, alphaCount);
    else if (transparency && key) {
        m_hasKey = true;
        m_key = m_type == PNG_COLOR_TYPE_GRAY ? std::array<unsigned, 3>{key->gray, key->gray, key->gray}
                                              : std::array<unsigned, 3>{key->red, key->green, key->blue};
    }
}

void PngRowConverter::readPalette(const PngReader& reader, const uint8_t* alphas, int alphaCount) {
    m_paletteAlpha.fill(255);
    png_colorp colors = nullptr;
    int count = 0;
    if (png_get_PLTE(reader.png(), reader.info(), &colors, &count) == 0)
        throwCorrupt("it has palette indices and no palette");
    for (size_t i = 0; i < static_cast<size_t>(std::clamp(count, 0, 256)); ++i)
        m_palette.colors[i] = {colors[i].red, colors[i].green, colors[i].blue};
    if (alphas)
        std::copy_n(alphas, std::min(alphaCount, 256), m_paletteAlpha.begin());
}

void PngRowConverter::convert(const uint8_t* in, size_t width, uint8_t* rgb, uint8_t* alpha) const {
    if (m_type == PNG_COLOR_TYPE_RGB && m_depth == 8 && !m_hasAlpha) {
        std::memcpy(rgb, in, width * 3);
        return;
    }
    const bool color = (m_type & PNG_COLOR_MASK_COLOR) != 0;
    const bool ownAlpha = (m_type & PNG_COLOR_MASK_ALPHA) != 0;
    const size_t colors = m_type == PNG_COLOR_TYPE_PALETTE || !color ? 1 : 3;
    const size_t sampleBytes = m_depth == 16 ? 2 : 1;
    const unsigned scale = m_depth == 1 ? 255 : m_depth == 2 ? 85 : m_depth == 4 ? 17 : 1;
    for (size_t x = 0; x < width; ++x, rgb += 3) {
        unsigned sample[4] = {};
        for (size_t i = 0; i < colors + (ownAlpha ? 1 : 0); ++i, in += sampleBytes)
            sample[i] = sampleBytes == 2 ? static_cast<unsigned>(in[0] << 8 | in[1]) : in[0];
        if (m_type == PNG_COLOR_TYPE_PALETTE) {
            std::copy_n(m_palette.colors[sample[0]].begin(), 3, rgb);
            if (alpha)
                alpha[x] = m_paletteAlpha[sample[0]];
            continue;
        }
        const unsigned shown[3] = {sample[0], colors == 3 ? sample[1] : sample[0],
                                   colors == 3 ? sample[2] : sample[0]};
        for (size_t i = 0; i < 3; ++i)
            // Pillow keeps the high byte of 16-bit colour and grey with alpha, and clips 16-bit grey alone.
            rgb[i] = static_cast<uint8_t>(m_depth != 16                   ? shown[i] * scale
                                          : m_type == PNG_COLOR_TYPE_GRAY ? std::min(shown[i], 255u)
                                                                          : shown[i] >> 8);
        if (ownAlpha)
            alpha[x] = static_cast<uint8_t>(m_depth == 16 ? sample[colors] >> 8 : sample[colors]);
        else if (m_hasKey)
            alpha[x] = shown[0] == m_key[0] && shown[1] == m_key[1] && shown[2] == m_key[2] ? 0 : 255;
    }
}

bool accepts(ImageBytes bytes) {
    return asText(bytes).starts_with("\x89PNG\r\n\x1A\n");
}

Image decode(ImageBytes bytes, const DecodeOptions& options) {
    PngReader reader(bytes);
    reader.readInfo();
    const PngRowConverter converter(reader);
    Image image = allocateImage(reader.width(), reader.height(), options.maxPixels, converter.hasAlpha());
    const auto width = static_cast<size_t>(image.width), height = static_cast<size_t>(image.height);
    const size_t rowBytes = reader.rowBytes();
    const bool interlaced = reader.interlaced();
    std::vector<uint8_t> samples(rowBytes * (interlaced ? height : 1));
    if (interlaced) {
        std::vector<uint8_t*> rows(height);
        for (size_t y = 0; y < height; ++y)
            rows[y] = samples.data() + y * rowBytes;
        reader.readInterlaced(rows.data());
    }
    for (size_t y = 0; y < height; ++y) {
        if (!interlaced)
            reader.readRow(samples.data());
        converter.convert(samples.data() + (interlaced ? y * rowBytes : 0), width,
                          image.rgb.data() + y * width * 3,
                          image.alpha.empty() ? nullptr : image.alpha.data() + y * width);
    }
    return image;
}

} // namespace

const ImageFormat kPngFormat{"PNG", accepts, readPngHeader, decode};

} // namespace diptych
