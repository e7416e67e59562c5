// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/file.h"
#include "core/run/embedding_pipeline.h"
#include "tests/support/error_code.h"
#include "tests/support/fake_model.h"

#include <QTest>

#include <cmath>

using namespace diptych;
using diptych::test::errorCodeOf;
namespace fs = std::filesystem;

namespace {

/// Logits 1 and 1 + red x length of the text, and a count of the pairs looked at.
class FakeMatcher : public test::FakeModel, public Matcher {
public:
    size_t pairs = 0, calls = 0;
    std::function<void()> beforeMatch;

    Matcher* matcher() override { return this; }
    int logitsPerPair() const override { return 2; }
    std::vector<TextMatches> match(std::span<const Prepared> samples,
                                   std::span<const std::vector<std::string>> texts) override {
        ++calls;
        if (beforeMatch)
            beforeMatch();
        std::vector<TextMatches> matches;
        for (size_t i = 0; i < samples.size(); ++i) {
            TextMatches& match = matches.emplace_back(TextMatches{Matrix(texts[i].size(), 2), {}});
            for (size_t t = 0; t < texts[i].size(); ++t) {
                match.logits(t, 0) = 1;
                match.logits(t, 1) = 1 + samples[i].values[0] * static_cast<float>(texts[i][t].size());
            }
            pairs += texts[i].size();
        }
        return matches;
    }
};

struct World {
    TemporaryDirectory directory;
    fs::path pictures = directory.path() / "pictures";
    std::unique_ptr<Workspace> workspace = Workspace::create(directory.path() / "ws");
    FakeMatcher model;
    std::vector<SampleId> ids;

    /// Picture i has the red value 10 + i.
    explicit World(int count) {
        fs::create_directories(pictures);
        for (int i = 0; i < count; ++i)
            add(i, static_cast<uint8_t>(10 + i));
        if (count > 0)
            import();
    }
    void add(int number, uint8_t red) const {
        Image image;
        image.width = image.height = 8;
        for (int i = 0; i < 64; ++i)
            image.rgb.insert(image.rgb.end(), {red, 0, 0});
        writeFileAtomically(pictures / (std::to_string(1000 + number) + ".png"), encodePng(image));
    }
    void import() {
        const auto index =
            importDataset(pictures, {.format = "flat", .columns = {}, .folders = {}, .imageRoot = {}}, {});
        const auto known = workspace->findDataset("d");
        if (known)
            workspace->replaceDataset(known->id, index, {});
        ids = workspace->sampleIds(known ? known->id : workspace->addDataset("d", index, {}), {},
                                   {SampleOrder::Key, false});
    }
    PairMatches match(const std::vector<std::string>& texts, bool cachedOnly = false) {
        EmbeddingPipeline pipeline(*workspace, model);
        pipeline.setCachedOnly(cachedOnly);
        return pipeline.match(ids, std::vector(ids.size(), texts), {});
    }
};

} // namespace

class TestPairMatching : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void scoresAreTheLogitsDifferences() {
        World world(3);
        const PairMatches got = world.match({"ab", "abcd"});
        QCOMPARE(got.ids, world.ids);
        for (size_t i = 0; i < 3; ++i)
            for (size_t t = 0; t < 2; ++t) {
                const float logit = 1 + static_cast<float>(10 + i) / 255.0F * static_cast<float>(2 + 2 * t);
                QVERIFY(std::abs(got.scores[i][t] - (static_cast<double>(logit) - 1)) < 1e-6);
            }
        QCOMPARE(matchScore(std::vector<float>{2.5F}), 2.5);
    }

    void nothingIsMatchedTwice() {
        World world(5);
        const PairMatches first = world.match({"a", "bc"});
        QCOMPARE(world.model.pairs, size_t{10});
        const size_t loads = world.model.loads;
        QVERIFY(world.match({"a", "bc"}).scores == first.scores);
        QCOMPARE(world.model.pairs, size_t{10});
        QCOMPARE(world.model.loads, loads);
        QCOMPARE(world.match({"new", "bc", "new"}).scores[4][0], world.match({"new"}).scores[4][0]);
        QCOMPARE(world.model.pairs, size_t{15});
        world.model.tokenizerKey = "another";
        world.match({"a"});
        QCOMPARE(world.model.pairs, size_t{20});
    }

    void equalPicturesAreMatchedOnce() {
        World world(0);
        for (int i = 0; i < 4; ++i)
            world.add(i, 7);
        world.import();
        const PairMatches got = world.match({"a"});
        QCOMPARE(got.scores.size(), size_t{4});
        QVERIFY(got.scores[0] == got.scores[3]);
        QCOMPARE(world.model.pairs, size_t{1});
    }

    /// Killed in its third batch, it has lost that alone.
    void whatWasMatchedBeforeAStopIsKept() {
        World world(40);
        world.model.beforeMatch = [&] {
            if (world.model.calls == 3)
                throw std::runtime_error("killed");
        };
        const std::vector<std::string> texts = {"a", "bc", "def", "ghij"};
        QVERIFY_EXCEPTION_THROWN(world.match(texts), std::runtime_error);
        QCOMPARE(world.model.pairs, size_t{128}); // 16 pictures a batch
        world.model.beforeMatch = {};
        QCOMPARE(world.match(texts).scores.size(), size_t{40});
        QCOMPARE(world.model.pairs, size_t{160});
    }

    void whatCannotBeReadFailsAlone() {
        World world(3);
        writeFileAtomically(world.pictures / "1001.png", std::string("no picture"));
        writeFileAtomically(world.pictures / "1009.png", std::string("no picture"));
        world.import();
        const PairMatches got = world.match({"a"});
        QCOMPARE(got.ids.size(), size_t{2});
        QCOMPARE(got.positions, (std::vector<size_t>{0, 2}));
        QCOMPARE(got.failures.size(), size_t{2});
        QVERIFY(!got.failures[0].reason.empty() && !got.failures[1].reason.empty());
        QCOMPARE(got.contents.size(), size_t{2});
    }

    void withoutTheModelOnlyWhatIsKept() {
        World world(2);
        QCOMPARE(errorCodeOf([&] { world.match({"a"}, true); }), ErrorCode::NotFound);
        world.match({"a"});
        QCOMPARE(world.match({"a"}, true).scores.size(), size_t{2});
        QCOMPARE(world.model.pairs, size_t{2});
    }

    void theCacheIsCountedAndCanBeEmptied() {
        World world(4);
        world.match({"a", "b"});
        const auto spaces = world.workspace->cachedSpaces();
        QCOMPARE(spaces.size(), size_t{1});
        QCOMPARE(spaces[0].rows, int64_t{8});
        QCOMPARE(spaces[0].label.content, std::string("image-text matches"));
        QVERIFY(spaces[0].bytes > 0);
        world.workspace->removeCachedSpace(spaces[0].key);
        QVERIFY(world.workspace->cachedSpaces().empty());
        world.match({"a", "b"});
        QCOMPARE(world.model.pairs, size_t{16});
    }

    void modelsWithoutAMatcherAreRefused() {
        World world(1);
        test::FakeModel plain;
        EmbeddingPipeline pipeline(*world.workspace, plain);
        QCOMPARE(
            errorCodeOf([&] { pipeline.match(world.ids, std::vector<std::vector<std::string>>(1), {}); }),
            ErrorCode::Unsupported);
        Outputs nothing;
        QCOMPARE(errorCodeOf([&] { nothing.texts({}, {}); }), ErrorCode::Unsupported);
    }
};

QTEST_GUILESS_MAIN(TestPairMatching)
#include "tst_pair_matching.moc"
