// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/blocks/language.h"

#include <QRegularExpression>
#include <QTest>

#include <set>

using namespace diptych;
using namespace diptych::blocks;

namespace {

constexpr SceneKind kKinds[] = {SceneKind::Single, SceneKind::Pair, SceneKind::Count, SceneKind::Several};

/// Reads captions back by their words alone and holds them against the scene: what a person who knows no
/// Statement would do.
class Reader {
public:
    explicit Reader(const Scene& scene) : m_scene(scene) {}

    bool isTrue(QString caption) const {
        static const QRegularExpression opening(
            "^(a photo of|a picture of|an image of|there is|there are) |( on the floor)$");
        caption.remove(opening);
        caption.remove(opening); // "... on the floor" after an opening
        const QRegularExpression place(
            "^(on the left|on the right|at the front|at the back|in the middle) there is ");
        const auto placed = place.match(caption);
        if (placed.hasMatch())
            return there(caption.mid(placed.capturedLength()), placed.captured(1));
        static const QRegularExpression placeAfter(
            "^(.*) (on the left|on the right|at the front|at the back|in the middle)$");
        if (const auto match = placeAfter.match(caption); match.hasMatch())
            return there(match.captured(1), match.captured(2));
        static const QRegularExpression withWords(
            "^(.*) with (.*) (on its left|on its right|in front of it|behind it)$");
        if (const auto with = withWords.match(caption); with.hasMatch())
            return related(with.captured(2), relationOf(with.captured(3)), with.captured(1));
        static const QRegularExpression relatedWords(
            "^(.*?)(?: is)? (to the left of|to the right of|left of|right of|in front of|behind) (.*)$");
        if (const auto match = relatedWords.match(caption); match.hasMatch())
            return related(match.captured(1), relationOf(match.captured(2)), match.captured(3));
        static const QRegularExpression number("^(one|two|three|four|five|six) (.*)$");
        if (const auto match = number.match(caption); match.hasMatch())
            return counted(match.captured(1), match.captured(2));
        if (caption.contains(", ") || caption.contains(" and "))
            return all(caption.replace(" and ", ", ").split(", "));
        return there(caption, {});
    }

private:
    static bool fits(const QString& phrase, const Object& object) {
        for (QString word : phrase.split(' ')) {
            if (word == "a" || word == "an" || word == "object" || word == "objects")
                continue;
            const std::string text = word.toStdString();
            const bool said = text == name(object.size) || text == name(object.material) ||
                              text == name(object.colour) || text == name(object.shape) ||
                              text == std::string(name(object.shape)) + "s";
            if (!said)
                return false;
        }
        return true;
    }

    static bool at(const Object& o, const QString& place) {
        if (place.isEmpty())
            return true;
        if (place == "on the left")
            return o.x <= -75;
        if (place == "on the right")
            return o.x >= 75;
        if (place == "at the front")
            return o.y <= -110;
        if (place == "at the back")
            return o.y >= 110;
        return std::abs(o.x) <= 45 && std::abs(o.y) <= 70;
    }

    bool there(const QString& phrase, const QString& place) const {
        return std::any_of(m_scene.objects.begin(), m_scene.objects.end(),
                           [&](const Object& o) { return fits(phrase, o) && at(o, place); });
    }

    bool counted(const QString& number, const QString& phrase) const {
        const QStringList numbers = {"one", "two", "three", "four", "five", "six"};
        const auto n = std::count_if(m_scene.objects.begin(), m_scene.objects.end(),
                                     [&](const Object& o) { return fits(phrase, o); });
        return n == numbers.indexOf(number) + 1;
    }

    static QChar relationOf(const QString& words) {
        return words.contains("left")    ? 'l'
               : words.contains("right") ? 'r'
               : words.contains("front") ? 'f'
                                         : 'b';
    }

    bool related(const QString& a, QChar relation, const QString& b) const {
        for (const Object& p : m_scene.objects) {
            for (const Object& q : m_scene.objects) {
                if (&p == &q || !fits(a, p) || !fits(b, q))
                    continue;
                if ((relation == 'l' && q.x - p.x >= 60) || (relation == 'r' && p.x - q.x >= 60) ||
                    (relation == 'f' && q.y - p.y >= 100) || (relation == 'b' && p.y - q.y >= 100))
                    return true;
            }
        }
        return false;
    }

    /// Every phrase its own object; in any order of assignment.
    bool all(const QStringList& phrases) const {
        std::vector<size_t> order;
        for (size_t i = 0; i < m_scene.objects.size(); ++i)
            order.push_back(i);
        do {
            bool fine = static_cast<size_t>(phrases.size()) <= order.size();
            for (qsizetype i = 0; fine && i < phrases.size(); ++i)
                fine = fits(phrases[i], m_scene.objects[order[static_cast<size_t>(i)]]);
            if (fine)
                return true;
        } while (std::next_permutation(order.begin(), order.end()));
        return false;
    }

