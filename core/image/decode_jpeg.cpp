// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/image/format.h"

#include <jerror.h>
#include <jpeglib.h>

#include <algorithm>
#include <array>
#include <csetjmp>
#include <cstdio> // jpeglib.h needs FILE
#include <string>
#include <vector>

namespace diptych {
namespace {

using namespace std::string_view_literals;

/// A progressive file may hold any number of scans, each of which costs a pass over the whole picture; real
/// ones have about ten.
constexpr int kMaxScans = 500;

/// libjpeg behind calls that neither throw through its C frames nor jump over ours: every call that may
/// longjmp sits in a function of its own that holds nothing to destroy.
class JpegReader {
public:
    enum class Status { Ok, Truncated, Failed };

    explicit JpegReader(ImageBytes bytes);
    ~JpegReader() { jpeg_destroy_decompress(&m_info); }
    JpegReader(const JpegReader&) = delete;
    JpegReader& operator=(const JpegReader&) = delete;

    void readHeader();
    /// @param scaleDenominator 1, 2, 4 or 8; above 1 it is quick rather than exact
    void start(int scaleDenominator);
    void readRow(uint8_t* row);
    /// What stands behind the last row; errors there are errors of the file, as in Pillow, an early end is
    /// not.
    void finish();
    int orientation() const;
    const jpeg_decompress_struct& info() const { return m_info; }

private:
    Status tryHeader();
    Status tryStart();
    Status tryRow(uint8_t* row);
    Status tryFinish();
    void check(Status status) const;

    // libjpeg sees the first members alone.
    struct ErrorManager {
        jpeg_error_mgr base;
        std::jmp_buf escape;
        std::array<char, JMSG_LENGTH_MAX> message;
    };
    static void onError(j_common_ptr info);
    static void onProgress(j_common_ptr info);

