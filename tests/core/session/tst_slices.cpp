// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/file.h"
#include "core/session/slice_tables.h"
#include "core/session/slices.h"
#include "core/store/workspace.h"
#include "tests/support/error_code.h"

#include <QTest>

#include <fmt/format.h>

#include <cmath>
#include <functional>
#include <map>

using namespace diptych;
using namespace diptych::test;

namespace {

constexpr double kExact = 1e-9;

#define QCOMPARE_NEAR(actual, expected)                                                                      \
    QVERIFY2(std::abs((actual) - (expected)) <= kExact,                                                      \
             qPrintable(QStringLiteral("%1 is not %2").arg(actual, 0, 'g', 17).arg(expected, 0, 'g', 17)))

Json expectedSlices() {
    return readJsonFile(std::filesystem::path(DIPTYCH_FIXTURES) / "metrics/slices/expected.json");
}

/// A workspace with one dataset of samples that are described, not drawn, and runs made by hand.
struct StoredWorld {
    TemporaryDirectory folder;
    std::unique_ptr<Workspace> workspace = Workspace::create(folder.path() / "ws");
    DatasetId dataset;
    std::vector<SampleId> samples;

    StoredWorld(std::vector<DatasetSample> described, std::vector<std::string> classNames) {
        DatasetIndex index;
        index.format = "csv";
        index.source = index.root = folder.path();
        index.classNames = std::move(classNames);
        for (size_t i = 0; i < described.size(); ++i) {
            described[i].key = fmt::format("{:05}.png", i);
            described[i].image = folder.path() / described[i].key;
        }
        index.samples = std::move(described);
        dataset = workspace->addDataset("described", index, {});
        samples = workspace->sampleIds(dataset);
    }
    RunId add(const std::string& task, std::vector<Metric> metrics, std::vector<std::string> classNames,
              const std::vector<ExampleResult>& examples) {
        RunRecord run;
        run.task = task;
        run.datasetId = dataset;
        run.datasetName = "described";
        run.metrics = std::move(metrics);
        run.classNames = std::move(classNames);
        run.spec = {{"params", {{"resamples", 200}}}};
        return workspace->addRun(run, examples);
    }
};

Metric share(const std::string& name, double value, size_t n) {
    Metric metric;
    metric.name = name;
    metric.value = value;
    metric.n = n;
    return metric;
}

/// Right or wrong by sample; one metric.
RunId addVerdicts(StoredWorld& world, const std::function<bool(size_t)>& isRight) {
    std::vector<ExampleResult> examples;
    double right = 0;
    for (size_t i = 0; i < world.samples.size(); ++i) {
        ExampleResult example;
        example.sample = world.samples[i];
        example.correct = isRight(i);
        right += isRight(i);
        examples.push_back(std::move(example));
    }
    const size_t n = examples.size();
    return world.add("zero-shot", {share("top1", right / double(n), n)}, {}, examples);
}

RunSlices slicesBy(StoredWorld& world, RunId run, std::vector<std::string> by) {
    SliceSpec spec;
    spec.run = run;
    spec.by = std::move(by);
    return sliceRun(*world.workspace, spec, {});
}

std::map<std::string, const Slice*> byTitle(const RunSlices& slices) {
    std::map<std::string, const Slice*> out;
    for (const Slice& slice : slices.slices)
        out.emplace(slice.title(), &slice);
    return out;
}

std::vector<std::string> titles(const RunSlices& slices) {
    std::vector<std::string> out;
    for (const Slice& slice : slices.slices)
        out.push_back(slice.title());
    return out;
}

} // namespace

