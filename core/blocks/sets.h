// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/blocks/scene.h"

#include <string>
#include <vector>

namespace diptych::blocks {

/// A classification problem of the Blocks world. Classes are equally frequent, so chance is 1 / classes.
struct ClassSet {
    std::string id;                      ///< "blocks-shape", ...
    std::string title;                   ///< for people
    std::vector<std::string> classNames; ///< "cube", "red cube", "three objects", ...
    std::vector<std::string> templates;  ///< prompts the names fit in, "a photo of a {}" first
    /// A scene of the class. Everything the class does not name is drawn by the seed.
    Scene (*scene)(int label, uint64_t seed, Split split);
    double chance() const { return 1.0 / static_cast<double>(classNames.size()); }
};

/// blocks-shape (6), blocks-colour (8), blocks-shape-colour (48), blocks-size, blocks-material (2 each),
/// blocks-place (4: left, right, front, back), blocks-count (1 to 6 objects), blocks-relation (4: a sphere
/// left of, right of, in front of or behind a cube).
const std::vector<ClassSet>& classSets();
/// @throws Error NotFound that lists the ids
const ClassSet& classSet(std::string_view id);

} // namespace diptych::blocks
