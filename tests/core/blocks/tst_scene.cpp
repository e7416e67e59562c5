// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/blocks/scene.h"
#include "core/blocks/sets.h"
#include "tests/support/error_code.h"

#include <QTest>

#include <set>

using namespace diptych;
using namespace diptych::blocks;

namespace {

constexpr SceneKind kKinds[] = {SceneKind::Single, SceneKind::Pair, SceneKind::Count, SceneKind::Several};
constexpr Split kSplits[] = {Split::Train, Split::Validation, Split::Test};

/// What the split must depend on, written down without the code under test: attributes and coarse places.
std::string content(const Scene& scene, int side) {
    std::multiset<std::string> parts;
    for (const Object& o : scene.objects) {
        const auto cell = [](int v) { return std::lround(v / 50.0); };
        parts.insert(std::string(name(o.shape)) + " " + std::string(name(o.colour)) + " " +
                     std::string(name(o.size)) + " " + std::string(name(o.material)) + " " +
                     std::to_string(cell(side * o.x)) + " " + std::to_string(cell(o.y)));
    }
    std::string out;
    for (const std::string& part : parts)
        out += part + "|";
    return out;
}

} // namespace

class TestBlocksScene : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void sameSeedSameScene() {
        for (const SceneKind kind : kKinds) {
            for (uint64_t seed = 0; seed < 20; ++seed) {
                const Scene a = makeScene(seed, kind, Split::Train), b = makeScene(seed, kind, Split::Train);
                QVERIFY(a.objects == b.objects);
                QVERIFY(a.surroundings == b.surroundings);
            }
        }
    }

    void differentSeedsDifferentScenes() {
        std::set<std::string> seen;
        for (uint64_t seed = 0; seed < 500; ++seed)
            seen.insert(toJson(makeScene(seed, SceneKind::Several, Split::Train))["objects"].dump());
        QCOMPARE(seen.size(), size_t{500});
    }

    void splitsAreDisjointAcrossSeeds() {
        std::map<std::string, Split> owner;
        for (const SceneKind kind : kKinds) {
            for (const Split split : kSplits) {
                for (uint64_t seed = 0; seed < 800; ++seed) {
                    const Scene scene = makeScene(seed, kind, split);
                    QVERIFY(splitOf(scene) == split);
                    for (const int side : {1, -1}) {
                        const auto [at, fresh] = owner.emplace(content(scene, side), split);
                        QVERIFY2(at->second == split, at->first.c_str());
                    }
                }
            }
        }
        QVERIFY(owner.size() > 5000);
    }

    void splitIgnoresWhatIsNotContent() {
        for (uint64_t seed = 0; seed < 200; ++seed) {
            Scene scene = makeScene(seed, SceneKind::Several, Split::Test);
            std::reverse(scene.objects.begin(), scene.objects.end());
            scene.surroundings = {};
            for (Object& object : scene.objects) {
                object.shade = 0;
                object.turn = 0;
            }
            QVERIFY(splitOf(scene) == Split::Test);
            QVERIFY(splitOf(mirrored(scene)) == Split::Test);
        }
    }

    void splitSharesAreAboutATenthEach() {
        int test = 0, validation = 0;
        const int n = 4000;
        for (int i = 0; i < n; ++i) {
            Scene scene = makeScene(static_cast<uint64_t>(i), SceneKind::Single, Split::Train);
            scene.objects[0].x = (i % 7 - 3) * 50; // moved anywhere, it falls into any part
            scene.objects[0].y = (i % 9 - 4) * 50;
            test += splitOf(scene) == Split::Test;
            validation += splitOf(scene) == Split::Validation;
        }
        QVERIFY2(test > n * 7 / 100 && test < n * 13 / 100, std::to_string(test).c_str());
        QVERIFY2(validation > n * 7 / 100 && validation < n * 13 / 100, std::to_string(validation).c_str());
    }

    void wishesAreFulfilled() {
        for (int shape = 0; shape < kShapeCount; ++shape) {
            for (int relation = 0; relation < kRelationCount; ++relation) {
                SceneWishes wishes;
                wishes.shape = static_cast<Shape>(shape);
                wishes.secondShape = static_cast<Shape>((shape + 1) % kShapeCount);
                wishes.relation = static_cast<Relation>(relation);
                const Scene scene = makeScene(7, SceneKind::Pair, Split::Test, wishes);
                QCOMPARE(scene.objects.size(), size_t{2});
                QVERIFY(scene.objects[0].shape == *wishes.shape);
                QVERIFY(scene.objects[1].shape == *wishes.secondShape);
                QVERIFY(stands(scene.objects[0], *wishes.relation, scene.objects[1]));
                QVERIFY(!stands(scene.objects[1], *wishes.relation, scene.objects[0]));
                QVERIFY(stands(scene.objects[1], opposite(*wishes.relation), scene.objects[0]));
            }
        }
        for (int count = 1; count <= kMaxObjects; ++count) {
            SceneWishes wishes;
            wishes.count = count;
            QCOMPARE(makeScene(3, SceneKind::Count, Split::Test, wishes).objects.size(),
                     static_cast<size_t>(count));
        }
    }

    void impossibleWishesAreErrors() {
        SceneWishes count;
        count.count = 7;
        QCOMPARE(test::errorCodeOf([&] { (void)makeScene(1, SceneKind::Count, Split::Train, count); }),
                 ErrorCode::InvalidArgument);
        SceneWishes relation;
        relation.relation = Relation::Behind;
        QCOMPARE(test::errorCodeOf([&] { (void)makeScene(1, SceneKind::Single, Split::Train, relation); }),
                 ErrorCode::InvalidArgument);
        SceneWishes same;
        same.shape = same.secondShape = Shape::Cube;
        QCOMPARE(test::errorCodeOf([&] { (void)makeScene(1, SceneKind::Pair, Split::Train, same); }),
                 ErrorCode::InvalidArgument);
    }

    void aPairDiffersInShapeAndColour() {
        for (uint64_t seed = 0; seed < 300; ++seed) {
            const Scene scene = makeScene(seed, SceneKind::Pair, Split::Train);
            QVERIFY(scene.objects[0].shape != scene.objects[1].shape);
            QVERIFY(scene.objects[0].colour != scene.objects[1].colour);
        }
    }

    void objectsStandApart() {
        for (const SceneKind kind : kKinds) {
            for (uint64_t seed = 0; seed < 300; ++seed) {
                const Scene scene = makeScene(seed, kind, Split::Train);
                for (size_t i = 0; i < scene.objects.size(); ++i) {
                    for (size_t j = i + 1; j < scene.objects.size(); ++j) {
                        const Object &a = scene.objects[i], &b = scene.objects[j];
                        const double gap = std::hypot(a.x - b.x, a.y - b.y);
                        QVERIFY(gap >= a.radius + b.radius);
                    }
                }
            }
        }
    }

    void swappingTwiceIsNothing() {
        const Scene scene = makeScene(11, SceneKind::Pair, Split::Train);
        QVERIFY(placesSwapped(placesSwapped(scene)).objects == scene.objects);
        QVERIFY(coloursSwapped(coloursSwapped(scene)).objects == scene.objects);
        QVERIFY(mirrored(mirrored(scene)).objects == scene.objects);
        QVERIFY(coloursSwapped(scene).objects[0].colour == scene.objects[1].colour);
        QVERIFY(placesSwapped(scene).objects[0].x == scene.objects[1].x);
    }

    void classSetsLabelTruly_data() {
        QTest::addColumn<QString>("id");
        QTest::addColumn<int>("classes");
        QTest::newRow("shape") << "blocks-shape" << 6;
        QTest::newRow("colour") << "blocks-colour" << 8;
        QTest::newRow("shape-colour") << "blocks-shape-colour" << 48;
        QTest::newRow("size") << "blocks-size" << 2;
        QTest::newRow("material") << "blocks-material" << 2;
        QTest::newRow("place") << "blocks-place" << 4;
        QTest::newRow("count") << "blocks-count" << 6;
        QTest::newRow("relation") << "blocks-relation" << 4;
    }

    /// Reads the class name's words back and holds them against the scene.
    void classSetsLabelTruly() {
        QFETCH(QString, id);
        QFETCH(int, classes);
        const ClassSet& set = classSet(id.toStdString());
        QCOMPARE(static_cast<int>(set.classNames.size()), classes);
        QCOMPARE(set.chance(), 1.0 / classes);
        for (int label = 0; label < classes; ++label) {
            const std::string& className = set.classNames[static_cast<size_t>(label)];
            const auto says = [&](std::string_view word) {
                return (" " + className + " ").find(" " + std::string(word) + " ") != std::string::npos;
            };
            for (uint64_t seed = 0; seed < 12; ++seed) {
                const Scene scene = set.scene(label, seed, Split::Test);
                QVERIFY(splitOf(scene) == Split::Test);
                const Object& first = scene.objects.front();
                if (id == "blocks-count") {
                    static const char* const kNumbers[] = {"one", "two", "three", "four", "five", "six"};
                    QVERIFY(says(kNumbers[scene.objects.size() - 1]));
                } else if (id == "blocks-relation") {
                    QVERIFY(first.shape == Shape::Sphere && scene.objects[1].shape == Shape::Cube);
                    const Object& second = scene.objects[1];
                    QCOMPARE(says("left"), second.x - first.x >= 110);
                    QCOMPARE(says("right"), first.x - second.x >= 110);
                    QCOMPARE(says("behind"), first.y - second.y >= 170);
                    QCOMPARE(says("front"), second.y - first.y >= 170);
                } else if (id == "blocks-place") {
                    QCOMPARE(says("left"), first.x <= -75);
                    QCOMPARE(says("right"), first.x >= 75);
                    QCOMPARE(says("front"), first.y <= -110);
                    QCOMPARE(says("back"), first.y >= 110);
                } else {
                    QCOMPARE(scene.objects.size(), size_t{1});
                    if (id.contains("shape"))
                        QVERIFY(says(name(first.shape)));
                    if (id.contains("colour"))
                        QVERIFY(says(name(first.colour)));
                    if (id == "blocks-size")
                        QVERIFY(says(name(first.size)));
                    if (id == "blocks-material")
                        QVERIFY(says(name(first.material)));
                }
            }
        }
    }

    void unknownSetIsAnErrorThatListsTheSets() {
        try {
            classSet("blocks-smell");
            QFAIL("no error");
        } catch (const Error& error) {
            QVERIFY(error.code() == ErrorCode::NotFound);
            QVERIFY(std::string(error.what()).find("blocks-shape-colour") != std::string::npos);
        }
    }
};

QTEST_GUILESS_MAIN(TestBlocksScene)
#include "tst_scene.moc"
