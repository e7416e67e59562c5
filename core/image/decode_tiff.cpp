// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/image/format.h"

#include <tiffio.h>

#include <algorithm>
#include <array>
#include <cstdarg>
#include <cstdio>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

namespace diptych {
namespace {

/// A single block libtiff may ask for; far above what an image below the pixel limit needs.
constexpr tmsize_t kMaxTiffBlock = tmsize_t{1} << 30;
constexpr unsigned kMaxSamples = 6;

/// A TIFF in memory, and what libtiff last complained about; handlers are the file's own, not the process's.
class TiffReader {
public:
    explicit TiffReader(ImageBytes bytes);
    TIFF* get() const { return m_tiff.get(); }
    [[noreturn]] void fail() const;

    template<class T>
    T field(uint32_t tag, T fallback) const {
        T value{};
        return TIFFGetFieldDefaulted(get(), tag, &value) == 1 ? value : fallback;
    }

private:
    static int onWarning(TIFF*, void* self, const char*, const char* format, va_list arguments);
    static int onError(TIFF*, void* self, const char*, const char* format, va_list arguments);
    static tmsize_t onRead(thandle_t self, void* out, tmsize_t size);
    static toff_t onSeek(thandle_t self, toff_t offset, int whence);

    ImageBytes m_bytes;
    uint64_t m_at = 0;
    bool m_paletteLost = false;
    std::array<char, 256> m_message{};
    std::unique_ptr<TIFF, void (*)(TIFF*)> m_tiff{nullptr, TIFFClose};
};

int TiffReader::onError(TIFF*, void* self, const char*, const char* format, va_list arguments) {
    auto& message = static_cast<TiffReader*>(self)->m_message;
    if (message[0] == '\0') // the first one names the cause
        std::vsnprintf(message.data(), message.size(), format, arguments);
    return 1;
}

int TiffReader::onWarning(TIFF*, void* self, const char*, const char* format, va_list arguments) {
    // Of what libtiff forgives, one thing is not forgiven: without its palette an image is read as grey.
    std::array<char, 256> text{};
    std::vsnprintf(text.data(), text.size(), format, arguments);
    if (std::strstr(text.data(), "ColorMap"))
        static_cast<TiffReader*>(self)->m_paletteLost = true;
    return 1;
}

tmsize_t TiffReader::onRead(thandle_t handle, void* out, tmsize_t size) {
    auto* self = static_cast<TiffReader*>(handle);
    if (size <= 0 || self->m_at >= self->m_bytes.size())
        return 0;
    const auto count = std::min(static_cast<size_t>(size), self->m_bytes.size() - self->m_at);
    std::memcpy(out, self->m_bytes.data() + self->m_at, count);
    self->m_at += count;
    return static_cast<tmsize_t>(count);
}

toff_t TiffReader::onSeek(thandle_t handle, toff_t offset, int whence) {
    auto* self = static_cast<TiffReader*>(handle);
    self->m_at = offset + (whence == SEEK_CUR ? self->m_at : whence == SEEK_END ? self->m_bytes.size() : 0);
    return self->m_at;
}

TiffReader::TiffReader(ImageBytes bytes) : m_bytes(bytes) {
    const std::unique_ptr<TIFFOpenOptions, void (*)(TIFFOpenOptions*)> options(TIFFOpenOptionsAlloc(),
                                                                               TIFFOpenOptionsFree);
    if (!options)
        throw std::bad_alloc();
    TIFFOpenOptionsSetMaxSingleMemAlloc(options.get(), kMaxTiffBlock);
    TIFFOpenOptionsSetErrorHandlerExtR(options.get(), onError, this);
    TIFFOpenOptionsSetWarningHandlerExtR(options.get(), onWarning, this);
    // "m": no memory mapping, all reads go through onRead and stay within the bytes.
    m_tiff.reset(TIFFClientOpenExt(
        "TIFF", "rm", this, onRead, [](thandle_t, void*, tmsize_t) -> tmsize_t { return 0; }, onSeek,
        [](thandle_t) { return 0; },
        [](thandle_t self) -> toff_t { return static_cast<TiffReader*>(self)->m_bytes.size(); }, nullptr,
        nullptr, options.get()));
    if (!m_tiff)
        fail();
    if (m_paletteLost)
        throwCorrupt("its palette is cut off or damaged");
}

void TiffReader::fail() const {
    const std::string message = m_message.data();
    if (message.find("compression support is not configured") != std::string::npos)
        throwUnsupported("this TIFF's compression (" + message + ")");
    throwCorrupt(message.empty() ? "its TIFF structure is damaged or cut off" : message);
}

struct Layout {
    uint32_t width = 0, height = 0;
    uint16_t bits = 1, samples = 1, photometric = 0, compression = 1;
    bool separate = false;
    uint16_t alphaKind = EXTRASAMPLE_UNSPECIFIED; ///< of the first sample behind the colours
    bool hasAlpha = false;
    unsigned colors = 1;  ///< samples that make the colour
    bool asRgb = false;   ///< YCbCr that the JPEG codec hands out as RGB
    bool asYcbcr = false; ///< YCbCr stored as three full samples a pixel
};

std::string describe(const Layout& layout, uint16_t format) {
    return "a TIFF with " + std::to_string(layout.samples) + " samples of " + std::to_string(layout.bits) +
           " bits, sample format " + std::to_string(format) + ", photometric " +
           std::to_string(layout.photometric);
}

bool isSupported(const Layout& layout, uint16_t format) {
    const bool anyDepth = layout.bits == 8 || layout.bits == 16;
    const bool smallDepth = layout.samples == 1 && (layout.bits == 1 || layout.bits == 2 || layout.bits == 4);
    if (format != SAMPLEFORMAT_UINT || layout.samples < layout.colors || layout.samples > kMaxSamples)
        return false;
    switch (layout.photometric) {
    case PHOTOMETRIC_MINISWHITE:
        return layout.samples == 1 && (anyDepth || smallDepth);
    case PHOTOMETRIC_MINISBLACK:
        return smallDepth || (layout.bits == 16 && layout.samples == 1) ||
               (layout.bits == 8 && layout.samples <= 2);
    case PHOTOMETRIC_PALETTE:
        return smallDepth || (layout.bits == 8 && layout.samples <= 2);
    case PHOTOMETRIC_RGB:
    case PHOTOMETRIC_SEPARATED:
        return anyDepth;
    case PHOTOMETRIC_YCBCR:
        return layout.bits == 8 && layout.samples == 3;
    default:
        return false;
    }
}

Layout readLayout(const TiffReader& reader) {
    Layout layout;
    layout.width = reader.field<uint32_t>(TIFFTAG_IMAGEWIDTH, 0);
    layout.height = reader.field<uint32_t>(TIFFTAG_IMAGELENGTH, 0);
    layout.bits = reader.field<uint16_t>(TIFFTAG_BITSPERSAMPLE, 1);
    layout.samples = reader.field<uint16_t>(TIFFTAG_SAMPLESPERPIXEL, 1);
    layout.photometric = reader.field<uint16_t>(TIFFTAG_PHOTOMETRIC, 0);
    layout.compression = reader.field<uint16_t>(TIFFTAG_COMPRESSION, COMPRESSION_NONE);
    layout.separate =
        reader.field<uint16_t>(TIFFTAG_PLANARCONFIG, PLANARCONFIG_CONTIG) == PLANARCONFIG_SEPARATE;
    const auto format = reader.field<uint16_t>(TIFFTAG_SAMPLEFORMAT, SAMPLEFORMAT_UINT);
    layout.colors = layout.photometric == PHOTOMETRIC_SEPARATED                                        ? 4
                    : layout.photometric == PHOTOMETRIC_RGB || layout.photometric == PHOTOMETRIC_YCBCR ? 3
                                                                                                       : 1;
    if (!isSupported(layout, format))
        throwUnsupported(describe(layout, format));
    uint16_t extraCount = 0;
    uint16_t* extra = nullptr;
    TIFFGetFieldDefaulted(reader.get(), TIFFTAG_EXTRASAMPLES, &extraCount, &extra);
    if (layout.samples > layout.colors && layout.photometric != PHOTOMETRIC_SEPARATED) {
        // A fourth sample nobody explains is alpha, as in Pillow.
        layout.alphaKind = extraCount > 0 ? extra[0] : uint16_t{EXTRASAMPLE_UNASSALPHA};
        layout.hasAlpha = layout.alphaKind != EXTRASAMPLE_UNSPECIFIED;
    }
    layout.asRgb =
        layout.photometric == PHOTOMETRIC_YCBCR && layout.compression == COMPRESSION_JPEG && !layout.separate;
    uint16_t across = 2, down = 2; // the default of the format
    TIFFGetFieldDefaulted(reader.get(), TIFFTAG_YCBCRSUBSAMPLING, &across, &down);
    layout.asYcbcr = layout.photometric == PHOTOMETRIC_YCBCR && layout.compression == COMPRESSION_NONE &&
                     !layout.separate && across == 1 && down == 1;
    return layout;
}

/// One strip or tile of every plane, and where it lies in the image.
struct Block {
    uint32_t left = 0, top = 0, width = 0, height = 0; ///< the part inside the image
    size_t rowBytes = 0;
    std::vector<std::vector<uint8_t>> planes; ///< one, or one for each sample
};

/// Samples as stored to rgb and alpha, by the rules of Pillow's modes.
class TiffConverter {
public:
    TiffConverter(const TiffReader& reader, const Layout& layout) : m_layout(layout) {
        if (layout.photometric != PHOTOMETRIC_PALETTE)
            return;
        uint16_t *red = nullptr, *green = nullptr, *blue = nullptr;
        if (TIFFGetField(reader.get(), TIFFTAG_COLORMAP, &red, &green, &blue) != 1)
            throwCorrupt("it has palette indices and no palette");
        for (size_t i = 0; i < size_t{1} << layout.bits; ++i)
            m_palette.colors[i] = {static_cast<uint8_t>(red[i] >> 8), static_cast<uint8_t>(green[i] >> 8),
                                   static_cast<uint8_t>(blue[i] >> 8)};
    }

