// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/file.h"
#include "core/report/report_writers.h"
#include "core/session/session.h"
#include "tests/support/error_code.h"

#include <QTest>

#include <fmt/format.h>

#include <algorithm>
#include <set>

using namespace diptych;
using namespace diptych::test;
namespace fs = std::filesystem;

namespace {

Image plain(uint8_t level) {
    Image image;
    image.width = image.height = 24;
    for (int i = 0; i < 24 * 24; ++i)
        image.rgb.insert(image.rgb.end(), {level, level, static_cast<uint8_t>(255 - level)});
    return image;
}

/// Twelve pictures of two classes with columns, and a tiny CLIP with random weights.
struct World {
    TemporaryDirectory directory;
    fs::path workspaceFolder = directory.path() / "ws";
    std::shared_ptr<Session> session;
    DatasetId dataset;
    std::vector<SampleId> samples;

    World() {
        std::string table = "image,label,camera,weight\n";
        for (int i = 0; i < 12; ++i) {
            writeFileAtomically(directory.path() / fmt::format("p{:02}.png", i),
                                encodePng(plain(static_cast<uint8_t>(20 * i))));
            table += fmt::format("p{:02}.png,{},{},{}\n", i, i < 6 ? "dark" : "light",
                                 i % 3 ? "north" : "south", i);
        }
        writeFileAtomically(directory.path() / "table.csv", table);
        session = Session::openOrCreate(workspaceFolder);
        dataset = session->importDataset(directory.path() / "table.csv", "pictures", {}, {});
        samples = workspace().sampleIds(dataset);
    }
    Workspace& workspace() { return session->workspace(); }
    RunSpec spec() const {
        RunSpec spec;
        spec.task = "zero-shot";
        spec.dataset = "pictures";
        spec.model = DIPTYCH_FIXTURES "/clip/openai";
        spec.params = {{"templates", "none"}, {"resamples", 100}};
        return spec;
    }
    RunRecord run(const RunSpec& spec) { return workspace().run(session->run(spec, {})); }
    std::set<SampleId> evaluated(const RunRecord& run) {
        std::set<SampleId> out;
        for (const ExampleResult& example : workspace().examples(run.id))
            out.insert(example.sample);
        return out;
    }
};

std::set<SampleId> asSet(const std::vector<SampleId>& ids) {
    return {ids.begin(), ids.end()};
}

} // namespace

