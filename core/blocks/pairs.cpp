// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/blocks/pairs.h"

#include <optional>

namespace diptych::blocks {

namespace {

/// Colour and shape, or size and shape, of the first two objects.
Statement bothThere(const Scene& scene, bool sizes) {
    Statement statement;
    statement.kind = Statement::Kind::All;
    for (size_t i = 0; i < 2; ++i) {
        Phrase phrase;
        phrase.shape = scene.objects[i].shape;
        if (sizes)
            phrase.size = scene.objects[i].size;
        else
            phrase.colour = scene.objects[i].colour;
        statement.phrases.push_back(phrase);
    }
    return statement;
}

Scene sizesSwapped(Scene scene) {
    std::swap(scene.objects[0].size, scene.objects[1].size);
    std::swap(scene.objects[0].radius, scene.objects[1].radius);
    return scene;
}

void colourPair(ScenePair& pair, const Scene& scene) {
    pair.scenes = {scene, coloursSwapped(scene)};
    pair.statements = {bothThere(pair.scenes[0], false), bothThere(pair.scenes[1], false)};
}

void sizePair(ScenePair& pair, const Scene& scene) {
    pair.scenes = {scene, sizesSwapped(scene)};
    pair.statements = {bothThere(pair.scenes[0], true), bothThere(pair.scenes[1], true)};
}

void relationPair(ScenePair& pair, const Scene& scene, Relation relation) {
    pair.scenes = {scene, placesSwapped(scene)};
    Statement statement = bothThere(scene, false);
    statement.kind = Statement::Kind::Related;
    statement.relation = relation;
    pair.statements[0] = statement;
    std::swap(statement.phrases[0], statement.phrases[1]);
    pair.statements[1] = statement;
}

void shapePair(ScenePair& pair, const Scene& scene, Random& random) {
    pair.scenes = {scene, scene};
    takeAnotherShape(pair.scenes[1].objects.front(), random);
    for (size_t i = 0; i < 2; ++i) {
        Phrase phrase;
        phrase.shape = pair.scenes[i].objects.front().shape;
        phrase.colour = pair.scenes[i].objects.front().colour;
        pair.statements[i].phrases = {phrase};
    }
}

void numberPair(ScenePair& pair, const Scene& scene) {
    pair.scenes = {scene, scene};
    pair.scenes[1].objects.pop_back();
    for (size_t i = 0; i < 2; ++i) {
        pair.statements[i].kind = Statement::Kind::Number;
        pair.statements[i].phrases = {Phrase{}};
        pair.statements[i].count = static_cast<int>(pair.scenes[i].objects.size());
    }
}

SceneKind kindFor(Contrast contrast) {
    return contrast == Contrast::Shape    ? SceneKind::Single
           : contrast == Contrast::Number ? SceneKind::Count
                                          : SceneKind::Pair;
}

SceneWishes wishesFor(Contrast contrast, Random& random) {
    SceneWishes wishes;
    if (contrast == Contrast::LeftRight)
        wishes.relation = Relation::LeftOf;
    if (contrast == Contrast::FrontBack)
        wishes.relation = Relation::InFrontOf;
    if (contrast == Contrast::Number)
        wishes.count = 2 + static_cast<int>(random.below(kMaxObjects - 1));
    return wishes;
}

bool isFit(const ScenePair& pair, Split split) {
    return splitOf(pair.scenes[1]) == split && holds(pair.statements[0], pair.scenes[0]) &&
           holds(pair.statements[1], pair.scenes[1]) && !holds(pair.statements[0], pair.scenes[1]) &&
           !holds(pair.statements[1], pair.scenes[0]);
}

} // namespace

std::string_view name(Contrast contrast) {
    static constexpr std::array<std::string_view, kContrastCount> kNames = {
        "colour", "size", "left-right", "front-back", "shape", "number"};
    return kNames[static_cast<size_t>(contrast)];
}

ScenePair makePair(Contrast contrast, uint64_t seed, Split split) {
    // The second scene is of the split by luck (one in ten for Test); of the first makeScene sees to it.
    Random random(seed);
    for (;;) {
        ScenePair pair;
        pair.contrast = contrast;
        const SceneWishes wishes = wishesFor(contrast, random);
        const Scene scene = makeScene(random() >> 2, kindFor(contrast), split, wishes);
        switch (contrast) {
        case Contrast::Colour:
            colourPair(pair, scene);
            break;
        case Contrast::Size:
            sizePair(pair, scene);
            break;
        case Contrast::LeftRight:
        case Contrast::FrontBack:
            relationPair(pair, scene, *wishes.relation);
            break;
        case Contrast::Shape:
            shapePair(pair, scene, random);
            break;
        case Contrast::Number:
            numberPair(pair, scene);
            break;
        }
        if (!isFit(pair, split))
            continue;
        const int wording = static_cast<int>(random.below(kWordings));
        for (size_t i = 0; i < 2; ++i)
            pair.captions[i] = inWords(pair.statements[i], wording);
        return pair;
    }
}

} // namespace diptych::blocks