    void convert(const Block& block, Image& image) const {
        const bool asStored = m_layout.colors == 3 && m_layout.samples == 3 && m_layout.bits == 8 &&
                              !m_layout.separate && !m_layout.asYcbcr;
        for (uint32_t y = 0; y < block.height; ++y) {
            if (asStored)
                std::memcpy(image.rgb.data() + 3 * positionOf(block, y, 0, image),
                            block.planes[0].data() + y * block.rowBytes, size_t{3} * block.width);
            else
                for (uint32_t x = 0; x < block.width; ++x)
                    convertPixel(block, y, x, image);
        }
    }

private:
    static size_t positionOf(const Block& block, uint32_t y, uint32_t x, const Image& image) {
        return size_t{block.top + y} * static_cast<size_t>(image.width) + block.left + x;
    }

    unsigned sample(const Block& block, uint32_t y, uint32_t x, unsigned index) const {
        const uint8_t* row = block.planes[m_layout.separate ? index : 0].data() + y * block.rowBytes;
        const size_t at = m_layout.separate ? x : size_t{x} * m_layout.samples + index;
        if (m_layout.bits == 8)
            return row[at];
        if (m_layout.bits == 16) {
            uint16_t value;
            std::memcpy(&value, row + 2 * at, 2); // libtiff has brought it into the machine's byte order
            return value;
        }
        const size_t bit = at * m_layout.bits;
        return (row[bit / 8] >> (8 - m_layout.bits - bit % 8)) & ((1u << m_layout.bits) - 1);
    }

