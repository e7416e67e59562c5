// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/random.h"
#include "core/blocks/scene.h"

#include <array>
#include <string>
#include <vector>

namespace diptych::blocks {

/// What a noun phrase says of an object; what is not set is not said. "small shiny red cube"; without a
/// shape the noun is "object".
struct Phrase {
    std::optional<Size> size;
    std::optional<Material> material;
    std::optional<Colour> colour;
    std::optional<Shape> shape;
    bool matches(const Object& object) const;
    friend bool operator==(const Phrase&, const Phrase&) = default;
};
std::string singular(const Phrase& phrase); ///< "a red cube", "an orange ring", "an object"
std::string plural(const Phrase& phrase);   ///< "red cubes"
std::string_view numeral(int count);        ///< "one" to "six"

/// A statement about a picture, true or not; every caption is one of these in words.
struct Statement {
    enum class Kind : uint8_t {
        There,   ///< an object like phrases[0] is there, at place if set
        Number,  ///< exactly count objects like phrases[0]
        Related, ///< one like phrases[0] stands in relation to another like phrases[1]
        All      ///< one like each of the phrases, all different objects
    };
    Kind kind = Kind::There;
    std::vector<Phrase> phrases;
    std::optional<Place> place;
    Relation relation = Relation::LeftOf;
    int count = 0;
    friend bool operator==(const Statement&, const Statement&) = default;
};

/// Whether the statement is true of the scene.
bool holds(const Statement& statement, const Scene& scene);
/// Ways to word one statement; 0 is the plainest: "a red cube", "three red cubes", "a red cube left of a blue
/// sphere", "a red cube and a blue sphere".
inline constexpr int kWordings = 8;
std::string inWords(const Statement& statement, int wording = 0);

/// A true statement about the scene, drawn at random; says little or much.
Statement trueStatement(const Scene& scene, Random& random);

/// Five captions, all true and all different; a function of the scene alone.
std::array<std::string, 5> captions(const Scene& scene);
/// Everything there is to say: every object with all its attributes and where it stands, left to right.
std::string describeScene(const Scene& scene);

} // namespace diptych::blocks
