// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/file.h"
#include "core/session/comparison.h"
#include "core/session/searcher.h"
#include "core/session/session.h"
#include "core/store/run_warnings.h"
#include "tests/support/error_code.h"

#include <QTest>

#include <cmath>
#include <future>
#include <map>
#include <mutex>
#include <thread>

using namespace diptych;
namespace fs = std::filesystem;

namespace {

Image plain(uint8_t red, uint8_t green, uint8_t blue) {
    Image image;
    image.width = image.height = 40;
    for (int i = 0; i < 1600; ++i)
        image.rgb.insert(image.rgb.end(), {red, green, blue});
    return image;
}

/// Two classes of plain pictures, a workspace, and a tiny CLIP with random weights.
struct World {
    TemporaryDirectory directory;
    fs::path pictures = directory.path() / "pictures", workspace = directory.path() / "ws";
    fs::path model = DIPTYCH_FIXTURES "/clip/openai";
    std::shared_ptr<Session> session;

    World() {
        for (const char* name : {"dark", "light"})
            fs::create_directories(pictures / name);
        for (uint8_t i = 0; i < 5; ++i) {
            writeFileAtomically(pictures / "dark" / ("d" + std::to_string(i) + ".png"),
                                encodePng(plain(i, 10, 20)));
            writeFileAtomically(pictures / "light" / ("l" + std::to_string(i) + ".png"),
                                encodePng(plain(250, 240, static_cast<uint8_t>(200 + i))));
        }
        session = Session::openOrCreate(workspace);
        session->importDataset(pictures, "pictures", {}, {});
    }
    RunSpec spec() const {
        RunSpec spec;
        spec.task = "zero-shot";
        spec.dataset = "pictures";
        spec.model = model;
        spec.params = {{"templates", "none"}, {"resamples", 100}};
        return spec;
    }
};

} // namespace