    /// A grey level as 8 bits. Pillow clips 16-bit grey and leaves it uninverted.
    uint8_t grey(unsigned value) const {
        if (m_layout.bits == 16)
            return static_cast<uint8_t>(std::min(value, 255u));
        const unsigned most = (1u << m_layout.bits) - 1;
        const unsigned level = value * (255 / most);
        return static_cast<uint8_t>(m_layout.photometric == PHOTOMETRIC_MINISWHITE ? 255 - level : level);
    }

    void convertPixel(const Block& block, uint32_t y, uint32_t x, Image& image) const {
        const size_t at = positionOf(block, y, x, image);
        uint8_t* rgb = image.rgb.data() + 3 * at;
        const unsigned shift = m_layout.bits == 16 ? 8 : 0; // Pillow keeps the high byte of 16-bit colour
        if (m_layout.photometric == PHOTOMETRIC_PALETTE)
            std::copy_n(m_palette.colors[sample(block, y, x, 0)].begin(), 3, rgb);
        else if (m_layout.colors == 1)
            std::fill_n(rgb, 3, grey(sample(block, y, x, 0)));
        else {
            uint8_t values[4];
            for (unsigned i = 0; i < m_layout.colors; ++i)
                values[i] = static_cast<uint8_t>(sample(block, y, x, i) >> shift);
            if (m_layout.colors == 4)
                cmykToRgb(values, 1, rgb);
            else if (m_layout.asYcbcr)
                ycbcrToRgb(values, rgb);
            else
                std::copy_n(values, 3, rgb);
        }
        if (!m_layout.hasAlpha)
            return;
        const auto alpha = static_cast<uint8_t>(sample(block, y, x, m_layout.colors) >> shift);
        image.alpha[at] = alpha;
        if (m_layout.alphaKind == EXTRASAMPLE_ASSOCALPHA)
            for (unsigned i = 0; i < 3; ++i) // un-premultiplied as Pillow's RGBa unpacker does it
                rgb[i] = static_cast<uint8_t>(alpha == 0 ? 0 : std::min(rgb[i] * 255 / alpha, 255));
    }

