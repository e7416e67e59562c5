// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/blocks/sets.h"

#include "core/blocks/language.h"

#include <fmt/format.h>

namespace diptych::blocks {

namespace {

template<class E>
std::vector<std::string> names(int count, std::string_view suffix = "") {
    std::vector<std::string> out;
    for (int i = 0; i < count; ++i)
        out.push_back(std::string(name(static_cast<E>(i))) + std::string(suffix));
    return out;
}

Scene single(SceneWishes wishes, uint64_t seed, Split split) {
    return makeScene(seed, SceneKind::Single, split, wishes);
}

Scene shapeScene(int label, uint64_t seed, Split split) {
    SceneWishes wishes;
    wishes.shape = static_cast<Shape>(label);
    return single(wishes, seed, split);
}

Scene colourScene(int label, uint64_t seed, Split split) {
    SceneWishes wishes;
    wishes.colour = static_cast<Colour>(label);
    return single(wishes, seed, split);
}

Scene shapeColourScene(int label, uint64_t seed, Split split) {
    SceneWishes wishes;
    wishes.colour = static_cast<Colour>(label / kShapeCount);
    wishes.shape = static_cast<Shape>(label % kShapeCount);
    return single(wishes, seed, split);
}

Scene sizeScene(int label, uint64_t seed, Split split) {
    SceneWishes wishes;
    wishes.size = static_cast<Size>(label);
    return single(wishes, seed, split);
}

Scene materialScene(int label, uint64_t seed, Split split) {
    SceneWishes wishes;
    wishes.material = static_cast<Material>(label);
    return single(wishes, seed, split);
}

/// A scene may be at the front and on the left; for a class only the one wished for may hold.
Scene placeScene(int label, uint64_t seed, Split split) {
    SceneWishes wishes;
    wishes.place = static_cast<Place>(label);
    for (uint64_t tries = 0;; ++tries) {
        Scene scene = single(wishes, seed + (tries << 40), split);
        int places = 0;
        for (int i = 0; i < 4; ++i)
            places += isAt(scene.objects.front(), static_cast<Place>(i)) ? 1 : 0;
        if (places == 1)
            return scene;
    }
}

Scene countScene(int label, uint64_t seed, Split split) {
    SceneWishes wishes;
    wishes.count = label + 1;
    return makeScene(seed, SceneKind::Count, split, wishes);
}

Scene relationScene(int label, uint64_t seed, Split split) {
    SceneWishes wishes;
    wishes.shape = Shape::Sphere;
    wishes.secondShape = Shape::Cube;
    wishes.relation = static_cast<Relation>(label);
    return makeScene(seed, SceneKind::Pair, split, wishes);
}

std::vector<std::string> shapeColourNames() {
    std::vector<std::string> out;
    for (int colour = 0; colour < kColourCount; ++colour) {
        for (int shape = 0; shape < kShapeCount; ++shape)
            out.push_back(
                fmt::format("{} {}", name(static_cast<Colour>(colour)), name(static_cast<Shape>(shape))));
    }
    return out;
}

std::vector<std::string> placeNames() {
    std::vector<std::string> out;
    for (int i = 0; i < 4; ++i)
        out.push_back(fmt::format("object {}", name(static_cast<Place>(i))));
    return out;
}

std::vector<std::string> countNames() {
    std::vector<std::string> out;
    for (int i = 1; i <= kMaxObjects; ++i)
        out.push_back(fmt::format("{} {}", numeral(i), i == 1 ? "object" : "objects"));
    return out;
}

std::vector<std::string> relationNames() {
    std::vector<std::string> out;
    for (int i = 0; i < kRelationCount; ++i)
        out.push_back(fmt::format("sphere {} a cube", name(static_cast<Relation>(i))));
    return out;
}

} // namespace

const std::vector<ClassSet>& classSets() {
    static const std::vector<std::string> kOne = {"a photo of a {}", "a picture of a {}", "an image of a {}"};
    static const std::vector<std::string> kMany = {"a photo of {}", "a picture of {}", "an image of {}"};
    static const std::vector<ClassSet> kSets = {
        {"blocks-shape", "Blocks: shape", names<Shape>(kShapeCount), kOne, shapeScene},
        {"blocks-colour", "Blocks: colour", names<Colour>(kColourCount, " object"), kOne, colourScene},
        {"blocks-shape-colour", "Blocks: shape and colour", shapeColourNames(), kOne, shapeColourScene},
        {"blocks-size", "Blocks: size", names<Size>(kSizeCount, " object"), kOne, sizeScene},
        {"blocks-material", "Blocks: material", names<Material>(kMaterialCount, " object"), kOne,
         materialScene},
        {"blocks-place", "Blocks: place in the picture", placeNames(), kOne, placeScene},
        {"blocks-count", "Blocks: count", countNames(), kMany, countScene},
        {"blocks-relation", "Blocks: relation of two", relationNames(), kOne, relationScene},
    };
    return kSets;
}

const ClassSet& classSet(std::string_view id) {
    std::string known;
    for (const ClassSet& set : classSets()) {
        if (set.id == id)
            return set;
        known += (known.empty() ? "" : ", ") + set.id;
    }
    throw Error(ErrorCode::NotFound, fmt::format("There is no Blocks set '{}'; there are {}", id, known));
}

} // namespace diptych::blocks
