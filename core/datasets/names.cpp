// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/datasets/names.h"

#include "core/image/image.h"

namespace diptych {

std::string lowerCase(std::string text) {
    for (char& c : text) {
        if (c >= 'A' && c <= 'Z')
            c = static_cast<char>(c - 'A' + 'a');
    }
    return text;
}

std::string lowerExtension(const std::filesystem::path& path) {
    return lowerCase(path.extension().native());
}

std::string_view withoutCaptionNumber(std::string_view imageName) {
    const size_t hash = imageName.rfind('#');
    if (hash == std::string_view::npos || hash + 1 == imageName.size() ||
        imageName.find_first_not_of("0123456789", hash + 1) != std::string_view::npos)
        return imageName;
    const std::string_view name = imageName.substr(0, hash);
    return hasImageExtension(std::filesystem::path(name)) ? name : imageName;
}

} // namespace diptych