    const Scene& m_scene;
};

} // namespace

class TestBlocksLanguage : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void readerKnowsTrueFromFalse() {
        Scene scene;
        scene.objects = {{Shape::Cube, Colour::Red, Size::Small, Material::Matte, -100, 0, 50, 0, 0},
                         {Shape::Sphere, Colour::Blue, Size::Large, Material::Shiny, 100, 0, 90, 0, 0}};
        const Reader reader(scene);
        QVERIFY(reader.isTrue("a photo of a red cube left of a blue sphere"));
        QVERIFY(!reader.isTrue("a photo of a red cube right of a blue sphere"));
        QVERIFY(!reader.isTrue("a blue cube"));
        QVERIFY(reader.isTrue("a blue sphere with a small red cube on its left"));
        QVERIFY(!reader.isTrue("a blue sphere with a small red cube behind it"));
        QVERIFY(reader.isTrue("there are two objects"));
        QVERIFY(!reader.isTrue("there are three objects"));
        QVERIFY(reader.isTrue("a cube on the left"));
        QVERIFY(!reader.isTrue("a cube on the right"));
        QVERIFY(!reader.isTrue("a red cube and a red cube"));
    }

    void captionsAreFiveDifferentAndTrue() {
        for (const SceneKind kind : kKinds) {
            for (uint64_t seed = 0; seed < 250; ++seed) {
                const Scene scene = makeScene(seed, kind, Split::Train);
                const auto five = captions(scene);
                QCOMPARE(std::set<std::string>(five.begin(), five.end()).size(), size_t{5});
                for (const std::string& caption : five)
                    QVERIFY2(Reader(scene).isTrue(QString::fromStdString(caption)),
                             (caption + "\n" + describeScene(scene)).c_str());
            }
        }
    }

    void captionsAreTheSameEveryTime() {
        const Scene scene = makeScene(42, SceneKind::Pair, Split::Test);
        QVERIFY(captions(scene) == captions(scene));
    }

    void statementsAndReaderAgreeOnOtherScenes() {
        int held = 0, failed = 0;
        Random random(5);
        for (uint64_t seed = 0; seed < 400; ++seed) {
            const Scene told = makeScene(seed, kKinds[seed % 4], Split::Train);
            const Scene other = makeScene(seed + 1000, kKinds[seed / 4 % 4], Split::Train);
            const Statement statement = trueStatement(told, random);
            QVERIFY(holds(statement, told));
            for (int wording = 0; wording < kWordings; ++wording) {
                const std::string words = inWords(statement, wording);
                QVERIFY2(Reader(other).isTrue(QString::fromStdString(words)) == holds(statement, other),
                         (words + "\n" + describeScene(other)).c_str());
            }
            ++(holds(statement, other) ? held : failed);
        }
        QVERIFY(held > 20);
        QVERIFY(failed > 200);
    }

    void wordsOfPhrases() {
        Phrase phrase;
        QCOMPARE(singular(phrase), std::string("an object"));
        phrase.colour = Colour::Orange;
        phrase.shape = Shape::Ring;
        QCOMPARE(singular(phrase), std::string("an orange ring"));
        QCOMPARE(plural(phrase), std::string("orange rings"));
        phrase.size = Size::Large;
        phrase.material = Material::Shiny;
        QCOMPARE(singular(phrase), std::string("a large shiny orange ring"));
    }

    void theDescriptionNamesEveryObjectOnceFromTheLeft() {
        for (uint64_t seed = 0; seed < 50; ++seed) {
            const Scene scene = makeScene(seed, SceneKind::Several, Split::Train);
            const QString text = QString::fromStdString(describeScene(scene));
            double last = -1e9;
            int found = 0;
            static const QRegularExpression item(
                "(small|large) (matte|shiny) (\\w+) (\\w+) at \\((-?[0-9.]+), ");
            for (auto it = item.globalMatch(text); it.hasNext(); ++found) {
                const auto match = it.next();
                const double x = match.captured(5).toDouble();
                QVERIFY(x >= last);
                last = x;
                QVERIFY(std::any_of(scene.objects.begin(), scene.objects.end(), [&](const Object& o) {
                    return match.captured(1).toStdString() == name(o.size) &&
                           match.captured(2).toStdString() == name(o.material) &&
                           match.captured(3).toStdString() == name(o.colour) &&
                           match.captured(4).toStdString() == name(o.shape) && std::abs(o.x - 100 * x) < 0.6;
                }));
            }
            QCOMPARE(found, static_cast<int>(scene.objects.size()));
        }
    }
};

QTEST_GUILESS_MAIN(TestBlocksLanguage)
#include "tst_language.moc"