class TestSlices : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void slicesOfClassesEqualScikitLearn() {
        const Json expected = expectedSlices().at("classes");
        const auto groups = expected.at("group").get<std::vector<std::string>>();
        const auto labels = expected.at("label").get<std::vector<int>>();
        const auto orders = expected.at("order").get<std::vector<std::vector<int>>>();
        std::vector<DatasetSample> described(groups.size());
        for (size_t i = 0; i < groups.size(); ++i) {
            described[i].label = labels[i];
            described[i].attributes = {{"size", groups[i]}};
        }
        const std::vector<std::string> names = {"a", "b", "c", "d", "e", "f"};
        StoredWorld world(std::move(described), names);
        std::vector<ExampleResult> examples;
        for (size_t i = 0; i < groups.size(); ++i) {
            ExampleResult example;
            example.sample = world.samples[i];
            example.target = labels[i];
            for (const int index : orders[i])
                example.predictions.push_back({index, 0.5F});
            example.correct = orders[i][0] == labels[i];
            examples.push_back(std::move(example));
        }
        std::vector<Metric> metrics;
        for (const char* name : {"top1", "top5", "mean_per_class_recall"})
            metrics.push_back(share(name, expected.at("whole").at(name).get<double>(), groups.size()));
        const RunSlices slices = slicesBy(world, world.add("zero-shot", metrics, names, examples), {"size"});
        QCOMPARE(slices.slices.size(), size_t{3});
        QCOMPARE(slices.tested, size_t{3});
        for (const auto& [title, slice] : byTitle(slices)) {
            const Json& want = expected.at("slices").at(title);
            QCOMPARE(slice->metric.n, want.at("n").get<size_t>());
            QCOMPARE_NEAR(slice->metric.value, want.at("top1").get<double>());
            QCOMPARE_NEAR(slice->difference.difference, want.at("difference").get<double>());
            QCOMPARE_NEAR(slice->difference.pValue, want.at("p").get<double>());
            QCOMPARE_NEAR(slice->adjustedP, want.at("adjusted").get<double>());
            QCOMPARE(slice->differs, want.at("adjusted").get<double>() < 0.05);
            for (const char* name : {"top5", "mean_per_class_recall"})
                QCOMPARE_NEAR(findMetric(slice->others, name)->value, want.at(name).get<double>());
            QVERIFY(slice->difference.interval->low < slice->difference.difference);
            QVERIFY(slice->difference.interval->high > slice->difference.difference);
        }
        QCOMPARE(slices.slices.front().title(), std::string("small")); // the worst, as it was made
    }

    void areasOfSlicesEqualScikitLearn() {
        const Json expected = expectedSlices().at("binary");
        const auto groups = expected.at("group").get<std::vector<std::string>>();
        const auto labels = expected.at("label").get<std::vector<int>>();
        const auto scores = expected.at("score").get<std::vector<double>>();
        std::vector<DatasetSample> described(groups.size());
        for (size_t i = 0; i < groups.size(); ++i)
            described[i].split = groups[i];
        StoredWorld world(std::move(described), {"no", "yes"});
        std::vector<ExampleResult> examples;
        for (size_t i = 0; i < groups.size(); ++i) {
            ExampleResult example;
            example.sample = world.samples[i];
            example.target = labels[i];
            example.parts = {{"score", scores[i]}};
            examples.push_back(std::move(example));
        }
        std::vector<Metric> metrics;
        for (const char* name : {"roc_auc", "average_precision"})
            metrics.push_back(share(name, expected.at("whole").at(name).get<double>(), groups.size()));
        const RunSlices slices =
            slicesBy(world, world.add("zero-shot-binary", metrics, {"no", "yes"}, examples), {"split"});
        QCOMPARE(slices.slices.size(), size_t{3});
        for (const auto& [title, slice] : byTitle(slices)) {
            const Json& want = expected.at("slices").at(title);
            QCOMPARE_NEAR(slice->metric.value, want.at("roc_auc").get<double>());
            QCOMPARE_NEAR(slice->difference.difference, want.at("difference").get<double>());
            QCOMPARE_NEAR(findMetric(slice->others, "average_precision")->value,
                          want.at("average_precision").get<double>());
        }
        QVERIFY(slices.slices.front().title() == "small" && slices.slices.front().differs);
    }

    void everyKindOfKeyCuts() {
        std::vector<DatasetSample> described(60);
        for (size_t i = 0; i < 60; ++i) {
            described[i].label = i % 4 == 0 ? -1 : int(i % 2);
            described[i].split = i < 30 ? "train" : "";
            described[i].attributes = {{"weight", double(i)}, {"legs", int(i % 3)}, {"class", "own"}};
            if (i < 20)
                described[i].attributes["colours"] = Json::array({"red", i % 2 ? "blue" : "green"});
        }
        StoredWorld world(std::move(described), {"cat", "dog"});
        world.workspace->addTag(std::span(world.samples).first(15), "odd");
        world.workspace->addTag(std::span(world.samples).subspan(10, 15), "blurry");
        const SampleNote note{world.samples[7], "look again"};
        world.workspace->setNotes(std::span(&note, 1));
        const RunId run = addVerdicts(world, [](size_t i) { return i % 5 != 0; });
        const auto sizes = [&](std::vector<std::string> by) {
            std::map<std::string, size_t> out;
            for (const Slice& slice : slicesBy(world, run, std::move(by)).slices)
                out[slice.title()] = slice.metric.n;
            return out;
        };
        using Sizes = std::map<std::string, size_t>;
        QCOMPARE(sizes({"class"}), (Sizes{{"cat", 15}, {"dog", 30}, {"no class", 15}}));
        QCOMPARE(sizes({"split"}), (Sizes{{"train", 30}, {"no split", 30}}));
        QCOMPARE(sizes({"tag"}), (Sizes{{"odd", 15}, {"blurry", 15}, {"no tag", 35}})); // five have both
        QCOMPARE(sizes({"note"}), (Sizes{{"with a note", 1}, {"without a note", 59}}));
        QCOMPARE(sizes({"transparency"}), (Sizes{{"not known", 60}})); // no picture was ever read
        QCOMPARE(sizes({"legs"}), (Sizes{{"0", 20}, {"1", 20}, {"2", 20}}));
        QCOMPARE(sizes({"weight"}), (Sizes{{"below 12", 12},
                                           {"12 to 24", 12},
                                           {"24 to 35", 11},
                                           {"35 to 47", 12},
                                           {"47 and more", 13}}));
        QCOMPARE(sizes({"colours"}), (Sizes{{"red", 20}, {"blue", 10}, {"green", 10}, {"not given", 40}}));
        QCOMPARE(sizes({"column:class"}), (Sizes{{"own", 60}}));
        QCOMPARE(sizes({"split", "legs"}), (Sizes{{"train · 0", 10},
                                                  {"train · 1", 10},
                                                  {"train · 2", 10},
                                                  {"no split · 0", 10},
                                                  {"no split · 1", 10},
                                                  {"no split · 2", 10}}));
        QCOMPARE(sliceKeyNames(*world.workspace, world.workspace->run(run)),
                 (std::vector<std::string>{"class", "split", "tag", "note", "transparency", "column:class",
                                           "colours", "legs", "weight"}));
        SliceSpec spec;
        spec.run = run;
        spec.by = {"list"};
        spec.lists = {{"mine", {world.samples[3], world.samples[4]}}};
        const RunSlices listed = sliceRun(*world.workspace, spec, {});
        QCOMPARE(byTitle(listed).at("mine")->samples, spec.lists[0].samples);
        QCOMPARE(byTitle(listed).at("the others")->metric.n, size_t{58});
        // Two lists cut together, each on its own terms.
        spec.by = {"list:mine", "list:first"};
        spec.lists.push_back({"first", {world.samples[0], world.samples[3]}});
        const RunSlices crossed = sliceRun(*world.workspace, spec, {});
        QCOMPARE(crossed.by, (std::vector<std::string>{"mine", "first"}));
        QCOMPARE(byTitle(crossed).at("mine · first")->samples, std::vector<SampleId>{world.samples[3]});
        QCOMPARE(byTitle(crossed).at("the others · first")->metric.n, size_t{1});
        QCOMPARE(errorCodeOf([&] { slicesBy(world, run, {"list:mine"}); }), ErrorCode::NotFound);
    }

    void savedViewsAreSlices() {
        std::vector<DatasetSample> described(40);
        for (size_t i = 0; i < 40; ++i) {
            described[i].label = i < 20 ? 0 : 1;
            described[i].attributes = {{"view", i % 2 ? "front" : "side"}};
        }
        StoredWorld world(std::move(described), {"cat", "dog"});
        Workspace& workspace = *world.workspace;
        const RunId run = addVerdicts(world, [](size_t i) { return i >= 10; });
        const auto names = [&] { return sliceKeyNames(workspace, workspace.run(run)); };
        QCOMPARE(names(),
                 (std::vector<std::string>{"class", "split", "tag", "note", "transparency", "column:view"}));
        QCOMPARE(errorCodeOf([&] { slicesBy(world, run, {"view"}); }), ErrorCode::NotFound);
        workspace.saveView(world.dataset, "cats", {.labels = {0}});
        workspace.saveSelection(world.dataset, "mine", std::span(world.samples).first(12));
        QCOMPARE(names()[4], std::string("view"));
        QCOMPARE(names()[5], std::string("selection"));
        // A sample is in every view that it fits.
        RunSlices slices = slicesBy(world, run, {"view"});
        QCOMPARE(titles(slices), (std::vector<std::string>{"mine", "cats", "in no view"}));
        QCOMPARE(byTitle(slices).at("mine")->metric.n, size_t{12});
        QCOMPARE_NEAR(byTitle(slices).at("mine")->metric.value, 2.0 / 12);
        QCOMPARE_NEAR(byTitle(slices).at("cats")->metric.value, 0.5);
        QCOMPARE(byTitle(slices).at("in no view")->metric.n, size_t{20});
        slices = slicesBy(world, run, {"selection"});
        QCOMPARE(byTitle(slices).at("in no selection")->metric.n, size_t{28});
        QCOMPARE(slices.slices.size(), size_t{2});
        slices = slicesBy(world, run, {"view:cats", "column:view"});
        QCOMPARE(slices.by, (std::vector<std::string>{"cats", "view"}));
        QCOMPARE(byTitle(slices).at("cats · front")->metric.n, size_t{10});
        QCOMPARE(byTitle(slices).at("the others · side")->metric.n, size_t{10});
        // What cannot be answered, and what answers itself, is said.
        workspace.saveView(world.dataset, "of a run that is gone", {.outcome = OutcomeFilter{{99}}});
        workspace.saveView(world.dataset, "wrong", {.outcome = OutcomeFilter{run, Verdict::Wrong}});
        slices = slicesBy(world, run, {"view"});
        QCOMPARE(byTitle(slices).count("of a run that is gone"), size_t{0});
        const std::string note = slicesNote(slices);
        QVERIFY2(note.find("'of a run that is gone' is left out") != std::string::npos, note.c_str());
        QVERIFY2(note.find("'wrong' asks what this very run") != std::string::npos, note.c_str());
        QCOMPARE(errorCodeOf([&] { slicesBy(world, run, {"view:of a run that is gone"}); }),
                 ErrorCode::NotFound);
        std::string message;
        QCOMPARE(errorCodeOf([&] { slicesBy(world, run, {"view:dogs"}); }, &message), ErrorCode::NotFound);
        QVERIFY2(message.find("'cats', 'mine'") != std::string::npos, message.c_str());
    }

    void worstComeFirstAndSmallOnesLast() {
        std::vector<DatasetSample> described(100);
        for (size_t i = 0; i < 100; ++i)
            described[i].attributes = {{"kind", i < 3 ? "tiny" : i < 30 ? "bad" : i < 60 ? "fair" : "good"}};
        StoredWorld world(std::move(described), {});
        const RunId run = addVerdicts(
            world, [](size_t i) { return i >= 60 || (i >= 30 && i % 3) || (i >= 3 && i % 6 == 0); });
        const RunSlices slices = slicesBy(world, run, {"kind"});
        QCOMPARE(titles(slices), (std::vector<std::string>{"bad", "fair", "good", "tiny"}));
        QVERIFY(slices.slices[0].differs && slices.slices[2].differs);
        QVERIFY(slices.slices[3].tooFew && !slices.slices[3].differs && !slices.slices[3].tested);
        QCOMPARE(slices.tested, size_t{3});
        QCOMPARE(verdictText(slices.slices[3]), std::string("too few to say"));
        QCOMPARE(verdictText(slices.slices[0]), std::string("differs"));
        QCOMPARE(slices.slices[0].samples.size(), size_t{27});
        QCOMPARE(slices.slices[0].samples.front(), world.samples[3]);
        // Against "good" alone there are but three others.
        const Slice whole = slicesBy(world, run, {"note"}).slices.front();
        QVERIFY(whole.rest == 0 && std::isnan(whole.difference.difference) && !whole.differs);
        QCOMPARE(verdictText(whole), std::string("everything"));
    }

    void pairsCountOnceAndInEverySliceTheyReachInto() {
        std::vector<DatasetSample> described(40);
        for (size_t i = 0; i < 40; ++i)
            described[i].split = i % 2 ? "left" : "right"; // every pair in both
        for (size_t i = 20; i < 40; ++i)
            described[i].split = "right";
        StoredWorld world(std::move(described), {});
        std::vector<ExampleResult> examples;
        for (size_t i = 0; i < 40; ++i) {
            ExampleResult example;
            example.sample = world.samples[i];
            example.correct = i < 10;
            example.parts = {{"pair", {{"id", i / 2}, {"group", i < 10}}}};
            examples.push_back(std::move(example));
        }
        const RunId run = world.add("winoground", {share("group_score", 0.25, 20)}, {}, examples);
        const auto slices = slicesBy(world, run, {"split"});
        const auto found = byTitle(slices);
        QCOMPARE(found.at("left")->metric.n, size_t{10});
        QCOMPARE(found.at("left")->metric.value, 0.5);
        QCOMPARE(found.at("left")->samples.size(), size_t{10});
        QCOMPARE(found.at("right")->metric.n, size_t{20});
        QCOMPARE(found.at("right")->rest, size_t{0});
    }

    void metricsThatExamplesDoNotGiveAreRefused() {
        std::vector<DatasetSample> described(30);
        StoredWorld world(std::move(described), {"a", "b"});
        std::vector<ExampleResult> examples;
        for (size_t i = 0; i < 30; ++i) {
            ExampleResult example;
            example.sample = world.samples[i];
            example.correct = i % 2 == 0;
            examples.push_back(std::move(example));
        }
        // The run's value is a mean over several draws, of which the examples hold one.
        const RunId run = world.add("linear-probe", {share("lp_acc1", 0.6, 30)}, {}, examples);
        std::string message;
        try {
            slicesBy(world, run, {"split"});
        } catch (const Error& error) {
            message = error.what();
        }
        QVERIFY2(message.find("0.5") != std::string::npos && message.find("0.6") != std::string::npos,
                 message.c_str());
        SliceSpec spec;
        spec.run = addVerdicts(world, [](size_t i) { return i % 2 == 0; });
        spec.by = {"split"};
        spec.metric = "map";
        QCOMPARE(errorCodeOf([&] { sliceRun(*world.workspace, spec, {}); }), ErrorCode::NotFound);
    }

    void errorsSayWhatThereIs() {
        std::vector<DatasetSample> described(20);
        for (auto& sample : described)
            sample.attributes = {{"camera", "north"}};
        StoredWorld world(std::move(described), {});
        const RunId run = addVerdicts(world, [](size_t) { return true; });
        try {
            slicesBy(world, run, {"kamera"});
            QFAIL("a column that is not there was cut by");
        } catch (const Error& error) {
            QVERIFY2(std::string(error.what()).find("transparency, camera") != std::string::npos,
                     error.what());
        }
        const RunId bare = world.add("zero-shot", {share("top1", 0.5, 20)}, {}, {});
        QCOMPARE(errorCodeOf([&] { slicesBy(world, bare, {"class"}); }), ErrorCode::InvalidArgument);
        QCOMPARE(errorCodeOf([&] { slicesBy(world, RunId{99}, {"class"}); }), ErrorCode::NotFound);
        QCOMPARE(errorCodeOf([&] { slicesBy(world, run, {}); }), ErrorCode::InvalidArgument);
    }

    void thereIsALimitToSlices() {
        std::vector<DatasetSample> described(1300);
        for (size_t i = 0; i < described.size(); ++i)
            described[i].attributes = {{"name", fmt::format("n{}", i % 650)}};
        StoredWorld world(std::move(described), {});
        const RunSlices slices =
            slicesBy(world, addVerdicts(world, [](size_t i) { return i % 2 == 0; }), {"name"});
        QCOMPARE(slices.slices.size(), kMostSlices);
        QCOMPARE(slices.hidden, size_t{150});
        QVERIFY(slicesNote(slices).find("150 smallest") != std::string::npos);
    }

    void tablesAndCsvSayTheSame() {
        std::vector<DatasetSample> described(60);
        for (size_t i = 0; i < 60; ++i)
            described[i].attributes = {{"place", i < 30 ? "=here, \"there\"" : "away"}};
        StoredWorld world(std::move(described), {});
        const RunSlices slices =
            slicesBy(world, addVerdicts(world, [](size_t i) { return i >= 30 || i % 2; }), {"place"});
        const std::string csv = slicesCsv(slices);
        QVERIFY2(csv.starts_with("place,n,metric,value,low,high,difference,"), csv.c_str());
        QVERIFY2(csv.find("\n\"'=here, \"\"there\"\"\",30,top1,0.5,") != std::string::npos, csv.c_str());
        QVERIFY(slicesCsv(slices, CsvFormulas::Keep).find("\n\"=here") != std::string::npos);
        const Json table = sliceTable(slices, 1);
        QCOMPARE(table["rows"].size(), size_t{1});
        QCOMPARE(table["rows"][0].size(), table["columns"].size());
        QVERIFY(table["rows"][0][1] == Json(30));
        QVERIFY(table["rows"][0][4] == Json("-50.0 points"));
        QVERIFY(table["title"].get<std::string>().find("1 of 2") != std::string::npos);
    }

    void reportsCarrySlices() {
        std::vector<DatasetSample> described(40);
        for (size_t i = 0; i < 40; ++i)
            described[i].attributes = {{"place", i < 20 ? "indoors" : "outdoors"}};
        StoredWorld world(std::move(described), {});
        const RunId run = addVerdicts(world, [](size_t i) { return i < 20 || i % 2; });
        ReportOptions options;
        options.examples = 0;
        ReportModel report = buildReport(*world.workspace, std::span(&run, 1), options, {});
        const std::vector<std::string> by = {"place"};
        addSlices(report, *world.workspace, by, {});
        for (const char* format : {"html", "md"}) {
            const std::string document = reportDocument(report, format);
            QVERIFY(document.find("By place, worst first") != std::string::npos);
            QVERIFY(document.find("outdoors") < document.find("indoors"));
        }
        // The slices alone, as a file.
        SliceSpec spec;
        spec.run = run;
        spec.by = by;
        for (const char* format : {"html", "md", "csv"}) {
            const std::string document = slicesDocument(*world.workspace, spec, format, {});
            QVERIFY2(document.find("outdoors") < document.find("indoors"), format);
            const bool explained = document.find("p by Holm's method over 2 slices") != std::string::npos ||
                                   document.find("p by Holm&#39;s method over 2 slices") != std::string::npos;
            QCOMPARE(explained, std::string_view(format) != "csv");
        }
        QCOMPARE(errorCodeOf([&] { slicesDocument(*world.workspace, spec, "pdf", {}); }),
                 ErrorCode::InvalidArgument);
        const std::vector<std::string> unknown = {"planet"};
        QCOMPARE(errorCodeOf([&] { addSlices(report, *world.workspace, unknown, {}); }), ErrorCode::NotFound);
    }
};

QTEST_GUILESS_MAIN(TestSlices)
#include "tst_slices.moc"
