// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/blocks/language.h"

#include <array>
#include <string>
#include <string_view>

namespace diptych::blocks {

/// What sets the two scenes of a pair apart. The first four are said with the same words in another order, so
/// that a bag of words cannot tell the captions apart (as in Winoground, Thrush et al. 2022).
enum class Contrast : uint8_t { Colour, Size, LeftRight, FrontBack, Shape, Number };
inline constexpr int kContrastCount = 6, kSameWordsCount = 4;
std::string_view name(Contrast contrast); ///< "colour", "size", "left-right", "front-back", "shape", "number"

/// Two scenes alike but for one thing, and a caption for each that is true of it and untrue of the other.
struct ScenePair {
    Contrast contrast = Contrast::Colour;
    std::array<Scene, 2> scenes;
    std::array<Statement, 2> statements;
    std::array<std::string, 2> captions;
};

/// Both scenes are of @p split. The same arguments give the same pair on every machine.
ScenePair makePair(Contrast contrast, uint64_t seed, Split split);

} // namespace diptych::blocks
