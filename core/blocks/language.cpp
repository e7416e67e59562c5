// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/blocks/language.h"

#include <fmt/format.h>

#include <algorithm>

namespace diptych::blocks {

namespace {

std::string adjectives(const Phrase& phrase) {
    std::string out;
    const auto add = [&](std::string_view word) {
        out += word;
        out += ' ';
    };
    if (phrase.size)
        add(name(*phrase.size));
    if (phrase.material)
        add(name(*phrase.material));
    if (phrase.colour)
        add(name(*phrase.colour));
    return out;
}

std::string_view noun(const Phrase& phrase) {
    return phrase.shape ? name(*phrase.shape) : "object";
}

/// Tries every assignment of different objects to the phrases; there are six objects at most.
bool allFound(const std::vector<Phrase>& phrases, const Scene& scene, size_t next, unsigned taken) {
    if (next == phrases.size())
        return true;
    for (size_t i = 0; i < scene.objects.size(); ++i) {
        if (!(taken >> i & 1) && phrases[next].matches(scene.objects[i]) &&
            allFound(phrases, scene, next + 1, taken | 1u << i))
            return true;
    }
    return false;
}

bool relationHolds(const Statement& statement, const Scene& scene) {
    for (const Object& a : scene.objects) {
        for (const Object& b : scene.objects) {
            if (&a != &b && statement.phrases[0].matches(a) && statement.phrases[1].matches(b) &&
                stands(a, statement.relation, b))
                return true;
        }
    }
    return false;
}

/// Openings that make a caption of a noun phrase; the first two are plain.
std::string open(int wording, std::string_view phrase) {
    switch (wording % kWordings) {
    case 2:
    case 3:
        return fmt::format("a photo of {}", phrase);
    case 4:
        return fmt::format("a picture of {}", phrase);
    case 5:
        return fmt::format("an image of {}", phrase);
    case 6:
        return fmt::format("{} on the floor", phrase);
    default:
        return std::string(phrase);
    }
}

std::string listed(const std::vector<Phrase>& phrases) {
    std::string out;
    for (size_t i = 0; i < phrases.size(); ++i) {
        if (i > 0)
            out += i + 1 == phrases.size() ? " and " : ", ";
        out += singular(phrases[i]);
    }
    return out;
}

std::string relationInWords(const Statement& s, int wording) {
    const std::string a = singular(s.phrases[0]), b = singular(s.phrases[1]);
    const bool sideways = s.relation == Relation::LeftOf || s.relation == Relation::RightOf;
    const std::string_view side = s.relation == Relation::LeftOf ? "left" : "right";
    switch (wording % kWordings) {
    case 3:
        return sideways ? fmt::format("a photo of {} to the {} of {}", a, side, b)
                        : fmt::format("a photo of {} {} {}", a, name(s.relation), b);
    case 4:
        return sideways ? fmt::format("{} to the {} of {}", a, side, b)
                        : fmt::format("a picture of {} {} {}", a, name(s.relation), b);
    case 5: // the same told from the other object
        return sideways ? fmt::format("{} with {} on its {}", b, a, side)
                        : fmt::format("{} with {} {} it", b, a, name(s.relation));
    case 6:
        return fmt::format("there is {} {} {}", a, name(s.relation), b);
    case 7:
        return fmt::format("{} is {} {}", a, name(s.relation), b);
    default:
        return open(wording, fmt::format("{} {} {}", a, name(s.relation), b));
    }
}

Phrase fullPhrase(const Object& object) {
    return {object.size, object.material, object.colour, object.shape};
}

/// Part of what could be said of an object. Shape and colour are what captions mostly name.
Phrase somePhrase(const Object& object, Random& random) {
    Phrase phrase;
    switch (random.below(16)) {
    case 0:
        phrase.shape = object.shape;
        return phrase;
    case 1:
        phrase.colour = object.colour;
        return phrase;
    case 2:
        phrase.size = object.size;
        return phrase;
    case 3:
        phrase.material = object.material;
        return phrase;
    case 4:
        phrase.size = object.size;
        phrase.shape = object.shape;
        return phrase;
    case 5:
        phrase.material = object.material;
        phrase.shape = object.shape;
        return phrase;
    default:
        break;
    }
    phrase.colour = object.colour;
    phrase.shape = object.shape;
    if (random.below(2))
        phrase.size = object.size;
    if (random.below(2))
        phrase.material = object.material;
    return phrase;
}

std::optional<Place> somePlace(const Object& object, Random& random) {
    const auto first = random.below(kPlaceCount);
    for (uint64_t i = 0; i < kPlaceCount; ++i) {
        const auto place = static_cast<Place>((first + i) % kPlaceCount);
        if (isAt(object, place))
            return place;
    }
    return std::nullopt;
}

const Object& someObject(const Scene& scene, Random& random) {
    return scene.objects[random.below(scene.objects.size())];
}

Statement thereStatement(const Scene& scene, Random& random) {
    Statement s;
    const Object& object = someObject(scene, random);
    s.phrases = {somePhrase(object, random)};
    // In a crowd "on the left" is said of a thing among others; alone it says where to look.
    if (random.below(10) < 3)
        s.place = somePlace(object, random);
    return s;
}

Statement numberStatement(const Scene& scene, Random& random) {
    Statement s;
    s.kind = Statement::Kind::Number;
    const Object& object = someObject(scene, random);
    Phrase phrase;
    const uint64_t detail = random.below(4);
    if (detail >= 1)
        phrase.shape = object.shape;
    if (detail >= 2)
        phrase.colour = object.colour;
    const auto matching = [&](const Phrase& p) {
        return static_cast<int>(std::count_if(scene.objects.begin(), scene.objects.end(),
                                              [&](const Object& o) { return p.matches(o); }));
    };
    // "one red cube" of a scene with five other things is true but not what a caption would say.
    if (matching(phrase) < static_cast<int>(scene.objects.size()) && random.below(3) > 0)
        phrase = {};
    s.phrases = {phrase};
    s.count = matching(phrase);
    return s;
}

Statement relatedStatement(const Scene& scene, Random& random) {
    Statement s;
    s.kind = Statement::Kind::Related;
    const size_t n = scene.objects.size();
    const size_t i = random.below(n), j = (i + 1 + random.below(n - 1)) % n;
    const Object &a = scene.objects[i], &b = scene.objects[j];
    const auto first = random.below(kRelationCount);
    for (uint64_t k = 0; k < kRelationCount; ++k) {
        s.relation = static_cast<Relation>((first + k) % kRelationCount);
        if (!stands(a, s.relation, b))
            continue;
        // What is said of the two: shapes, colours and shapes, colours, or much.
        Phrase p, q;
        const uint64_t style = random.below(10);
        if (style != 0) {
            p.shape = a.shape;
            q.shape = b.shape;
        }
        if (style == 0 || style > 3) {
            p.colour = a.colour;
            q.colour = b.colour;
        }
        if (style == 9) {
            p.size = a.size;
            q.size = b.size;
        }
        if (p == q) {
            p = fullPhrase(a);
            q = fullPhrase(b);
        }
        s.phrases = {p, q};
        return s;
    }
    s.kind = Statement::Kind::All; // on the diagonal, too close to call
    s.phrases = {fullPhrase(a), fullPhrase(b)};
    return s;
}

Statement allStatement(const Scene& scene, Random& random) {
    Statement s;
    s.kind = Statement::Kind::All;
    for (const Object& object : scene.objects) {
        Phrase phrase;
        phrase.colour = object.colour;
        phrase.shape = object.shape;
        if (random.below(4) == 0)
            phrase.size = object.size;
        if (random.below(4) == 0)
            phrase.material = object.material;
        s.phrases.push_back(phrase);
    }
    for (size_t i = s.phrases.size(); i > 1; --i)
        std::swap(s.phrases[i - 1], s.phrases[random.below(i)]);
    s.phrases.resize(std::min<size_t>(s.phrases.size(), 4));
    return s;
}

} // namespace

bool Phrase::matches(const Object& object) const {
    return (!size || *size == object.size) && (!material || *material == object.material) &&
           (!colour || *colour == object.colour) && (!shape || *shape == object.shape);
}

std::string singular(const Phrase& phrase) {
    const std::string words = adjectives(phrase) + std::string(noun(phrase));
    const bool vowel = words[0] == 'o'; // orange, object
    return (vowel ? "an " : "a ") + words;
}

std::string plural(const Phrase& phrase) {
    return adjectives(phrase) + std::string(noun(phrase)) + "s";
}

std::string_view numeral(int count) {
    static constexpr std::string_view kNames[] = {"no", "one", "two", "three", "four", "five", "six"};
    return kNames[count >= 0 && count <= kMaxObjects ? count : 0];
}

bool holds(const Statement& statement, const Scene& scene) {
    switch (statement.kind) {
    case Statement::Kind::There:
        return std::any_of(scene.objects.begin(), scene.objects.end(), [&](const Object& object) {
            return statement.phrases[0].matches(object) &&
                   (!statement.place || isAt(object, *statement.place));
        });
    case Statement::Kind::Number:
        return std::count_if(scene.objects.begin(), scene.objects.end(), [&](const Object& object) {
                   return statement.phrases[0].matches(object);
               }) == statement.count;
    case Statement::Kind::Related:
        return relationHolds(statement, scene);
    case Statement::Kind::All:
        return allFound(statement.phrases, scene, 0, 0);
    }
    return false;
}

std::string inWords(const Statement& s, int wording) {
    switch (s.kind) {
    case Statement::Kind::There: {
        const std::string phrase = singular(s.phrases[0]);
        if (s.place && wording % kWordings == 6)
            return fmt::format("{} there is {}", name(*s.place), phrase);
        if (s.place)
            return open(wording, fmt::format("{} {}", phrase, name(*s.place)));
        return wording % kWordings == 7 ? fmt::format("there is {}", phrase) : open(wording, phrase);
    }
    case Statement::Kind::Number: {
        const std::string phrase = s.count == 1
                                       ? singular(s.phrases[0]).substr(singular(s.phrases[0]).find(' ') + 1)
                                       : plural(s.phrases[0]);
        const std::string counted = fmt::format("{} {}", numeral(s.count), phrase);
        if (wording % kWordings == 7)
            return fmt::format("there {} {}", s.count == 1 ? "is" : "are", counted);
        return open(wording, counted);
    }
    case Statement::Kind::Related:
        return relationInWords(s, wording);
    case Statement::Kind::All:
        return wording % kWordings == 7 ? fmt::format("there are {}", listed(s.phrases))
                                        : open(wording, listed(s.phrases));
    }
    return {};
}

Statement trueStatement(const Scene& scene, Random& random) {
    const uint64_t draw = random.below(100);
    switch (scene.kind) {
    case SceneKind::Single:
        return draw < 92 ? thereStatement(scene, random) : numberStatement(scene, random);
    case SceneKind::Count:
        return draw < 85 ? numberStatement(scene, random) : thereStatement(scene, random);
    case SceneKind::Pair:
        return draw < 75   ? relatedStatement(scene, random)
               : draw < 92 ? allStatement(scene, random)
                           : numberStatement(scene, random);
    case SceneKind::Several:
        return draw < 45   ? allStatement(scene, random)
               : draw < 90 ? relatedStatement(scene, random)
                           : numberStatement(scene, random);
    }
    return {};
}

std::array<std::string, 5> captions(const Scene& scene) {
    Random random(scene.seed ^ 0xCA9710A5ull);
    std::array<std::string, 5> out;
    for (size_t i = 0; i < out.size();) {
        const Statement statement = trueStatement(scene, random);
        std::string words = inWords(statement, static_cast<int>(random.below(kWordings)));
        if (std::find(out.begin(), out.begin() + static_cast<std::ptrdiff_t>(i), words) ==
            out.begin() + static_cast<std::ptrdiff_t>(i))
            out[i++] = std::move(words);
    }
    return out;
}

std::string describeScene(const Scene& scene) {
    std::vector<Object> objects = scene.objects;
    std::sort(objects.begin(), objects.end(),
              [](const Object& a, const Object& b) { return a.x != b.x ? a.x < b.x : a.y < b.y; });
    std::string out = fmt::format("{} {} on the floor: ", numeral(static_cast<int>(objects.size())),
                                  objects.size() == 1 ? "object" : "objects");
    for (size_t i = 0; i < objects.size(); ++i) {
        out += fmt::format("{}{} at ({:.2f}, {:.2f})", i > 0 ? "; " : "", singular(fullPhrase(objects[i])),
                           objects[i].x / 100.0, objects[i].y / 100.0);
    }
    return out;
}

} // namespace diptych::blocks