class TestRunSamples : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void aFilterIsEvaluatedAndKept() {
        World world;
        RunSpec spec = world.spec();
        spec.samples.filter.columns = {{"camera", {"north"}}};
        spec.samples.filter.ranges = {{"weight", {2.0, 10.0}}};
        const RunRecord run = world.run(spec);
        QCOMPARE(world.evaluated(run),
                 asSet(world.workspace().sampleIds(world.dataset, spec.samples.filter)));
        QCOMPARE(run.exampleCount, int64_t{6});
        QCOMPARE(run.title, std::string("Zero-shot classification, 6 of 12 samples"));
        QVERIFY2(run.command.find("--where camera=north --where 'weight>=2' --where 'weight<=10'") !=
                     std::string::npos,
                 run.command.c_str());
        QCOMPARE(run.details.at("samples").at("choice").get<std::string>(),
                 std::string("camera = north, weight 2 to 10"));
        // The same again, from what was stored.
        const RunRecord again = world.run(RunSpec::fromJson(run.spec, "spec"));
        QCOMPARE(world.evaluated(again), world.evaluated(run));
        QCOMPARE(toJson(again.metrics).dump(), toJson(run.metrics).dump());
        ReportOptions options;
        options.examples = 0;
        const RunId id = run.id;
        const ReportModel report = buildReport(world.workspace(), std::span(&id, 1), options, {});
        for (const char* format : {"html", "md"})
            QVERIFY(reportDocument(report, format).find("6 of 12: camera = north, weight 2 to 10") !=
                    std::string::npos);
    }

    void aSelectionIsKeptByName() {
        World world;
        RunSpec spec = world.spec();
        spec.samples.ids = {world.samples[1], world.samples[4], world.samples[7], world.samples[9]};
        const RunRecord run = world.run(spec);
        QCOMPARE(world.evaluated(run), asSet(spec.samples.ids));
        QCOMPARE(RunSpec::fromJson(run.spec, "spec").samples.keys,
                 (std::vector<std::string>{"p01.png", "p04.png", "p07.png", "p09.png"}));
        const size_t at = run.command.find("--samples ");
        QVERIFY2(at != std::string::npos, run.command.c_str());
        const std::string file = run.command.substr(at + 10, run.command.find(".txt", at) + 4 - at - 10);
        QCOMPARE(readSampleList(file, world.workspace(), world.dataset).keys,
                 RunSpec::fromJson(run.spec, "spec").samples.keys);
        QCOMPARE(world.session->unsuitable(RunSpec::fromJson(run.spec, "spec")), std::string());
    }

    void aSavedSelectionBecomesItsSamples() {
        World world;
        const std::vector<SampleId> chosen = {world.samples[2], world.samples[8]};
        const ViewId view = world.workspace().saveSelection(world.dataset, "mine", chosen);
        RunSpec spec = world.spec();
        spec.samples.filter.selection = view;
        const RunRecord run = world.run(spec);
        QCOMPARE(run.details.at("samples").at("choice").get<std::string>(),
                 std::string("saved selection “mine”"));
        world.workspace().removeView(view);
        const RunRecord again = world.run(RunSpec::fromJson(run.spec, "spec"));
        QCOMPARE(world.evaluated(again), asSet(chosen));
        QCOMPARE(again.details.at("samples").dump(),
                 run.details.at("samples").dump()); // its name is still said
    }

    void aListInAFilterIsBoth() {
        World world;
        const ViewId view =
            world.workspace().saveSelection(world.dataset, "mine", std::span(world.samples).first(6));
        RunSpec spec = world.spec();
        spec.samples.ids = {world.samples[1], world.samples[4], world.samples[9]};
        spec.samples.title = "Truth dark, predicted light";
        spec.samples.filter = {.labels = {0}, .selection = view};
        const RunRecord run = world.run(spec);
        QCOMPARE(world.evaluated(run), (std::set<SampleId>{world.samples[1], world.samples[4]}));
        QCOMPARE(describe(RunSpec::fromJson(run.spec, "spec").samples),
                 std::string("Truth dark, predicted light, saved selection “mine”, class dark"));
        // What leaves nothing is not everything.
        spec.samples.ids = {world.samples[9]};
        std::string message;
        QCOMPARE(errorCodeOf([&] { world.session->run(spec, {}); }, &message), ErrorCode::NotFound);
        QVERIFY2(message.find("mine") != std::string::npos, message.c_str());
    }

    void theWholeDatasetStaysAsItWas() {
        World world;
        const RunRecord run = world.run(world.spec());
        QCOMPARE(run.title, std::string("Zero-shot classification"));
        QVERIFY(!run.spec.contains("samples") && !run.details.contains("samples"));
        QVERIFY(run.command.find("--samples") == std::string::npos);
    }

    void previewAndSuitabilityFollow() {
        World world;
        RunSpec spec = world.spec();
        world.run(spec);
        spec.model = "openai";
        QCOMPARE(world.session->preview(spec, {}).examples, size_t{12});
        spec.samples.ids = {world.samples[0], world.samples[11]};
        QCOMPARE(world.session->preview(spec, {}).examples, size_t{2});
    }

    void conditionsThatNothingMeetsAreSaid() {
        World world;
        RunSpec spec = world.spec();
        spec.samples.filter.columns = {{"camera", {"east"}}};
        std::string message;
        QCOMPARE(errorCodeOf([&] { world.session->run(spec, {}); }, &message), ErrorCode::NotFound);
        QVERIFY2(message.find("camera = east") != std::string::npos, message.c_str());
        spec.samples = {};
        spec.samples.keys = {"p01.png", "gone.png"};
        QCOMPARE(errorCodeOf([&] { world.session->run(spec, {}); }, &message), ErrorCode::NotFound);
        QVERIFY2(message.find("gone.png") != std::string::npos, message.c_str());
        const Json broken = {
            {"task", "zero-shot"}, {"dataset", "d"}, {"model", "m"}, {"samples", {{"keys", 3}}}};
        QCOMPARE(errorCodeOf([&] { RunSpec::fromJson(broken, "spec"); }), ErrorCode::Corrupt);
    }

    void listsAreReadByNameAndByPath() {
        World world;
        const fs::path file = world.directory.path() / "list.txt";
        writeFileAtomically(file,
                            "p03.png\r\n\n" + (world.directory.path() / "p05.png").string() + "\np03.png\n");
        QCOMPARE(readSampleList(file, world.workspace(), world.dataset).keys,
                 (std::vector<std::string>{"p03.png", "p05.png"}));
        std::string message;
        writeFileAtomically(file, std::string("p03.png\nnothing\n"));
        QCOMPARE(errorCodeOf([&] { readSampleList(file, world.workspace(), world.dataset); }, &message),
                 ErrorCode::InvalidArgument);
        QVERIFY2(message.find("line 2") != std::string::npos, message.c_str());
        writeFileAtomically(file, std::string("\n"));
        QCOMPARE(errorCodeOf([&] { readSampleList(file, world.workspace(), world.dataset); }),
                 ErrorCode::InvalidArgument);
    }
};

QTEST_GUILESS_MAIN(TestRunSamples)
#include "tst_run_samples.moc"