class TestSession : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void runStoresEverythingThatRepeatsIt() {
        World world;
        RunSpec spec = world.spec();
        spec.seed = 7;
        const RunRecord run = world.session->workspace().run(world.session->run(spec, {}));
        QCOMPARE(run.task, std::string("zero-shot"));
        QCOMPARE(run.modelName, std::string("openai")); // a folder is added under its own name
        QCOMPARE(run.seed, uint64_t{7});
        QCOMPARE(run.exampleCount, int64_t{10});
        QCOMPARE(run.programVersion, programVersion());
        QCOMPARE(run.device, std::string("cpu"));
        QCOMPARE(run.precision, std::string("fp32"));
        QVERIFY(!run.datasetFingerprint.empty() && !run.modelFingerprint.empty());
        QVERIFY2(run.command.find("--seed 7") != std::string::npos, run.command.c_str());
        QVERIFY2(run.command.find("--templates none") != std::string::npos, run.command.c_str());
        QCOMPARE(run.classNames, (std::vector<std::string>{"dark", "light"}));
        const RunRecord again =
            world.session->workspace().run(world.session->run(RunSpec::fromJson(run.spec, "spec"), {}));
        QCOMPARE(toJson(again.metrics).dump(), toJson(run.metrics).dump());
    }

    void transparencyIsChosenAndCounted() {
        World world;
        RunSpec spec = world.spec();
        const RunRecord opaque = world.session->workspace().run(world.session->run(spec, {}));
        QVERIFY(runWarnings(opaque).empty());
        Image clear = plain(3, 10, 20);
        clear.alpha.assign(clear.rgb.size() / 3, 0);
        writeFileAtomically(world.pictures / "dark" / "d3.png", encodePng(clear));
        const RunRecord dropped = world.session->workspace().run(world.session->run(spec, {}));
        QCOMPARE(runWarnings(dropped).size(), size_t{1});
        QVERIFY2(runWarnings(dropped)[0].text.starts_with("1 of 10 images has transparency"),
                 runWarnings(dropped)[0].text.c_str());
        // The colours under it are those of the opaque picture; over white it is another one, which the cache
        // of the first must not answer.
        QCOMPARE(dropped.metrics.size(), opaque.metrics.size());
        for (size_t i = 0; i < opaque.metrics.size();
             ++i) // encoded in another batch: the last digit may move
            QVERIFY(std::abs(dropped.metrics[i].value - opaque.metrics[i].value) < 1e-6);
        spec.alpha = Alpha::White;
        const RunRecord white = world.session->workspace().run(world.session->run(spec, {}));
        QVERIFY(white.details.at("preprocessing") != dropped.details.at("preprocessing"));
        QCOMPARE(runWarnings(white).size(), size_t{1});
        const auto confidenceOf = [&](const RunRecord& run) {
            return world.session->workspace().examples(run.id).at(3).predictions.front().score;
        };
        QVERIFY(confidenceOf(white) != confidenceOf(dropped));
        const SampleId sample = world.session->workspace().examples(white.id).at(3).sample;
        const ModelId model = world.session->workspace().models().front().id;
        const auto firstPixel = [&](Alpha alpha) {
            const auto seen = world.session->modelImage(sample, model, alpha);
            return std::vector<uint8_t>(seen->rgb.begin(), seen->rgb.begin() + 3);
        };
        QCOMPARE(firstPixel(Alpha::Drop), (std::vector<uint8_t>{3, 10, 20}));
        QCOMPARE(firstPixel(Alpha::White), (std::vector<uint8_t>{255, 255, 255}));
    }

    void previewNeedsEncodedImagesAndStoresNothing() {
        World world;
        RunSpec spec = world.spec();
        spec.model = world.session->workspace().model(world.session->addModel(world.model, {})).name;
        QVERIFY(world.session->preview(spec, {}).answer == Answer::NotEncoded);
        QVERIFY(world.session->encode(spec, {}).empty());
        const Preview preview = world.session->preview(spec, {});
        QVERIFY(preview.answer == Answer::Ready);
        QCOMPARE(preview.examples, size_t{10});
        QVERIFY(world.session->workspace().runs().empty());
        const RunRecord run = world.session->workspace().run(world.session->run(spec, {}));
        QCOMPARE(findMetric(preview.metrics, "top1")->value, findMetric(run.metrics, "top1")->value);
        spec.params = {{"templates", Json::array({"an image of {}"})}};
        QVERIFY(!world.session->preview(spec, {}).metrics.empty());
    }

    void previewSaysWhatIsWrong() {
        World world;
        RunSpec spec = world.spec();
        spec.model = world.session->workspace().model(world.session->addModel(world.model, {})).name;
        world.session->encode(spec, {});
        RunSpec wrong = spec;
        wrong.params = {{"templates", "no such set"}};
        std::string message;
        QCOMPARE(test::errorCodeOf([&] { world.session->preview(wrong, {}); }, &message),
                 ErrorCode::NotFound);
        QVERIFY2(message.find("no such set") != std::string::npos, message.c_str());
        wrong = spec;
        wrong.model = "removed";
        QCOMPARE(test::errorCodeOf([&] { world.session->preview(wrong, {}); }, &message),
                 ErrorCode::NotFound);
        QVERIFY2(message.find("removed") != std::string::npos, message.c_str());
        wrong = spec;
        wrong.task = "zero-shot-multilabel"; // needs a list of labels, which these pictures have not
        wrong.params = Json::object();
        const Preview preview = world.session->preview(wrong, {});
        QVERIFY(!preview.unsuitable.empty() && preview.metrics.empty());
        QCOMPARE(preview.unsuitable, world.session->unsuitable(wrong));
        QVERIFY(world.session->unsuitable(spec).empty());
        wrong.task = "retrieval";
        QCOMPARE(test::errorCodeOf([&] { world.session->preview(wrong, {}); }), ErrorCode::InvalidArgument);
    }

    void anImageModelIsRefusedWhereTextsAreNeeded() {
        World world;
        Session& session = *world.session;
        const ModelId images = session.addModel(DIPTYCH_FIXTURES "/families/dinov2", {});
        session.addModel(world.model, {});
        RunSpec spec = world.spec();
        spec.model = session.workspace().model(images).name;
        std::string message;
        QCOMPARE(test::errorCodeOf([&] { session.run(spec, {}); }, &message), ErrorCode::Unsupported);
        QCOMPARE(message, std::string("Zero-shot classification cannot use model 'dinov2': it has no text "
                                      "embeddings; models here that fit: openai"));
        QCOMPARE(test::errorCodeOf([&] { session.preview(spec, {}); }), ErrorCode::Unsupported);
        SearchQuery query;
        query.dataset = "pictures";
        query.model = spec.model;
        query.terms = {{.text = "light"}};
        QCOMPARE(test::errorCodeOf([&] { session.search(query, {}); }, &message), ErrorCode::Unsupported);
        QVERIFY2(message.starts_with("Search by words cannot use model 'dinov2'"), message.c_str());
        query.terms = {{.image = world.pictures / "light" / "l0.png"}};
        const auto hits = session.search(query, {}).hits;
        QCOMPARE(hits.size(), size_t(10));
        QVERIFY(std::abs(hits.front().cosine - 1) < 1e-5);
        spec.task = "linear-probe";
        spec.params = {{"resamples", 100}};
        QVERIFY(!session.workspace().run(session.run(spec, {})).metrics.empty());
    }

    void nothingWaitsForARunThatNeedNot() {
        World world;
        RunSpec spec = world.spec();
        spec.model = world.session->workspace().model(world.session->addModel(world.model, {})).name;
        std::promise<void> begun, release;
        std::shared_future<void> released = release.get_future().share();
        std::once_flag once;
        Progress progress([&](const ProgressUpdate&) {
            std::call_once(once, [&] {
                begun.set_value();
                released.wait();
            });
        });
        RunContext context;
        context.progress = &progress;
        std::jthread run([&] { world.session->run(spec, context); });
        begun.get_future().wait(); // the run has the model, and keeps it until it is released
        const Preview preview = world.session->preview(spec, {});
        SearchQuery query;
        query.dataset = spec.dataset;
        query.model = spec.model;
        query.terms = {{.text = "a"}};
        query.encodeMissing = false;
        const SearchResult found = world.session->search(query, {});
        // A second run waits, and stops waiting when it is told to.
        std::stop_source stop;
        RunContext second;
        second.stop = stop.get_token();
        auto cancelled = std::async(std::launch::async, [&] {
            try {
                world.session->run(spec, second);
            } catch (const Cancelled&) {
                return true;
            }
            return false;
        });
        stop.request_stop();
        const bool stopped = cancelled.get();
        release.set_value();
        run.join();
        QVERIFY(preview.answer == Answer::Busy && preview.metrics.empty());
        QVERIFY(found.answer == Answer::Busy && found.hits.empty());
        QVERIFY(stopped);
        QVERIFY(world.session->preview(spec, {}).answer == Answer::Ready);
    }

    void twoRunsAreComparedByExample() {
        World world;
        Workspace& workspace = world.session->workspace();
        const DatasetId dataset = workspace.findDataset("pictures")->id;
        const auto ids = workspace.sampleIds(dataset);
        // Verdicts: both right 3, first alone 4, second alone 1, both wrong 1; one only in the first.
        const std::string ofFirst = "1111111001", ofSecond = "111000010-";
        const auto store = [&](const std::string& verdicts) {
            RunRecord run;
            run.task = "zero-shot";
            run.datasetId = dataset;
            run.startedAt = "2026-01-01T00:00:00Z";
            std::vector<ExampleResult> examples;
            for (size_t i = 0; i < ids.size(); ++i) {
                ExampleResult example;
                example.sample = ids[i];
                if (verdicts[i] != '-')
                    setVerdict(example, verdicts[i] == '1');
                examples.push_back(example);
            }
            return workspace.addRun(run, examples);
        };
        const RunId first = store(ofFirst), second = store(ofSecond);
        const RunComparison comparison = compareRuns(workspace, first, second, 2000, {});
        QCOMPARE(comparison.common, size_t{9});
        QCOMPARE(comparison.onlyInFirst, size_t{1});
        QCOMPARE(comparison.onlyInSecond, size_t{0});
        QCOMPARE(comparison.firstMean, 7.0 / 9);
        QCOMPARE(comparison.secondMean, 4.0 / 9);
        QVERIFY(std::abs(comparison.difference.difference - 3.0 / 9) < 1e-12);
        QVERIFY(comparison.difference.interval.low < 1.0 / 9 &&
                comparison.difference.interval.high > 5.0 / 9);
        QVERIFY(comparison.firstHigher == (std::vector<SampleId>{ids[3], ids[4], ids[5], ids[6]}));
        QVERIFY(comparison.secondHigher == (std::vector<SampleId>{ids[7]}));
        QCOMPARE(comparison.mcNemar->pValue, 0.375); // 2 P(X <= 1), X ~ B(5, 1/2)
        const RunId none = store("----------");
        QCOMPARE(test::errorCodeOf([&] { compareRuns(workspace, first, none, 100, {}); }),
                 ErrorCode::InvalidArgument);
    }

    /// CLIPScore: on the scores, in their own unit, and without McNemar's test; with a run of another task
    /// there is nothing to compare.
    void scoresAreComparedByTheirValue() {
        World world;
        Workspace& workspace = world.session->workspace();
        const DatasetId dataset = workspace.findDataset("pictures")->id;
        const auto ids = workspace.sampleIds(dataset);
        const auto store = [&](const std::string& task, const std::vector<double>& scores, bool verdicts) {
            RunRecord run;
            run.task = task;
            run.datasetId = dataset;
            run.startedAt = "2026-01-01T00:00:00Z";
            run.metrics = {{"clipscore", 0.7, {}, scores.size(), true, {}, Unit::Number}};
            std::vector<ExampleResult> examples;
            for (size_t i = 0; i < scores.size(); ++i) {
                ExampleResult& example = examples.emplace_back(exampleOf(ids[i]));
                if (verdicts)
                    example.correct = scores[i] > 0.6;
                example.score = scores[i];
            }
            return workspace.addRun(run, examples);
        };
        const RunId first = store("clipscore", {0.5, 0.75, 0.75, 1}, false);
        const RunId second = store("clipscore", {0.75, 0.5, 0.75}, false);
        const RunComparison comparison = compareRuns(workspace, first, second, 100, {});
        QCOMPARE(comparison.score, std::string("CLIPScore"));
        QVERIFY(comparison.unit == Unit::Number && !comparison.mcNemar);
        QCOMPARE(comparison.common, size_t{3});
        QCOMPARE(comparison.onlyInFirst, size_t{1});
        QCOMPARE(comparison.firstMean, 2.0 / 3);
        QCOMPARE(comparison.meanText(comparison.firstMean), std::string("0.6667"));
        QCOMPARE(comparison.differenceText(0.25), std::string("+0.25"));
        QVERIFY(comparison.firstHigher == std::vector<SampleId>{ids[1]});
        QVERIFY(comparison.secondHigher == std::vector<SampleId>{ids[0]});
        const RunId verdicts = store("zero-shot", {1, 0, 1}, true);
        QCOMPARE(test::errorCodeOf([&] { compareRuns(workspace, first, verdicts, 100, {}); }),
                 ErrorCode::InvalidArgument);
        // Another task's scores are not these, but right and wrong are the same everywhere.
        const RunId shares = store("linear-probe", {0.5, 0.75, 0.25}, true);
        const RunComparison right = compareRuns(workspace, verdicts, shares, 100, {});
        QVERIFY(right.rightOrWrong() && right.mcNemar);
        QCOMPARE(right.firstMean, 2.0 / 3);
        QCOMPARE(right.secondMean, 1.0 / 3);
    }

    /// Members of a pair are drawn together, so the interval knows of half as many examples.
    void pairsAreDrawnTogether() {
        World world;
        Workspace& workspace = world.session->workspace();
        const DatasetId dataset = workspace.findDataset("pictures")->id;
        const auto ids = workspace.sampleIds(dataset);
        const auto store = [&](const std::string& verdicts, bool inPairs) {
            RunRecord run;
            run.task = "winoground";
            run.datasetId = dataset;
            run.startedAt = "2026-01-01T00:00:00Z";
            std::vector<ExampleResult> examples;
            for (size_t i = 0; i < ids.size(); ++i) {
                ExampleResult example;
                example.sample = ids[i];
                setVerdict(example, verdicts[i] == '1');
                if (inPairs)
                    example.cluster = ids[i / 2 * 2].value;
                examples.push_back(example);
            }
            return workspace.addRun(run, examples);
        };
        const RunId second = store("0000000000", true);
        const auto width = [&](bool inPairs) {
            const Interval interval =
                compareRuns(workspace, store("1111110000", inPairs), second, 2000, {}).difference.interval;
            return interval.high - interval.low;
        };
        QVERIFY(width(true) > 1.2 * width(false));
    }

    void cancelledRunLeavesNoRunAndTheNextGoesOn() {
        World world;
        std::stop_source stop;
        stop.request_stop();
        RunContext context;
        context.stop = stop.get_token();
        QVERIFY_EXCEPTION_THROWN(world.session->run(world.spec(), context), Cancelled);
        QVERIFY(world.session->workspace().runs().empty());
        world.session->run(world.spec(), {});
        QCOMPARE(world.session->workspace().runs().size(), size_t{1});
    }

    void namesThatDoNotExistAreToldWithThoseThatDo() {
        World world;
        std::string message;
        RunSpec spec = world.spec();
        spec.dataset = "nothing";
        QCOMPARE(test::errorCodeOf([&] { world.session->run(spec, {}); }, &message), ErrorCode::NotFound);
        QVERIFY2(message.find("pictures") != std::string::npos, message.c_str());
        spec = world.spec();
        spec.model = "no-such-model";
        QCOMPARE(test::errorCodeOf([&] { world.session->run(spec, {}); }, &message), ErrorCode::NotFound);
        spec = world.spec();
        spec.split = "train";
        QCOMPARE(test::errorCodeOf([&] { world.session->run(spec, {}); }, &message), ErrorCode::NotFound);
        QVERIFY2(message.find("train") != std::string::npos, message.c_str());
        spec = world.spec();
        spec.params = {{"keep", -1}};
        QCOMPARE(test::errorCodeOf([&] { world.session->run(spec, {}); }, &message),
                 ErrorCode::InvalidArgument);
    }

    void importingAgainKeepsTags() {
        World world;
        auto& workspace = world.session->workspace();
        const DatasetId id = workspace.findDataset("pictures")->id;
        const auto samples = workspace.sampleIds(id);
        workspace.addTag(samples, "mine");
        fs::remove(world.pictures / "dark" / "d0.png");
        QCOMPARE(world.session->importDataset(world.pictures, "pictures", {}, {}), id);
        QCOMPARE(workspace.sampleIds(id).size(), size_t{9});
        SampleFilter filter;
        filter.tags = {"mine"};
        QCOMPARE(workspace.sampleIds(id, filter).size(), size_t{9});
    }

    void readOnlySessionsLookBesideAWriter() {
        World world;
        world.session->run(world.spec(), {});
        const auto reader = Session::open(world.workspace, WorkspaceMode::ReadOnly);
        QCOMPARE(reader->workspace().runs().size(), size_t{1});
        QCOMPARE(test::errorCodeOf([&] { Session::open(world.workspace, WorkspaceMode::ReadWrite); }),
                 ErrorCode::Locked);
        QVERIFY(test::errorCodeOf([&] { reader->importDataset(world.pictures, "b", {}, {}); }) ==
                ErrorCode::InvalidArgument);
    }

    void specSurvivesJsonAndTheShell() {
        RunSpec spec;
        spec.task = "zero-shot";
        spec.dataset = "it's mine";
        spec.model = "m";
        spec.precision = Precision::Bf16;
        spec.alpha = Alpha::White;
        spec.params = {{"templates", {"a {}", "b {}"}}, {"keep", 3}};
        const RunSpec back = RunSpec::fromJson(spec.toJson(), "spec");
        QCOMPARE(back.toJson().dump(), spec.toJson().dump());
        const std::string command = spec.command("/tmp/a b");
        QVERIFY2(command.find(R"(--dataset 'it'\''s mine')") != std::string::npos, command.c_str());
        QVERIFY2(command.find("--workspace '/tmp/a b'") != std::string::npos, command.c_str());
        QVERIFY2(command.find("--precision bf16") != std::string::npos, command.c_str());
        QVERIFY2(command.find("--alpha white") != std::string::npos, command.c_str());
        QVERIFY2(command.find(R"(--templates '["a {}","b {}"]')") != std::string::npos, command.c_str());
    }

    void demoWorkspaceIsMadeOnceAndKept() {
        const TemporaryDirectory directory;
        const fs::path where = directory.path() / "demo";
        const DemoWorkspace demo = prepareDemoWorkspace(where, {});
        QVERIFY(!demo.evaluations.empty());
        size_t datasets = 0;
        {
            const auto session = Session::open(where, WorkspaceMode::ReadWrite);
            datasets = session->workspace().datasets().size();
            QCOMPARE(session->workspace().models().size(), size_t{1});
            for (const RunSpec& spec : demo.evaluations)
                QVERIFY(session->workspace().findDataset(spec.dataset));
        }
        prepareDemoWorkspace(where, {});
        const auto session = Session::open(where, WorkspaceMode::ReadOnly);
        QCOMPARE(session->workspace().datasets().size(), datasets);
        QCOMPARE(session->workspace().models().size(), size_t{1});
    }

    /// Weights, pictures and captions that come with the program fit each other: what the README says holds
    /// with room for the last bit of another CPU.
    void theDemoModelKnowsItsWorld() {
        const TemporaryDirectory directory;
        const DemoWorkspace demo = prepareDemoWorkspace(directory.path() / "demo", {});
        const auto session = Session::open(demo.path, WorkspaceMode::ReadWrite);
        const std::map<std::string, double> atLeast = {
            {"blocks-shape", 0.95},   {"blocks-colour", 0.97}, {"blocks-shape-colour", 0.95},
            {"blocks-place", 0.95},   {"blocks-count", 0.8},   {"blocks-relation", 0.8},
            {"blocks-material", 0.9}, {"blocks-size", 0.95}};
        size_t checked = 0;
        for (const RunSpec& spec : demo.evaluations) {
            if (spec.task != "zero-shot")
                continue;
            const RunRecord run = session->workspace().run(session->run(spec, {}));
            const double top1 = findMetric(run.metrics, "top1")->value;
            QVERIFY2(top1 >= atLeast.at(spec.dataset), (spec.dataset + " " + std::to_string(top1)).c_str());
            ++checked;
        }
        QCOMPARE(checked, atLeast.size());
    }
};

QTEST_GUILESS_MAIN(TestSession)
#include "tst_session.moc"
