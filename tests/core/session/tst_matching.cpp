// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/file.h"
#include "core/results/parts.h"
#include "core/session/session.h"
#include "core/video/clip.h"
#include "tests/support/clip_files.h"
#include "tests/support/error_code.h"

#include <QTest>

#include <cmath>

using namespace diptych;
namespace fs = std::filesystem;

namespace {

const fs::path kFixtures = DIPTYCH_FIXTURES;
const std::vector<std::string> kCaptions = {"a cat on a mat", "a red bus", "two dogs"};

/// Three pictures in pairs and with captions, and a tiny FLAVA whose head says whether image and text match.
struct World {
    TemporaryDirectory directory;
    std::shared_ptr<Session> session = Session::openOrCreate(directory.path() / "w");

    World() {
        for (const char* name : {"0.png", "1.png", "2.png"})
            fs::copy(kFixtures / "clip" / "images" / name, directory.path() / name);
        importTable("pairs",
                    "image_0,image_1,caption_0,caption_1\n0.png,1.png,a cat on a mat,a red bus\n"
                    "1.png,2.png,a red bus,two dogs\n",
                    "pairs");
        importTable("captions", "image,caption\n0.png,a cat on a mat\n1.png,a red bus\n2.png,two dogs\n",
                    "csv");
    }
    void importTable(const std::string& name, const std::string& text, const std::string& format) {
        const fs::path file = directory.path() / (name + ".csv");
        writeFileAtomically(file, text);
        session->importDataset(file, name, {.format = format, .columns = {}, .folders = {}, .imageRoot = {}},
                               {});
    }
    RunSpec spec(const std::string& task, const std::string& dataset, Json params) const {
        RunSpec spec;
        spec.task = task;
        spec.dataset = dataset;
        spec.model = kFixtures / "families" / "flava_itm";
        spec.device = Device::Cpu;
        spec.precision = Precision::Fp32;
        params["resamples"] = 100;
        spec.params = std::move(params);
        return spec;
    }
    RunRecord run(const RunSpec& spec) { return session->workspace().run(session->run(spec, {})); }
};

/// Log-odds of "matches" of a picture with each caption, one pair at a time.
std::vector<double> plainLoop(const fs::path& picture) {
    const auto model =
        openModel(Checkpoint::open(kFixtures / "families" / "flava_itm"), {Device::Cpu, Precision::Fp32, 1});
    const Image image = *decodeImage(picture);
    const Prepared sample = model->prepare(std::span(&image, 1));
    std::vector<double> scores;
    for (const std::string& caption : kCaptions) {
        const std::vector<std::vector<std::string>> texts = {{caption}};
        const Matrix logits = model->matcher()->match(std::span(&sample, 1), texts).front().logits;
        scores.push_back(static_cast<double>(logits(0, 1)) - static_cast<double>(logits(0, 0)));
    }
    return scores;
}

} // namespace

