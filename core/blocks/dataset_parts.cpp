// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/blocks/dataset_parts.h"

#include "core/base/file.h"
#include "core/base/hash.h"

#include <fmt/format.h>

namespace diptych::blocks {

namespace fs = std::filesystem;

namespace {
constexpr int kJpegQuality = 92;
}

uint64_t seedOf(std::string_view kind, uint64_t seed, size_t index) {
    const Hash128 hash = hashText(fmt::format("{}/{}", kind, seed));
    uint64_t start = 0;
    for (int i = 0; i < 4; ++i)
        start = start << 8 | hash.bytes[static_cast<size_t>(i)];
    return (start << 24) + index;
}

void prepareFolder(const fs::path& directory) {
    std::error_code error;
    if (fs::exists(directory, error) &&
        !(fs::is_directory(directory, error) && fs::is_empty(directory, error)))
        throw Error(ErrorCode::InvalidArgument,
                    fmt::format("{} is there already and is not an empty folder; choose another one",
                                displayPath(directory)));
    fs::create_directories(directory, error);
    if (error)
        throw errnoError(error.value(), "Cannot make the folder", displayPath(directory));
}

std::string_view pictureExtension(const DatasetOptions& options) {
    return options.jpeg ? "jpg" : "png";
}

uint64_t writePicture(const Image& image, const fs::path& file, const DatasetOptions& options) {
    const auto bytes = options.jpeg ? encodeJpeg(image, kJpegQuality) : encodePng(image);
    writeFileAtomically(file, bytes);
    return bytes.size();
}

} // namespace diptych::blocks
