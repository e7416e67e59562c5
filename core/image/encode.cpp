// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/image/image.h"

#include <fmt/format.h>
#include <jpeglib.h>
#include <png.h>

#include <array>
#include <csetjmp>
#include <cstdio> // jpeglib.h needs FILE
#include <cstdlib>
#include <cstring>

namespace diptych {
namespace {

void requirePixels(const Image& image, std::string_view format) {
    if (image.width <= 0 || image.height <= 0 ||
        image.rgb.size() != static_cast<size_t>(image.width) * static_cast<size_t>(image.height) * 3)
        throw Error(ErrorCode::InvalidArgument,
                    fmt::format("An empty image cannot be written as {}", format));
}

struct JpegError {
    jpeg_error_mgr base; // libjpeg sees this alone
    std::jmp_buf escape;
    std::array<char, JMSG_LENGTH_MAX> message;
};

void onJpegError(j_common_ptr info) {
    auto* error = reinterpret_cast<JpegError*>(info->err);
    error->base.format_message(info, error->message.data());
    std::longjmp(error->escape, 1);
}

/// libjpeg's own objects, and the memory it writes into; freed whatever happens.
struct JpegWriter {
    jpeg_compress_struct info{};
    JpegError error{};
    unsigned char* bytes = nullptr;
    unsigned long size = 0;

    JpegWriter() = default;
    JpegWriter(const JpegWriter&) = delete;
    JpegWriter& operator=(const JpegWriter&) = delete;
    ~JpegWriter() {
        jpeg_destroy_compress(&info);
        std::free(bytes);
    }
};

/// Holds nothing that needs destroying: libjpeg's errors jump out of the middle of it.
bool writeJpeg(JpegWriter& writer, const Image& image, int quality) {
    if (setjmp(writer.error.escape) != 0)
        return false;
    jpeg_create_compress(&writer.info);
    jpeg_mem_dest(&writer.info, &writer.bytes, &writer.size);
    writer.info.image_width = static_cast<JDIMENSION>(image.width);
    writer.info.image_height = static_cast<JDIMENSION>(image.height);
    writer.info.input_components = 3;
    writer.info.in_color_space = JCS_RGB;
    jpeg_set_defaults(&writer.info);
    jpeg_set_quality(&writer.info, quality, TRUE);
    jpeg_start_compress(&writer.info, TRUE);
    while (writer.info.next_scanline < writer.info.image_height) {
        auto* row = const_cast<JSAMPROW>(image.rgb.data() + size_t{writer.info.next_scanline} *
                                                                static_cast<size_t>(image.width) * 3);
        jpeg_write_scanlines(&writer.info, &row, 1);
    }
    jpeg_finish_compress(&writer.info);
    return true;
}

} // namespace

std::vector<std::byte> encodeJpeg(const Image& image, int quality) {
    requirePixels(image, "JPEG");
    if (quality < 1 || quality > 100)
        throw Error(ErrorCode::InvalidArgument,
                    fmt::format("JPEG: the quality must be between 1 and 100, not {}", quality));
    JpegWriter writer;
    writer.info.err = jpeg_std_error(&writer.error.base);
    writer.error.base.error_exit = onJpegError;
    writer.error.base.output_message = [](j_common_ptr) {};
    if (!writeJpeg(writer, image, quality))
        throw Error(ErrorCode::InvalidArgument,
                    fmt::format("An image of {} x {} cannot be written as JPEG: {}", image.width,
                                image.height, writer.error.message.data()));
    const auto* bytes = reinterpret_cast<const std::byte*>(writer.bytes);
    return {bytes, bytes + writer.size};
}

std::vector<std::byte> encodePng(const Image& image) {
    requirePixels(image, "PNG");
    const bool hasAlpha = !image.alpha.empty();
    std::vector<uint8_t> interleaved;
    if (hasAlpha) {
        interleaved.resize(image.alpha.size() * 4);
        for (size_t i = 0; i < image.alpha.size(); ++i) {
            std::memcpy(interleaved.data() + 4 * i, image.rgb.data() + 3 * i, 3);
            interleaved[4 * i + 3] = image.alpha[i];
        }
    }
    png_image header{};
    header.version = PNG_IMAGE_VERSION;
    header.width = static_cast<png_uint_32>(image.width);
    header.height = static_cast<png_uint_32>(image.height);
    header.format = hasAlpha ? PNG_FORMAT_RGBA : PNG_FORMAT_RGB;
    png_alloc_size_t size = PNG_IMAGE_PNG_SIZE_MAX(header);
    std::vector<std::byte> out(size);
    const void* pixels = hasAlpha ? interleaved.data() : image.rgb.data();
    if (png_image_write_to_memory(&header, out.data(), &size, 0, pixels, 0, nullptr) == 0)
        throw Error(ErrorCode::Internal, fmt::format("An image of {} x {} cannot be written as PNG: {}",
                                                     image.width, image.height, header.message));
    out.resize(size);
    return out;
}

} // namespace diptych
