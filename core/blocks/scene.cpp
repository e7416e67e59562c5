// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/blocks/scene.h"

#include "core/base/hash.h"
#include "core/base/random.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>

namespace diptych::blocks {

namespace {

// The part of the floor the camera sees well, in hundredths of a floor unit.
constexpr int kMaxX = 170, kMinY = -190, kMaxY = 260;
// From here on one object is said to be left of or in front of another. Depth is foreshortened in the
// picture, so it takes more of it to be seen.
constexpr int kSideways = 60, kDepthwise = 100;
constexpr int kMinRadius[] = {56, 88}, kMaxRadius[] = {63, 98};

template<class E>
E pick(Random& random, int count) {
    return static_cast<E>(random.below(static_cast<uint64_t>(count)));
}

int between(Random& random, int low, int high) {
    return low + static_cast<int>(random.below(static_cast<uint64_t>(high - low + 1)));
}

/// Where the middle of an object appears in the picture, roughly (a camera at 37 degrees without
/// perspective).
struct Seen {
    int x, y;
};
Seen seen(const Object& object) {
    return {object.x, (60 * object.y + 80 * object.radius) / 100};
}

int squaredDistance(int dx, int dy) {
    return dx * dx + dy * dy;
}

/// Both on the floor and in the picture: what is behind stays recognisable.
bool roomBetween(const Object& a, const Object& b) {
    const int reach = a.radius + b.radius;
    const int onFloor = squaredDistance(a.x - b.x, a.y - b.y);
    if (onFloor < squaredDistance(reach + 8, 0))
        return false;
    const Seen p = seen(a), q = seen(b);
    const int inPicture = squaredDistance(p.x - q.x, p.y - q.y);
    return 100 * inPicture >= 96 * reach * reach;
}

bool standsClear(const std::vector<Object>& objects) {
    for (size_t i = 0; i < objects.size(); ++i) {
        for (size_t j = i + 1; j < objects.size(); ++j) {
            if (!roomBetween(objects[i], objects[j]))
                return false;
        }
    }
    return true;
}

bool insidePicture(const Object& object) {
    return std::abs(object.x) + object.radius <= 235 && std::abs(seen(object).y - 35) + object.radius <= 235;
}

void place(Random& random, Object& object) {
    do {
        object.x = between(random, -kMaxX, kMaxX);
        object.y = between(random, kMinY, kMaxY);
    } while (!insidePicture(object));
}

Object makeObject(Random& random, const SceneWishes& wishes) {
    Object object;
    // Every choice is drawn, wished or not, so that a wish changes nothing but what it names.
    const auto shape = pick<Shape>(random, kShapeCount);
    const auto colour = pick<Colour>(random, kColourCount);
    const auto size = pick<Size>(random, kSizeCount);
    const auto material = pick<Material>(random, kMaterialCount);
    object.shape = wishes.shape.value_or(shape);
    object.colour = wishes.colour.value_or(colour);
    object.size = wishes.size.value_or(size);
    object.material = wishes.material.value_or(material);
    const auto s = static_cast<size_t>(object.size);
    object.radius = between(random, kMinRadius[s], kMaxRadius[s]);
    // A ring seen edge-on is no ring to look at: it stays within a fifth of a right angle of facing us.
    object.turn = object.shape == Shape::Ring ? between(random, -4, 4) : between(random, 0, 63);
    object.shade = between(random, -4, 4);
    return object;
}

Surroundings makeSurroundings(Random& random) {
    Surroundings s;
    s.floor = between(random, 0, kFloorCount - 1);
    s.pattern = between(random, 0, kPatternCount - 1);
    s.lightTurn = between(random, 18, 46); // from the left or the right, somewhat towards us
    s.lightLevel = between(random, -4, 4);
    s.pitch = between(random, -3, 3);
    s.zoom = between(random, 97, 103);
    return s;
}

/// Objects of a Count scene: all alike, of one shape, or any.
std::vector<Object> makeCounted(Random& random, const SceneWishes& wishes) {
    const int drawn = between(random, 1, kMaxObjects);
    const int count = wishes.count.value_or(drawn);
    const uint64_t likeness = random.below(10);
    const bool allSmall = random.below(10) < 6;
    std::vector<Object> objects;
    for (int i = 0; i < count; ++i) {
        SceneWishes each = i == 0 ? wishes : SceneWishes{};
        if (allSmall && !each.size)
            each.size = Size::Small;
        if (i > 0 && likeness < 7)
            each.shape = objects.front().shape;
        if (i > 0 && likeness < 4)
            each.colour = objects.front().colour;
        objects.push_back(makeObject(random, each));
    }
    return objects;
}

/// No two alike; the two of a pair share neither shape nor colour, so that either alone tells them apart.
std::vector<Object> makeDifferent(Random& random, int count, const SceneWishes& wishes) {
    std::vector<Object> objects;
    while (static_cast<int>(objects.size()) < count) {
        SceneWishes each = objects.empty() ? wishes : SceneWishes{};
        if (objects.size() == 1)
            each.shape = wishes.secondShape;
        const Object next = makeObject(random, each);
        const bool repeated = std::any_of(objects.begin(), objects.end(), [&](const Object& other) {
            const bool shape = other.shape == next.shape, colour = other.colour == next.colour;
            return count == 2 ? shape || colour : shape && colour;
        });
        if (!repeated)
            objects.push_back(next);
    }
    return objects;
}

/// Two objects side by side or one behind the other, never on the diagonal.
bool placePair(Random& random, std::vector<Object>& objects, Relation relation) {
    Object &a = objects[0], &b = objects[1];
    place(random, a);
    place(random, b);
    const bool sideways = relation == Relation::LeftOf || relation == Relation::RightOf;
    const int dx = std::abs(a.x - b.x), dy = std::abs(a.y - b.y);
    const bool clear = sideways ? dx >= 110 && dy <= 60 : dy >= 170 && dx <= 50;
    return clear && stands(a, relation, b) && standsClear(objects);
}

bool placeApart(Random& random, std::vector<Object>& objects) {
    for (size_t i = 0; i < objects.size(); ++i) {
        int tries = 0;
        do {
            if (++tries > 60)
                return false;
            place(random, objects[i]);
        } while (!std::all_of(objects.begin(), objects.begin() + static_cast<std::ptrdiff_t>(i),
                              [&](const Object& other) { return roomBetween(other, objects[i]); }));
    }
    return true;
}

std::vector<Object> makeObjects(Random& random, SceneKind kind, const SceneWishes& wishes) {
    switch (kind) {
    case SceneKind::Single:
        return {makeObject(random, wishes)};
    case SceneKind::Pair:
        return makeDifferent(random, 2, wishes);
    case SceneKind::Count:
        return makeCounted(random, wishes);
    case SceneKind::Several:
        return makeDifferent(random, between(random, 3, 4), wishes);
    }
    throw Error(ErrorCode::InvalidArgument, "Blocks: there is no such kind of scene");
}

bool placeObjects(Random& random, Scene& scene, const SceneWishes& wishes) {
    if (scene.kind == SceneKind::Pair) {
        const auto relation = wishes.relation.value_or(pick<Relation>(random, kRelationCount));
        for (int tries = 0; tries < 400; ++tries) {
            if (placePair(random, scene.objects, relation))
                return true;
        }
        return false;
    }
    if (!placeApart(random, scene.objects))
        return false;
    return !wishes.place || isAt(scene.objects.front(), *wishes.place);
}

void checkWishes(SceneKind kind, const SceneWishes& wishes) {
    if (wishes.count && (kind != SceneKind::Count || *wishes.count < 1 || *wishes.count > kMaxObjects))
        throw Error(ErrorCode::InvalidArgument,
                    fmt::format("Blocks: a count of {} can't be wished for here; 1 to {} objects in a Count "
                                "scene can",
                                *wishes.count, kMaxObjects));
    if (kind == SceneKind::Pair && wishes.shape && wishes.shape == wishes.secondShape)
        throw Error(ErrorCode::InvalidArgument,
                    "Blocks: the two objects of a Pair scene have different shapes");
    if ((wishes.relation || wishes.secondShape) && kind != SceneKind::Pair)
        throw Error(ErrorCode::InvalidArgument,
                    "Blocks: only a Pair scene has a relation and a second shape");
    if (wishes.place && kind != SceneKind::Single)
        throw Error(ErrorCode::InvalidArgument, "Blocks: only a Single scene's place can be wished for");
}

/// Cell of half a floor unit, the same distance from the middle on both sides.
int cell(int position) {
    return (std::abs(position) + 25) / 50 * (position < 0 ? -1 : 1);
}

std::string contentKey(const Scene& scene, int side) {
    std::vector<std::string> parts;
    for (const Object& o : scene.objects) {
        parts.push_back(fmt::format("{},{},{},{},{},{};", static_cast<int>(o.shape),
                                    static_cast<int>(o.colour), static_cast<int>(o.size),
                                    static_cast<int>(o.material), side * cell(o.x), cell(o.y)));
    }
    std::sort(parts.begin(), parts.end());
    std::string key;
    for (const std::string& part : parts)
        key += part;
    return key;
}

} // namespace

std::string_view name(Shape shape) {
    static constexpr std::string_view kNames[] = {"sphere", "cube", "cylinder", "cone", "pyramid", "ring"};
    return kNames[static_cast<size_t>(shape)];
}

std::string_view name(Colour colour) {
    static constexpr std::string_view kNames[] = {"red",  "orange", "yellow", "green",
                                                  "cyan", "blue",   "purple", "grey"};
    return kNames[static_cast<size_t>(colour)];
}

std::string_view name(Size size) {
    return size == Size::Small ? "small" : "large";
}

std::string_view name(Material material) {
    return material == Material::Matte ? "matte" : "shiny";
}

std::string_view name(Relation relation) {
    static constexpr std::string_view kNames[] = {"left of", "right of", "in front of", "behind"};
    return kNames[static_cast<size_t>(relation)];
}

std::string_view name(Place place) {
    static constexpr std::string_view kNames[] = {"on the left", "on the right", "at the front",
                                                  "at the back", "in the middle"};
    return kNames[static_cast<size_t>(place)];
}

std::string_view name(Split split) {
    static constexpr std::string_view kNames[] = {"train", "validation", "test"};
    return kNames[static_cast<size_t>(split)];
}

Relation opposite(Relation relation) {
    static constexpr Relation kOpposites[] = {Relation::RightOf, Relation::LeftOf, Relation::Behind,
                                              Relation::InFrontOf};
    return kOpposites[static_cast<size_t>(relation)];
}

bool stands(const Object& a, Relation relation, const Object& b) {
    switch (relation) {
    case Relation::LeftOf:
        return a.x + kSideways <= b.x;
    case Relation::RightOf:
        return b.x + kSideways <= a.x;
    case Relation::InFrontOf:
        return a.y + kDepthwise <= b.y;
    case Relation::Behind:
        return b.y + kDepthwise <= a.y;
    }
    return false;
}

bool isAt(const Object& object, Place place) {
    switch (place) {
    case Place::Left:
        return object.x <= -75;
    case Place::Right:
        return object.x >= 75;
    case Place::Front:
        return object.y <= -110;
    case Place::Back:
        return object.y >= 110;
    case Place::Middle:
        return std::abs(object.x) <= 45 && std::abs(object.y) <= 70;
    }
    return false;
}

Split splitOf(const Scene& scene) {
    const std::string key = std::min(contentKey(scene, 1), contentKey(scene, -1));
    const Hash128 hash = hashText(key);
    switch (hash.bytes[0] % 10) {
    case 0:
        return Split::Test;
    case 1:
        return Split::Validation;
    default:
        return Split::Train;
    }
}

Scene makeScene(uint64_t seed, SceneKind kind, Split split, const SceneWishes& wishes) {
    checkWishes(kind, wishes);
    Random random(seed * 4 + static_cast<uint64_t>(kind));
    // Nine of ten tries fall outside Test; the bound is out of reach unless a wish is all but impossible.
    for (int tries = 0; tries < 100000; ++tries) {
        Scene scene;
        scene.kind = kind;
        scene.seed = seed;
        scene.objects = makeObjects(random, kind, wishes);
        scene.surroundings = makeSurroundings(random);
        if (placeObjects(random, scene, wishes) && splitOf(scene) == split)
            return scene;
    }
    throw Error(ErrorCode::InvalidArgument, "Blocks: no scene fulfils what was wished for");
}

Scene mirrored(const Scene& scene) {
    Scene out = scene;
    for (Object& object : out.objects)
        object.x = -object.x;
    return out;
}

Scene placesSwapped(const Scene& scene) {
    DIPTYCH_ASSERT(scene.objects.size() >= 2);
    Scene out = scene;
    std::swap(out.objects[0].x, out.objects[1].x);
    std::swap(out.objects[0].y, out.objects[1].y);
    return out;
}

Scene coloursSwapped(const Scene& scene) {
    DIPTYCH_ASSERT(scene.objects.size() >= 2);
    Scene out = scene;
    std::swap(out.objects[0].colour, out.objects[1].colour);
    return out;
}

void takeAnotherShape(Object& object, Random& random) {
    const auto step = 1 + static_cast<int>(random.below(kShapeCount - 1));
    object.shape = static_cast<Shape>((static_cast<int>(object.shape) + step) % kShapeCount);
    if (object.shape == Shape::Ring)
        object.turn = static_cast<int>(random.below(9)) - 4;
}

Json toJson(const Scene& scene) {
    Json objects = Json::array();
    for (const Object& o : scene.objects) {
        objects.push_back({{"shape", name(o.shape)},
                           {"colour", name(o.colour)},
                           {"size", name(o.size)},
                           {"material", name(o.material)},
                           {"x", o.x},
                           {"y", o.y},
                           {"radius", o.radius},
                           {"turn", o.turn},
                           {"shade", o.shade}});
    }
    const Surroundings& s = scene.surroundings;
    return {{"seed", scene.seed},
            {"split", name(splitOf(scene))},
            {"objects", objects},
            {"surroundings",
             {{"floor", s.floor},
              {"pattern", s.pattern},
              {"light_turn", s.lightTurn},
              {"light_level", s.lightLevel},
              {"pitch", s.pitch},
              {"zoom", s.zoom}}}};
}

} // namespace diptych::blocks
