// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/image/image_libraries.h"

#include <fmt/format.h>
#include <jpeglib.h>
#include <png.h>
#include <tiffio.h>
#include <webp/decode.h>

#include <algorithm>
#include <cstddef>
#include <cstdio>

namespace diptych {
namespace {

#define DIPTYCH_TEXT(value) #value
#define DIPTYCH_TEXT_OF(value) DIPTYCH_TEXT(value)

std::pair<std::string, std::string> jpeg() {
#ifdef LIBJPEG_TURBO_VERSION
    return {"libjpeg-turbo", DIPTYCH_TEXT_OF(LIBJPEG_TURBO_VERSION)};
#else
    return {"libjpeg", fmt::format("{}", JPEG_LIB_VERSION)};
#endif
}

/// "LIBTIFF, Version 4.5.0\nCopyright ..." -> "4.5.0"
std::string tiffVersion() {
    std::string text = TIFFGetVersion();
    text.resize(std::min(text.size(), text.find('\n')));
    const size_t word = text.rfind(' ');
    return word == std::string::npos ? text : text.substr(word + 1);
}

std::string webpVersion() {
    const int version = WebPGetDecoderVersion(); // 0xMMmmrr
    return fmt::format("{}.{}.{}", version >> 16, version >> 8 & 255, version & 255);
}

} // namespace

std::vector<std::pair<std::string, std::string>> imageLibraries() {
    return {jpeg(),
            {"libpng", png_get_libpng_ver(nullptr)},
            {"libtiff", tiffVersion()},
            {"libwebp", webpVersion()}};
}

} // namespace diptych
