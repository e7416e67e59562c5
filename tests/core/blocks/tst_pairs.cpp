// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/file.h"
#include "core/blocks/dataset.h"
#include "core/blocks/lettering.h"
#include "core/blocks/pairs.h"
#include "core/blocks/render.h"

#include <QTest>

#include <algorithm>
#include <map>
#include <set>
#include <sstream>

using namespace diptych;
using namespace diptych::blocks;
namespace fs = std::filesystem;

namespace {

std::multiset<std::string> wordsOf(const std::string& text) {
    std::istringstream stream(text);
    return {std::istream_iterator<std::string>(stream), {}};
}

std::vector<Json> linesOf(const fs::path& file) {
    std::istringstream stream(readTextFile(file));
    std::vector<Json> lines;
    for (std::string line; std::getline(stream, line);)
        lines.push_back(parseJson(line, file.string()));
    return lines;
}

} // namespace

class TestPairs : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void captionsAreTrueOfTheirOwnSceneAlone() {
        for (int c = 0; c < kContrastCount; ++c) {
            for (uint64_t seed = 0; seed < 8; ++seed) {
                const ScenePair pair = makePair(static_cast<Contrast>(c), seed, Split::Test);
                for (size_t i = 0; i < 2; ++i) {
                    QVERIFY(splitOf(pair.scenes[i]) == Split::Test);
                    QVERIFY2(holds(pair.statements[i], pair.scenes[i]), pair.captions[i].c_str());
                    QVERIFY2(!holds(pair.statements[i], pair.scenes[1 - i]), pair.captions[i].c_str());
                }
                QVERIFY(pair.captions[0] != pair.captions[1]);
                QVERIFY(pair.scenes[0].surroundings == pair.scenes[1].surroundings);
            }
        }
    }

    void aBagOfWordsCannotTellTheFirstFourApart() {
        std::set<std::string> captions;
        for (int c = 0; c < kSameWordsCount; ++c) {
            for (uint64_t seed = 0; seed < 20; ++seed) {
                const ScenePair pair = makePair(static_cast<Contrast>(c), seed, Split::Train);
                QVERIFY2(wordsOf(pair.captions[0]) == wordsOf(pair.captions[1]), pair.captions[0].c_str());
                captions.insert(pair.captions[0]);
            }
        }
        QVERIFY(captions.size() > 60); // and they are many
    }

    void theSameArgumentsGiveTheSamePair() {
        const ScenePair a = makePair(Contrast::Size, 5, Split::Validation);
        const ScenePair b = makePair(Contrast::Size, 5, Split::Validation);
        QVERIFY(a.captions == b.captions && a.scenes[1].objects == b.scenes[1].objects);
        QVERIFY(makePair(Contrast::Size, 6, Split::Validation).scenes[0].objects != a.scenes[0].objects);
    }

    void winogroundFilesAreAsPublished() {
        const TemporaryDirectory dir;
        const fs::path out = dir.path() / "w";
        const DatasetSummary summary =
            writeBlocksDataset("blocks-winoground", Split::Test, 15, 1, out, {}, {32, false});
        QCOMPARE(summary.images, size_t{16}); // a pair is not torn
        const auto lines = linesOf(out / "examples.jsonl");
        QCOMPARE(lines.size(), size_t{8});
        std::map<std::string, int> tags;
        for (const Json& line : lines) {
            for (const char* image : {"image_0", "image_1"})
                QVERIFY(fs::exists(out / "images" / (line.at(image).get<std::string>() + ".png")));
            QVERIFY(line.at("caption_0") != line.at("caption_1"));
            ++tags[line.at("tag").get<std::string>()];
        }
        QCOMPARE(tags.size(), size_t{4});
        QCOMPARE(tags["left-right"], 2);
    }

    /// Whatever is told from the scene alone or from the caption alone is right for exactly half of them.
    void sceneAndCaptionAloneTellNothingOfAMeme() {
        const TemporaryDirectory dir;
        const fs::path out = dir.path() / "m";
        writeBlocksDataset("blocks-memes", Split::Test, 48, 3, out, {}, {64, false});
        const Json metadata = readJsonFile(out / "metadata.json");
        std::map<std::string, Json> sceneOf;
        for (const Json& image : metadata.at("images"))
            sceneOf[image.at("file").get<std::string>()] = image.at("scene");
        for (const auto& [file, split] :
             {std::pair{"train.jsonl", "train"}, std::pair{"test_seen.jsonl", "test"}}) {
            std::map<std::string, int> byScene, byText;
            std::map<std::string, std::set<std::string>> scenesOf;
            const auto lines = linesOf(out / file);
            QCOMPARE(lines.size(), size_t{48});
            for (const Json& line : lines) {
                const Json& scene = sceneOf.at(line.at("img").get<std::string>());
                QCOMPARE(scene.at("split").get<std::string>(), std::string(split));
                const int sign = line.at("label").get<int>() == 1 ? 1 : -1;
                byScene[scene.dump()] += sign;
                scenesOf[line.at("base_image").get<std::string>()].insert(scene.dump());
                byText[line.at("text").get<std::string>()] += sign;
            }
            QVERIFY(byScene.size() >= 20);
            QCOMPARE(scenesOf.size(), size_t{24}); // each scene comes with two captions
            QVERIFY(
                std::ranges::all_of(scenesOf, [](const auto& entry) { return entry.second.size() == 1; }));
            QVERIFY(std::ranges::all_of(byScene, [](const auto& entry) { return entry.second == 0; }));
            QVERIFY(std::ranges::all_of(byText, [](const auto& entry) { return entry.second == 0; }));
        }
    }

    void memesOfTrainHaveNoOtherFile() {
        const TemporaryDirectory dir;
        const fs::path out = dir.path() / "m";
        QCOMPARE(writeBlocksDataset("blocks-memes", Split::Train, 8, 3, out, {}, {32, true}).images,
                 size_t{8});
        QVERIFY(fs::exists(out / "train.jsonl"));
        QCOMPARE(readTextFile(out / "classes.txt"), std::string("true\nuntrue\n"));
        QVERIFY(!fs::exists(out / "test_seen.jsonl"));
    }

    void captionsAreWrittenIntoTheLowerPart() {
        const Image plain = renderScene(makePair(Contrast::Colour, 1, Split::Train).scenes[0], 128);
        Image lettered = plain;
        drawCaption(lettered, "a large red cube left of a small blue sphere");
        const size_t half = plain.rgb.size() / 2;
        QVERIFY(std::equal(plain.rgb.begin(), plain.rgb.begin() + static_cast<std::ptrdiff_t>(half),
                           lettered.rgb.begin()));
        size_t changed = 0;
        for (size_t i = half; i < plain.rgb.size(); ++i)
            changed += plain.rgb[i] != lettered.rgb[i];
        QVERIFY(changed > plain.rgb.size() / 30);
        const auto bright = [](const Image& image) {
            return std::ranges::count_if(image.rgb, [](uint8_t value) { return value > 200; });
        };
        QVERIFY(bright(lettered) > bright(plain) + 300); // white letters
    }
};

QTEST_GUILESS_MAIN(TestPairs)
#include "tst_pairs.moc"