    Layout m_layout;
    ColorTable m_palette;
};

/// The image's strips or tiles, one after another.
class BlockReader {
public:
    BlockReader(const TiffReader& reader, const Layout& layout, int64_t maxPixels);
    void readAll(const TiffConverter& converter, Image& image);

private:
    void readPlane(uint32_t left, uint32_t top, unsigned plane, std::vector<uint8_t>& out);

    const TiffReader& m_reader;
    const Layout& m_layout;
    bool m_tiled;
    uint32_t m_blockWidth, m_blockHeight;
    Block m_block;
};

BlockReader::BlockReader(const TiffReader& reader, const Layout& layout, int64_t maxPixels)
    : m_reader(reader),
      m_layout(layout),
      m_tiled(TIFFIsTiled(reader.get()) != 0),
      m_blockWidth(layout.width),
      m_blockHeight(layout.height) {
    if (m_tiled) {
        m_blockWidth = reader.field<uint32_t>(TIFFTAG_TILEWIDTH, 0);
        m_blockHeight = reader.field<uint32_t>(TIFFTAG_TILELENGTH, 0);
        checkImageSize(m_blockWidth, m_blockHeight, maxPixels);
    } else
        m_blockHeight =
            std::clamp(reader.field<uint32_t>(TIFFTAG_ROWSPERSTRIP, layout.height), 1u, layout.height);
    const tmsize_t rowBytes = m_tiled ? TIFFTileRowSize(reader.get()) : TIFFScanlineSize(reader.get());
    const unsigned perRow = layout.separate ? 1 : layout.samples;
    const size_t needed = (size_t{m_blockWidth} * perRow * layout.bits + 7) / 8;
    if (rowBytes <= 0 || static_cast<size_t>(rowBytes) < needed)
        throwCorrupt("its rows are shorter than its width");
    m_block.rowBytes = static_cast<size_t>(rowBytes);
    m_block.planes.resize(layout.separate ? layout.samples : 1);
    for (auto& plane : m_block.planes)
        plane.resize(m_block.rowBytes * m_blockHeight);
}

void BlockReader::readPlane(uint32_t left, uint32_t top, unsigned plane, std::vector<uint8_t>& out) {
    TIFF* tiff = m_reader.get();
    const auto sample = static_cast<uint16_t>(plane);
    const uint32_t rows = m_tiled ? m_blockHeight : std::min(m_blockHeight, m_layout.height - top);
    const auto size = static_cast<tmsize_t>(m_block.rowBytes * rows);
    const uint32_t index =
        m_tiled ? TIFFComputeTile(tiff, left, top, 0, sample) : TIFFComputeStrip(tiff, top, sample);
    if (TIFFGetStrileOffset(tiff, index) == 0) // libtiff would read the file's first bytes as pixels
        throwCorrupt("a part of its pixels is missing");
    const tmsize_t got = m_tiled ? TIFFReadEncodedTile(tiff, index, out.data(), size)
                                 : TIFFReadEncodedStrip(tiff, index, out.data(), size);
    if (got < 0)
        m_reader.fail();
    if (got < size)
        throwTruncated();
}

void BlockReader::readAll(const TiffConverter& converter, Image& image) {
    for (uint32_t top = 0; top < m_layout.height; top += m_blockHeight) {
        for (uint32_t left = 0; left < m_layout.width; left += m_blockWidth) {
            for (size_t plane = 0; plane < m_block.planes.size(); ++plane)
                readPlane(left, top, static_cast<unsigned>(plane), m_block.planes[plane]);
            m_block.left = left;
            m_block.top = top;
            m_block.width = std::min(m_blockWidth, m_layout.width - left);
            m_block.height = std::min(m_blockHeight, m_layout.height - top);
            converter.convert(m_block, image);
            if (m_blockWidth > m_layout.width - left)
                break; // left + width might not fit 32 bits
        }
        if (m_blockHeight > m_layout.height - top)
            break;
    }
}

/// Compressed or subsampled YCbCr, left to libtiff as Pillow does.
void decodeYcbcr(const TiffReader& reader, Image& image) {
    TIFFRGBAImage rgba{};
    char message[1024] = "";
    if (TIFFRGBAImageOK(reader.get(), message) == 0 ||
        TIFFRGBAImageBegin(&rgba, reader.get(), 1, message) == 0)
        throwCorrupt(message);
    const std::unique_ptr<TIFFRGBAImage, void (*)(TIFFRGBAImage*)> guard(&rgba, TIFFRGBAImageEnd);
    rgba.orientation = rgba.req_orientation = ORIENTATION_TOPLEFT;
    std::vector<uint32_t> raster(image.rgb.size() / 3);
    if (TIFFRGBAImageGet(&rgba, raster.data(), static_cast<uint32_t>(image.width),
                         static_cast<uint32_t>(image.height)) == 0)
        reader.fail();
    for (size_t i = 0; i < raster.size(); ++i) {
        image.rgb[3 * i] = static_cast<uint8_t>(TIFFGetR(raster[i]));
        image.rgb[3 * i + 1] = static_cast<uint8_t>(TIFFGetG(raster[i]));
        image.rgb[3 * i + 2] = static_cast<uint8_t>(TIFFGetB(raster[i]));
    }
}

bool accepts(ImageBytes bytes) {
    using namespace std::string_view_literals;
    for (const std::string_view magic : {"II*\0"sv, "MM\0*"sv, "II+\0"sv, "MM\0+"sv})
        if (asText(bytes).starts_with(magic))
            return true;
    return false;
}

ImageHeader readHeader(ImageBytes bytes) {
    const TiffReader reader(bytes);
    ImageHeader header{reader.field<uint32_t>(TIFFTAG_IMAGEWIDTH, 0),
                       reader.field<uint32_t>(TIFFTAG_IMAGELENGTH, 0)};
    uint32_t xmpSize = 0;
    const char* xmp = nullptr;
    TIFFGetField(reader.get(), TIFFTAG_XMLPACKET, &xmpSize, &xmp);
    // Not libtiff's: it reads types of the tag that Pillow does not, and the other way round.
    header.orientation =
        chooseOrientation(orientationFromExif(bytes), xmp ? orientationFromXmp({xmp, xmpSize}) : 0);
    return header;
}

Image decode(ImageBytes bytes, const DecodeOptions& options) {
    const TiffReader reader(bytes);
    const Layout layout = readLayout(reader);
    checkImageSize(layout.width, layout.height, options.maxPixels);
    Image image = allocateImage(layout.width, layout.height, options.maxPixels, layout.hasAlpha);
    if (layout.photometric == PHOTOMETRIC_YCBCR && !layout.asRgb && !layout.asYcbcr) {
        decodeYcbcr(reader, image);
        return image;
    }
    if (layout.asRgb)
        TIFFSetField(reader.get(), TIFFTAG_JPEGCOLORMODE, JPEGCOLORMODE_RGB);
    const TiffConverter converter(reader, layout);
    BlockReader(reader, layout, options.maxPixels).readAll(converter, image);
    return image;
}

} // namespace

const ImageFormat kTiffFormat{"TIFF", accepts, readHeader, decode};

} // namespace diptych
