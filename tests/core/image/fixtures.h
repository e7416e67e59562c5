// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/file.h"
#include "core/base/hash.h"
#include "core/base/json.h"
#include "core/base/random.h"
#include "core/image/image.h"

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

namespace diptych::test {

inline std::filesystem::path imageFixture(const std::string& name) {
    return std::filesystem::path(DIPTYCH_FIXTURES) / "image" / std::filesystem::path(name);
}

/// What Pillow makes of the fixtures; written by make_image_fixtures.py.
inline const Json& golden() {
    static const Json json = readJsonFile(imageFixture("golden.json"));
    return json;
}

inline std::string hashOf(const void* data, size_t bytes) {
    return hashBytes({static_cast<const std::byte*>(data), bytes}).hex();
}

inline std::string hashOf(const std::vector<uint8_t>& bytes) {
    return hashOf(bytes.data(), bytes.size());
}

/// @throws Error where it cannot be decoded
inline Image decodedFixture(const std::string& name) {
    auto image = decodeImage(imageFixture(name));
    if (!image)
        throw image.error();
    return std::move(*image);
}

/// Every fixture that is an image, also those meant to be refused.
inline std::vector<std::filesystem::path> imageFixtures() {
    std::vector<std::filesystem::path> out;
    for (const auto& entry : std::filesystem::directory_iterator(imageFixture("")))
        if (hasImageExtension(entry.path()))
            out.push_back(entry.path());
    std::sort(out.begin(), out.end());
    return out;
}

inline Image noise(int width, int height, uint64_t seed) {
    Random random(seed);
    Image image{width, height, {}, {}};
    image.rgb.resize(static_cast<size_t>(width) * static_cast<size_t>(height) * 3);
    for (uint8_t& value : image.rgb)
        value = static_cast<uint8_t>(random());
    return image;
}

} // namespace diptych::test