/// Tasks on a model that looks at image and text together.
class TestMatching : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void pairsAreScoredAsInAPlainLoop() {
        World world;
        const RunRecord run = world.run(world.spec("winoground", "pairs", {{"scorer", "matching"}}));
        const auto examples = world.session->workspace().examples(run.id);
        QCOMPARE(examples.size(), size_t{4});
        for (const ExampleResult& example : examples) {
            const PairPart pair = PairPart::read(example.parts).value();
            QVERIFY(pair.matching);
            for (size_t c = 0; c < 2; ++c)
                for (size_t i = 0; i < 2; ++i) {
                    const auto picture = world.session->workspace().sample(pair.images[i]).path;
                    const auto caption = std::ranges::find(kCaptions, pair.captions[c]);
                    const double expected =
                        plainLoop(picture)[static_cast<size_t>(caption - kCaptions.begin())];
                    QVERIFY(std::abs(pair.scores[c][i] - expected) < 1e-5);
                }
        }
        const auto kept = world.session->workspace().cachedSpaces();
        QCOMPARE(kept.size(), size_t{1});
        QCOMPARE(kept[0].rows, int64_t{7}); // picture 1 stands in both pairs, with one caption twice
    }

    void retrievalIsReRankedByTheSameScores() {
        World world;
        const RunRecord run = world.run(world.spec("retrieval", "captions", {{"rerank", 3}}));
        for (const ExampleResult& example : world.session->workspace().examples(run.id)) {
            const Sample sample = world.session->workspace().sample(example.sample);
            const std::vector<double> scores = plainLoop(sample.path);
            const auto own =
                static_cast<size_t>(std::ranges::find(kCaptions, sample.captions[0]) - kCaptions.begin());
            const auto before = std::ranges::count_if(scores, [&](double s) { return s > scores[own]; });
            const RankingPart part = RankingPart::read(example.parts).value();
            QVERIFY(part.matching);
            QCOMPARE(part.rank, before + 1);
            QVERIFY(std::abs(part.best[0].score - std::ranges::max(scores)) < 1e-5);
        }
        const Json& table = run.details["tables"][0];
        QCOMPARE(table["rows"][0][2].get<double>(), run.metrics[0].value);
        const RunRecord plain = world.run(world.spec("retrieval", "captions", Json::object()));
        QCOMPARE(table["rows"][0][1].get<double>(), plain.metrics[0].value);
        QVERIFY(!plain.details.contains("tables"));
    }

    /// X-CLIP, whose texts are seen in the light of the clip, names the classes of clips.
    void clipsAreNamedByAModelOfClips() {
        World world;
        const fs::path clips = world.directory.path() / "clips";
        const std::vector<int> dark = {16, 20, 24, 28, 32, 36, 40, 44}, light = {200, 210, 220, 230};
        fs::create_directories(clips / "dark");
        fs::create_directories(clips / "light");
        test::writeClip(clips / "dark" / "d.y4m", dark);
        test::writeClip(clips / "light" / "l.y4m", light);
        world.session->importDataset(clips, "clips", {}, {});
        RunSpec spec = world.spec("zero-shot", "clips", {{"scorer", "matching"}, {"templates", "none"}});
        spec.model = kFixtures / "families" / "xclip";
        const RunRecord run = world.run(spec);
        QCOMPARE(run.failureCount, int64_t{0});
        const auto model = openModel(Checkpoint::open(spec.model), {Device::Cpu, Precision::Fp32, 1});
        const std::vector<std::vector<std::string>> names = {{"dark", "light"}};
        for (const ExampleResult& example : world.session->workspace().examples(run.id)) {
            const fs::path path = world.session->workspace().sample(example.sample).path;
            const Prepared clip =
                model->prepare(readClip(path, static_cast<size_t>(model->info().frames), {}));
            const Matrix logits = model->matcher()->match(std::span(&clip, 1), names).front().logits;
            const double first = 1 / (1 + std::exp(static_cast<double>(logits(1, 0) - logits(0, 0))));
            const double shown = example.predictions[0].index == 0
                                     ? static_cast<double>(example.predictions[0].score)
                                     : 1 - static_cast<double>(example.predictions[0].score);
            QVERIFY(std::abs(shown - first) < 1e-5);
        }
        // A clip of single frames is a clip too.
        const fs::path table = world.directory.path() / "frames.jsonl";
        writeFileAtomically(table, R"({"frames": ["0.png", "1.png", "2.png"], "label": "a"}
{"frames": ["2.png", "1.png", "0.png"], "label": "b"}
)");
        world.session->importDataset(table, "frames", {}, {});
        RunSpec ofFrames = spec;
        ofFrames.dataset = "frames";
        ofFrames.model = "xclip";
        const RunRecord framesRun = world.run(ofFrames);
        QCOMPARE(framesRun.failureCount, int64_t{0});
        const auto framesExamples = world.session->workspace().examples(framesRun.id);
        QCOMPARE(framesExamples.size(), size_t{2});
        QVERIFY(framesExamples[0].predictions[0].score !=
                framesExamples[1].predictions[0].score); // their order
        // Pictures are nothing for it, and its texts have no embeddings.
        std::string message;
        spec.model = "xclip";
        spec.task = "winoground";
        spec.dataset = "pairs";
        spec.params.erase("templates");
        QCOMPARE(test::errorCodeOf([&] { world.session->run(spec, {}); }, &message), ErrorCode::Unsupported);
        QVERIFY2(message.find("clips") != std::string::npos, message.c_str());
        QVERIFY(world.session->unsuitable(spec).find("takes clips of") != std::string::npos);
        spec.task = "zero-shot";
        spec.dataset = "clips";
        spec.params["scorer"] = "embeddings";
        QCOMPARE(test::errorCodeOf([&] { world.session->run(spec, {}); }, &message), ErrorCode::Unsupported);
        QVERIFY2(message.find("text embeddings") != std::string::npos, message.c_str());
    }

    void modelsWithoutAHeadAreRefusedBeforeTheRun() {
        World world;
        world.session->addModel(kFixtures / "families" / "flava_itm", {});
        RunSpec spec = world.spec("winoground", "pairs", {{"scorer", "matching"}});
        spec.model = kFixtures / "clip" / "openai";
        std::string message;
        QCOMPARE(test::errorCodeOf([&] { world.session->run(spec, {}); }, &message), ErrorCode::Unsupported);
        QVERIFY2(message.find("flava_itm") != std::string::npos, message.c_str());
        spec.params["scorer"] = "embeddings";
        QVERIFY(world.run(spec).exampleCount == 4);
        RunSpec preview = world.spec("winoground", "pairs", {{"scorer", "matching"}});
        preview.model = "flava_itm";
        QVERIFY(world.session->preview(preview, {}).answer == Answer::NotEncoded);
    }
};

QTEST_GUILESS_MAIN(TestMatching)
#include "tst_matching.moc"
