// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/error.h"
#include "core/base/json.h"
#include "core/base/random.h"

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

/// Blocks: a small world of coloured solids on a floor, made by rule, so that everything about a picture is
/// known: what is in it, where, what is true to say of it and what is not. The idea is CLEVR's (Johnson et
/// al. 2017); the generator, renderer and language here are this program's own.
namespace diptych::blocks {

enum class Shape : uint8_t { Sphere, Cube, Cylinder, Cone, Pyramid, Ring };
enum class Colour : uint8_t { Red, Orange, Yellow, Green, Cyan, Blue, Purple, Grey };
enum class Size : uint8_t { Small, Large };
enum class Material : uint8_t { Matte, Shiny };
/// Where one object stands with respect to another, as the viewer sees it.
enum class Relation : uint8_t { LeftOf, RightOf, InFrontOf, Behind };
/// Where an object stands in the picture.
enum class Place : uint8_t { Left, Right, Front, Back, Middle };

inline constexpr int kShapeCount = 6, kColourCount = 8, kSizeCount = 2, kMaterialCount = 2;
inline constexpr int kRelationCount = 4, kPlaceCount = 5;
inline constexpr int kMaxObjects = 6;

std::string_view name(Shape shape);       ///< "sphere", ...
std::string_view name(Colour colour);     ///< "red", ...
std::string_view name(Size size);         ///< "small", "large"
std::string_view name(Material material); ///< "matte", "shiny"
std::string_view name(Relation relation); ///< "left of", "right of", "in front of", "behind"
std::string_view name(Place place);       ///< "on the left", ..., "in the middle"
Relation opposite(Relation relation);

/// One solid. Lengths are hundredths of a floor unit and whole numbers, so that a scene is exact and the
/// same everywhere. x grows to the right, y away from the viewer; the solid stands on the floor at (x, y).
struct Object {
    Shape shape = Shape::Sphere;
    Colour colour = Colour::Red;
    Size size = Size::Small;
    Material material = Material::Matte;
    int x = 0, y = 0;
    int radius = 50; ///< of the solid's bounding circle on the floor
    int turn = 0;    ///< about the vertical, in 64ths of a full turn
    int shade = 0;   ///< -4..4: a little darker or lighter than the colour's mean
    friend bool operator==(const Object&, const Object&) = default;
};

/// What surrounds the objects; never part of a caption.
struct Surroundings {
    int floor = 0;      ///< index of the floor's colour, 0..kFloorCount-1
    int pattern = 0;    ///< 0 plain, 1 checks, 2 boards, 3 speckles
    int lightTurn = 0;  ///< direction the light comes from, in 64ths of a full turn
    int lightLevel = 0; ///< -4..4
    int pitch = 0;      ///< camera height, -3..3
    int zoom = 100;     ///< per cent
    friend bool operator==(const Surroundings&, const Surroundings&) = default;
};
inline constexpr int kFloorCount = 8, kPatternCount = 4;

/// What a scene holds. Single: one object. Pair: two that differ in colour and shape, one clearly left of,
/// right of, in front of or behind the other. Count: one to six. Several: three or four, all different.
enum class SceneKind : uint8_t { Single, Pair, Count, Several };

/// Which part of the world a scene belongs to. A function of what the scene shows (splitOf), so no scene of
/// one part can ever turn up in another, whatever seeds are used.
enum class Split : uint8_t { Train, Validation, Test };
std::string_view name(Split split); ///< "train", "validation", "test"

struct Scene {
    SceneKind kind = SceneKind::Single;
    uint64_t seed = 0;
    std::vector<Object> objects; ///< in no particular order
    Surroundings surroundings;
};

/// What must hold for a scene; what is not set is chosen by the seed. The attributes and the place are the
/// first object's; relation is of the first to the second (Pair); count for Count.
struct SceneWishes {
    std::optional<Shape> shape;
    std::optional<Colour> colour;
    std::optional<Size> size;
    std::optional<Material> material;
    std::optional<Place> place;
    std::optional<Relation> relation;
    std::optional<Shape> secondShape;
    std::optional<int> count;
};

/// The same arguments give the same scene on every machine. @throws Error InvalidArgument for a wish that the
/// kind cannot fulfil (count 7, a relation of a single object)
Scene makeScene(uint64_t seed, SceneKind kind, Split split, const SceneWishes& wishes = {});

/// By a hash of the set of (shape, colour, size, material, floor cell of half a unit), the same for the
/// mirrored scene: one cell of ten is Test, one Validation, the others Train. Two scenes that differ only in
/// surroundings, shade, turn or by a few hundredths within a cell are in the same part.
Split splitOf(const Scene& scene);

/// The scene as a mirror shows it, surroundings kept.
Scene mirrored(const Scene& scene);
/// The first two objects have changed places. @pre two objects or more
Scene placesSwapped(const Scene& scene);
/// The first two objects have exchanged their colours. @pre two objects or more
Scene coloursSwapped(const Scene& scene);

/// Gives the object another shape, any with equal chance; a ring is turned to the viewer, since from the side
/// it would be a bar.
void takeAnotherShape(Object& object, Random& random);

/// Whether @p a clearly stands in @p relation to @p b (in between there is a zone where neither does).
bool stands(const Object& a, Relation relation, const Object& b);
/// Whether the object clearly is at that place of the picture.
bool isAt(const Object& object, Place place);

/// Everything about a scene, for metadata files.
Json toJson(const Scene& scene);

} // namespace diptych::blocks
