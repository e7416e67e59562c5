// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/hash.h"
#include "core/blocks/render.h"
#include "tests/support/error_code.h"

#include <QTest>

#include <algorithm>
#include <array>

using namespace diptych;
using namespace diptych::blocks;

namespace {

/// Mean colour of the disc in the middle of where an object must be, on a scene of one object.
std::array<double, 3> colourAt(const Image& image, int column, int row, int radius) {
    std::array<double, 3> sum{};
    int n = 0;
    for (int y = row - radius; y <= row + radius; ++y) {
        for (int x = column - radius; x <= column + radius; ++x) {
            for (size_t c = 0; c < 3; ++c)
                sum[c] += image.rgb[static_cast<size_t>((y * image.width + x) * 3) + c];
            ++n;
        }
    }
    for (double& value : sum)
        value /= n;
    return sum;
}

Scene plainScene(const Object& object) {
    Scene scene;
    scene.objects = {object};
    scene.surroundings.lightTurn = 40;
    return scene;
}

} // namespace

class TestBlocksRender : public QObject {
    Q_OBJECT

private Q_SLOTS:
    /// The bytes are promised to be the same on every machine and in every version that does not say
    /// otherwise.
    void bytesArePinned_data() {
        QTest::addColumn<int>("kind");
        QTest::addColumn<QString>("hash");
        QTest::newRow("single") << 0 << "e7f4ad37ec159cb366bae098d99fb766";
        QTest::newRow("pair") << 1 << "c15516d8961b4f2c4317fc0c95675437";
        QTest::newRow("count") << 2 << "e9a4dbda4827bce04e219b7c03ac54e4";
        QTest::newRow("several") << 3 << "7ee4584a06a0dba6ddf403735e094032";
    }

    void bytesArePinned() {
        QFETCH(int, kind);
        QFETCH(QString, hash);
        Hasher hasher;
        for (uint64_t seed = 0; seed < 12; ++seed) {
            const Image image = renderScene(makeScene(seed, static_cast<SceneKind>(kind), Split::Test), 64);
            hasher.add(std::as_bytes(std::span(image.rgb)));
        }
        QCOMPARE(QString::fromStdString(hasher.finish().hex()), hash);
    }

    void sizeIsAsAsked() {
        const Scene scene = makeScene(1, SceneKind::Pair, Split::Test);
        for (const int size : {16, 64, 101}) {
            const Image image = renderScene(scene, size);
            QCOMPARE(image.width, size);
            QCOMPARE(image.height, size);
            QCOMPARE(image.rgb.size(), static_cast<size_t>(size * size * 3));
        }
        QCOMPARE(test::errorCodeOf([&] { (void)renderScene(scene, 15); }), ErrorCode::InvalidArgument);
        QCOMPARE(test::errorCodeOf([&] { (void)renderScene(scene, 4096); }), ErrorCode::InvalidArgument);
    }

    void objectsAreSeenWhereTheyAre() {
        const Scene scene = makeScene(5, SceneKind::Several, Split::Test);
        Scene empty = scene;
        empty.objects.clear();
        for (const int size : {48, 101}) {
            const std::vector<uint8_t> seen = objectsSeen(scene, size), nothing = objectsSeen(empty, size);
            QCOMPARE(seen.size(), static_cast<size_t>(size * size));
            QVERIFY(std::ranges::count(nothing, 0) == size * size);
            for (size_t i = 0; i < scene.objects.size(); ++i) {
                // Taken away, an object leaves its pixels to what is behind, and no other pixel shows
                // another.
                Scene without = scene;
                without.objects.erase(without.objects.begin() + static_cast<std::ptrdiff_t>(i));
                const std::vector<uint8_t> left = objectsSeen(without, size);
                QVERIFY(std::ranges::count(seen, i + 1) > 0);
                for (size_t p = 0; p < seen.size(); ++p)
                    if (seen[p] != i + 1)
                        QCOMPARE(int(left[p]), seen[p] > i + 1 ? seen[p] - 1 : int(seen[p]));
            }
        }
        QCOMPARE(test::errorCodeOf([&] { (void)objectsSeen(scene, 15); }), ErrorCode::InvalidArgument);
    }

    void coloursLookLikeTheirNames_data() {
        QTest::addColumn<int>("colour");
        QTest::addColumn<QList<int>>("order"); // channels from strong to weak
        QTest::newRow("red") << static_cast<int>(Colour::Red) << QList<int>{0};
        QTest::newRow("orange") << static_cast<int>(Colour::Orange) << QList<int>{0, 1, 2};
        QTest::newRow("green") << static_cast<int>(Colour::Green) << QList<int>{1};
        QTest::newRow("blue") << static_cast<int>(Colour::Blue) << QList<int>{2};
        QTest::newRow("purple") << static_cast<int>(Colour::Purple) << QList<int>{2, 0, 1};
    }

    void coloursLookLikeTheirNames() {
        QFETCH(int, colour);
        QFETCH(QList<int>, order);
        Object object;
        object.colour = static_cast<Colour>(colour);
        object.radius = 90;
        object.size = Size::Large;
        const Image image = renderScene(plainScene(object), 96);
        const auto seen = colourAt(image, 48, 44, 4);
        for (qsizetype i = 0; i + 1 < order.size(); ++i)
            QVERIFY(seen[static_cast<size_t>(order[i])] > seen[static_cast<size_t>(order[i + 1])] + 20);
        const auto strongest = std::max_element(seen.begin(), seen.end()) - seen.begin();
        QCOMPARE(static_cast<int>(strongest), order.front());
    }

    /// An object further left, back, ... is seen there: rows count downwards, so behind is above.
    void placesAreWhereTheyAreSaid() {
        const auto middleOf = [](int x, int y) {
            Object object;
            object.x = x;
            object.y = y;
            const Scene with = plainScene(object);
            Scene without = with;
            without.objects[0].x = 5000;
            const Image a = renderScene(with, 64), b = renderScene(without, 64);
            double sumX = 0, sumY = 0, n = 0;
            for (int row = 0; row < 64; ++row) {
                for (int column = 0; column < 64; ++column) {
                    const auto at = static_cast<size_t>((row * 64 + column) * 3);
                    if (std::abs(a.rgb[at + 1] - b.rgb[at + 1]) > 60) {
                        sumX += column;
                        sumY += row;
                        ++n;
                    }
                }
            }
            return std::pair(sumX / n, sumY / n);
        };
        const auto middle = middleOf(0, 0), left = middleOf(-120, 0), back = middleOf(0, 150);
        QVERIFY(left.first < middle.first - 8);
        QVERIFY(std::abs(left.second - middle.second) < 3);
        QVERIFY(back.second < middle.second - 6);
        QVERIFY(std::abs(back.first - middle.first) < 3);
    }

    void shinyHasAHighlight() {
        Object object;
        object.colour = Colour::Blue;
        object.radius = 90;
        const auto brightest = [](const Image& image) {
            int best = 0;
            for (int row = 34; row < 54; ++row) { // all on the sphere
                for (int column = 40; column < 56; ++column)
                    best = std::max(best, int{image.rgb[static_cast<size_t>((row * 96 + column) * 3)]});
            }
            return best;
        };
        const int matte = brightest(renderScene(plainScene(object), 96));
        object.material = Material::Shiny;
        QVERIFY(brightest(renderScene(plainScene(object), 96)) > matte + 40);
    }
};

QTEST_GUILESS_MAIN(TestBlocksRender)
#include "tst_render.moc"