    jpeg_decompress_struct m_info{};
    ErrorManager m_error{};
    jpeg_source_mgr m_source{};
    jpeg_progress_mgr m_progress{};
};

void JpegReader::onError(j_common_ptr info) {
    auto* error = reinterpret_cast<ErrorManager*>(info->err);
    error->base.format_message(info, error->message.data());
    std::longjmp(error->escape, 1);
}

void JpegReader::onProgress(j_common_ptr info) {
    if (info->is_decompressor && reinterpret_cast<j_decompress_ptr>(info)->input_scan_number > kMaxScans)
        ERREXIT(info, JERR_BAD_PROGRESSION);
}

// jpeg_create_decompress fails only on a mismatch of headers and library, and then before anything is held.
JpegReader::JpegReader(ImageBytes bytes) {
    m_info.err = jpeg_std_error(&m_error.base);
    m_error.base.error_exit = onError;
    m_error.base.output_message = [](j_common_ptr) {};
    if (setjmp(m_error.escape) != 0)
        throw Error(ErrorCode::Internal, std::string("libjpeg: ") + m_error.message.data());
    jpeg_create_decompress(&m_info);
    m_progress.progress_monitor = onProgress;
    m_info.progress = &m_progress;
    // All the data is there from the start: wanting more means the file is cut off. Suspending then is what
    // Pillow does, so the same files are refused.
    m_source.next_input_byte = asOctets(bytes);
    m_source.bytes_in_buffer = bytes.size();
    m_source.init_source = [](j_decompress_ptr) {};
    m_source.fill_input_buffer = [](j_decompress_ptr) -> boolean { return FALSE; };
    m_source.skip_input_data = [](j_decompress_ptr info, long count) {
        const auto skipped =
            std::min<size_t>(static_cast<size_t>(std::max(count, 0L)), info->src->bytes_in_buffer);
        info->src->next_input_byte += skipped;
        info->src->bytes_in_buffer -= skipped;
    };
    m_source.resync_to_restart = jpeg_resync_to_restart;
    m_source.term_source = [](j_decompress_ptr) {};
    m_info.src = &m_source;
}

JpegReader::Status JpegReader::tryHeader() {
    if (setjmp(m_error.escape) != 0)
        return Status::Failed;
    jpeg_save_markers(&m_info, JPEG_APP0 + 1, 0xFFFF);
    int status = JPEG_HEADER_TABLES_ONLY;
    while (status == JPEG_HEADER_TABLES_ONLY)
        status = jpeg_read_header(&m_info, FALSE);
    return status == JPEG_HEADER_OK ? Status::Ok : Status::Truncated;
}

JpegReader::Status JpegReader::tryStart() {
    if (setjmp(m_error.escape) != 0)
        return Status::Failed;
    return jpeg_start_decompress(&m_info) ? Status::Ok : Status::Truncated;
}

JpegReader::Status JpegReader::tryRow(uint8_t* row) {
    if (setjmp(m_error.escape) != 0)
        return Status::Failed;
    return jpeg_read_scanlines(&m_info, &row, 1) == 1 ? Status::Ok : Status::Truncated;
}

JpegReader::Status JpegReader::tryFinish() {
    if (setjmp(m_error.escape) != 0)
        return Status::Failed;
    jpeg_finish_decompress(&m_info);
    return Status::Ok;
}

void JpegReader::check(Status status) const {
    if (status == Status::Truncated)
        throwTruncated();
    if (status == Status::Ok)
        return;
    const int code = m_error.base.msg_code;
    if (code == JERR_OUT_OF_MEMORY)
        throw std::bad_alloc();
    if (code == JERR_SOF_UNSUPPORTED || code == JERR_BAD_PRECISION || code == JERR_CONVERSION_NOTIMPL)
        throw Error(ErrorCode::Unsupported,
                    std::string("this kind of JPEG is not supported: ") + m_error.message.data());
    throwCorrupt(m_error.message.data());
}

void JpegReader::readHeader() {
    check(tryHeader());
    if (m_info.num_components != 1 && m_info.num_components != 3 && m_info.num_components != 4)
        throwUnsupported("a JPEG with " + std::to_string(m_info.num_components) + " components");
}

void JpegReader::start(int scaleDenominator) {
    m_info.out_color_space = m_info.num_components == 1   ? JCS_GRAYSCALE
                             : m_info.num_components == 3 ? JCS_RGB
                                                          : JCS_CMYK;
    m_info.dct_method = JDCT_ISLOW;
    m_info.do_fancy_upsampling = scaleDenominator == 1 ? TRUE : FALSE;
    m_info.scale_num = 1;
    m_info.scale_denom = static_cast<unsigned>(scaleDenominator);
    check(tryStart());
}

void JpegReader::readRow(uint8_t* row) {
    check(tryRow(row));
}

void JpegReader::finish() {
    check(tryFinish());
}

int JpegReader::orientation() const {
    constexpr std::string_view kExif = "Exif\0\0"sv, kXmp = "http://ns.adobe.com/xap/1.0/\0"sv;
    std::vector<std::byte> exif; // may be spread over several segments
    std::string xmp;
    for (const jpeg_marker_struct* marker = m_info.marker_list; marker; marker = marker->next) {
        const ImageBytes data(reinterpret_cast<const std::byte*>(marker->data), marker->data_length);
        if (asText(data).starts_with(kExif))
            exif.insert(exif.end(), data.begin() + kExif.size(), data.end());
        else if (asText(data).starts_with(kXmp))
            xmp = asText(data.subspan(kXmp.size()));
    }
    return chooseOrientation(orientationFromExif(exif), orientationFromXmp(xmp));
}

bool accepts(ImageBytes bytes) {
    return asText(bytes).starts_with("\xFF\xD8\xFF");
}

ImageHeader readHeader(ImageBytes bytes) {
    JpegReader reader(bytes);
    reader.readHeader();
    return {reader.info().image_width, reader.info().image_height, reader.orientation()};
}

int scaleFor(const jpeg_decompress_struct& info, int smallestSide) {
    const auto longer = std::max(info.image_width, info.image_height);
    for (const unsigned denominator : {8u, 4u, 2u})
        if (smallestSide > 0 && longer / denominator >= static_cast<unsigned>(smallestSide))
            return static_cast<int>(denominator);
    return 1;
}

void storeRow(const std::vector<uint8_t>& row, int components, size_t width, uint8_t* rgb) {
    if (components == 1)
        for (size_t x = 0; x < width; ++x)
            rgb[3 * x] = rgb[3 * x + 1] = rgb[3 * x + 2] = row[x];
    else
        cmykToRgb(row.data(), width, rgb);
}

Image decode(ImageBytes bytes, const DecodeOptions& options) {
    JpegReader reader(bytes);
    reader.readHeader();
    checkImageSize(reader.info().image_width, reader.info().image_height, options.maxPixels);
    reader.start(scaleFor(reader.info(), options.smallestSide));
    Image image =
        allocateImage(reader.info().output_width, reader.info().output_height, options.maxPixels, false);
    const auto width = static_cast<size_t>(image.width);
    const int components = reader.info().output_components;
    std::vector<uint8_t> row(components == 3 ? 0 : width * static_cast<size_t>(components));
    for (size_t y = 0; y < static_cast<size_t>(image.height); ++y) {
        uint8_t* rgb = image.rgb.data() + y * width * 3;
        reader.readRow(components == 3 ? rgb : row.data());
        if (components == 3)
            continue;
        // Adobe's inverted inks are taken for granted, as Pillow does.
        if (components == 4)
            for (uint8_t& value : row)
                value = static_cast<uint8_t>(255 - value);
        storeRow(row, components, width, rgb);
    }
    reader.finish();
    return image;
}

} // namespace

const ImageFormat kJpegFormat{"JPEG", accepts, readHeader, decode};

} // namespace diptych
