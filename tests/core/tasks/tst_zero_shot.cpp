// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/tasks/zero_shot.h"
#include "tests/support/error_code.h"
#include "tests/support/fake_embeddings.h"

#include <QTest>

#include <cmath>

using namespace diptych;
using diptych::test::errorCodeOf;
using diptych::test::FakeEmbeddings;

namespace {

/// Classes a, b, c sit on the axes of a 3-d space.
struct World {
    TaskDataset dataset;
    FakeEmbeddings embeddings{3};

    World() {
        dataset.name = "axes";
        dataset.classNames = {"a", "b", "c"};
        embeddings.textRow = [](const std::string& text) -> std::vector<float> {
            if (text.find(" a") != std::string::npos)
                return {1, 0, 0};
            return text.find(" b") != std::string::npos ? std::vector<float>{0, 1, 0}
                                                        : std::vector<float>{0, 0, 1};
        };
    }
    void add(int label, std::vector<float> row) {
        const auto id = static_cast<int64_t>(dataset.samples.size()) + 1;
        dataset.samples.push_back({SampleId{id}, label, {}, "", {}});
        embeddings.imageRows[id] = std::move(row);
    }
    TaskOutput run(Json params = {{"templates", Json::array({"a photo of {}"})}}, bool preview = false) {
        const Task task = zeroShotTask();
        const Json complete = completeParams(task.info, params);
        return task.run({dataset, embeddings, complete, preview}, {});
    }
};

double value(const TaskOutput& output, const char* name) {
    const Metric* metric = findMetric(output.metrics, name);
    return metric ? metric->value : std::nan("");
}

} // namespace

class TestZeroShot : public QObject {
    Q_OBJECT

private Q_SLOTS:
    /// The mean over a class's prompts decides; no embeddings are asked for.
    void matchingNamesTheClassThatMatchesBest() {
        World world;
        world.add(0, {1, 0, 0});
        world.add(1, {0, 1, 0});
        world.embeddings.pairScore = [](int64_t sample, const std::string& text) {
            if (text.ends_with(" a"))
                return text.starts_with("one") ? 3.0 : 1.0; // 2 on average
            return text.ends_with(" b") ? (sample == 2 ? 2.5 : 1.5) : 0.0;
        };
        const TaskOutput output =
            world.run({{"templates", Json::array({"one {}", "two {}"})}, {"scorer", "matching"}});
        QCOMPARE(value(output, "top1"), 1.0);
        const double sum = std::exp(2.0) + std::exp(1.5) + 1;
        QVERIFY(std::abs(output.examples[0].predictions[0].score - std::exp(2.0) / sum) < 1e-6);
        QCOMPARE(world.embeddings.imageCalls + world.embeddings.textCalls, 0);
        const TaskInfo info = zeroShotTask().info;
        QVERIFY(!info.needsModel(completeParams(info, {{"scorer", "matching"}})).textEmbeddings);
    }

    void metricsAreThoseOfTheGeometry() {
        World world;
        world.add(0, {1, 0.1F, 0});    // a, right
        world.add(0, {0.2F, 1, 0});    // a taken for b
        world.add(0, {1, 0, 0.3F});    // a, right
        world.add(1, {0, 1, 0});       // b, right
        world.add(2, {0, 0.9F, 0.8F}); // c taken for b
        const TaskOutput output = world.run();
        QCOMPARE(value(output, "top1"), 3.0 / 5);
        QCOMPARE(value(output, "mean_per_class_recall"), (2.0 / 3 + 1 + 0) / 3);
        QVERIFY(!findMetric(output.metrics, "top5")); // three classes: always 1, so not told
        QCOMPARE(findMetric(output.metrics, "top1")->n, size_t{5});
        QCOMPARE(*findMetric(output.metrics, "top1")->chance, 1.0 / 3);
        const auto interval = findMetric(output.metrics, "top1")->interval;
        QVERIFY(interval && interval->low < 0.6 && interval->high > 0.6);
        const Json expected = {{0, 0, 2}, {0, 1, 1}, {1, 1, 1}, {2, 1, 1}};
        QCOMPARE(output.details["confusion"]["cells"].dump(), expected.dump());
        QCOMPARE(output.details["classes"][2]["recall"].get<double>(), 0.0);
        QVERIFY(output.details["classes"][2]["precision"].is_null()); // c was never predicted
        QCOMPARE(output.examples[1].predictions.front().index, 1);
        QCOMPARE(output.examples[1].correct, std::optional(false));
        QCOMPARE(output.examples.size(), size_t{5});
    }

    void probabilitiesUseTheLogitScale() {
        World world;
        world.add(0, {1, 0, 0});
        world.embeddings.scale = 2;
        const auto predictions = world.run().examples.front().predictions;
        const double expected = std::exp(2.0) / (std::exp(2.0) + 2);
        QVERIFY(std::abs(static_cast<double>(predictions.front().score) - expected) < 1e-6);
        QCOMPARE(predictions.size(), size_t{3});
    }

    void templatesAreAveragedAfterNormalisation() {
        World world;
        // One long vector and two short ones: if raw vectors were averaged, the long one would decide.
        world.embeddings.textRow = [](const std::string& text) -> std::vector<float> {
            if (text == "big a")
                return {100, 0, 0};
            if (text == "one a" || text == "two a")
                return {0, 1, 0};
            return {0, 0, 1};
        };
        world.dataset.classNames = {"a", "z"};
        world.add(0, {0.4F, 1, 0.8F});
        const TaskOutput output =
            world.run({{"templates", Json::array({"big {}", "one {}", "two {}"})}, {"keep", 2}});
        // Class a is (1,2,0)/sqrt(5), z is (0,0,1); cosines with the image times its length:
        const double length = std::sqrt(0.16 + 1 + 0.64);
        const double a = (0.4 + 2) / std::sqrt(5.0) / length, z = 0.8 / length;
        const double expected = 1 / (1 + std::exp(10 * (z - a)));
        QVERIFY(std::abs(static_cast<double>(output.examples[0].predictions[0].score) - expected) < 1e-5);
    }

    void unreadableAndUnlabelledImagesAreNotCounted() {
        World world;
        world.add(0, {1, 0, 0});
        world.add(1, {0, 1, 0});
        world.add(-1, {0, 0, 1});
        world.embeddings.unreadable = {2};
        const TaskOutput output = world.run();
        QCOMPARE(findMetric(output.metrics, "top1")->n, size_t{1});
        QCOMPARE(output.examples.size(), size_t{3});
        QCOMPARE(output.examples[1].correct, std::optional<bool>());
        QCOMPARE(output.examples[1].predictions.front().index, 2);
        QCOMPARE(output.examples[2].status, ExampleStatus::Unreadable);
        QCOMPARE(output.examples[2].target, 1);
        QCOMPARE(output.examples[2].message, std::string("broken.png: truncated"));
    }

    void allUnreadableIsAnErrorThatSaysWhy() {
        World world;
        world.add(0, {1, 0, 0});
        world.embeddings.unreadable = {1};
        std::string message;
        QCOMPARE(errorCodeOf([&] { world.run(); }, &message), ErrorCode::Unreadable);
        QVERIFY2(message.find("truncated") != std::string::npos, message.c_str());
    }

    void manyRowsAreScoredLikeFew() {
        World world;
        for (int i = 0; i < 9001; ++i)
            world.add(i % 3, {i % 3 == 0 ? 1.0F : 0.0F, i % 3 == 1 ? 1.0F : 0.0F,
                              i % 3 == 2 && i % 2 ? 1.0F : 0.1F});
        // Every third image of class c is weak but still nearest to c; nothing is wrong anywhere.
        QCOMPARE(value(world.run({{"templates", Json::array({"x {}"})}, {"resamples", 100}}), "top1"), 1.0);
    }

    void previewGivesTheSameNumbersWithoutIntervals() {
        World world;
        world.add(0, {1, 0.1F, 0});
        world.add(0, {0.2F, 1, 0});
        const TaskOutput full = world.run(),
                         preview = world.run({{"templates", Json::array({"a photo of {}"})}}, true);
        QCOMPARE(preview.metrics.size(), full.metrics.size());
        for (size_t i = 0; i < full.metrics.size(); ++i) {
            QCOMPARE(preview.metrics[i].value, full.metrics[i].value);
            QVERIFY(!preview.metrics[i].interval);
            QVERIFY(full.metrics[i].interval);
        }
        QVERIFY(preview.examples.empty());
    }

    void sameSeedSameIntervals() {
        World world;
        for (int i = 0; i < 40; ++i)
            world.add(i % 3, {1, 0.5F, i % 2 ? 2.0F : 0.0F});
        QCOMPARE(toJson(world.run().metrics).dump(), toJson(world.run().metrics).dump());
    }

    void badParametersAreNamed_data() {
        QTest::addColumn<QString>("params");
        QTest::addColumn<QString>("names");
        QTest::newRow("unknown") << R"({"templats": "simple"})"
                                 << "templats";
        QTest::newRow("type") << R"({"keep": "many"})"
                              << "keep";
        QTest::newRow("range") << R"({"keep": 0})"
                               << "keep";
        QTest::newRow("fraction") << R"({"resamples": 100.5})"
                                  << "resamples";
        QTest::newRow("no templates") << R"({"templates": []})"
                                      << "templates";
        QTest::newRow("mixed") << R"({"templates": ["a {}", 3]})"
                               << "templates";
        QTest::newRow("no placeholder") << R"({"templates": ["a photo"]})"
                                        << "a photo";
    }
    void badParametersAreNamed() {
        QFETCH(QString, params);
        QFETCH(QString, names);
        World world;
        world.add(0, {1, 0, 0});
        std::string message;
        QCOMPARE(errorCodeOf([&] { world.run(Json::parse(params.toStdString())); }, &message),
                 ErrorCode::InvalidArgument);
        QVERIFY2(message.find(names.toStdString()) != std::string::npos, message.c_str());
    }

    void templatesCanBeWrittenOut() {
        World world;
        world.add(0, {1, 0, 0});
        const TaskOutput one = world.run({{"templates", "a photo of {}."}});
        QVERIFY(one.details["templates"] == Json::array({"a photo of {}."}));
        const TaskOutput two = world.run({{"templates", "big {} | small {}"}});
        QVERIFY(two.details["templates"] == Json::array({"big {}", "small {}"}));
        QCOMPARE(errorCodeOf([&] { world.run({{"templates", "{} and {}"}}); }), ErrorCode::InvalidArgument);
        QCOMPARE(errorCodeOf([&] { world.run({{"templates", "no such set"}}); }), ErrorCode::NotFound);
    }

    void classesOfOneNameAreToldOf() {
        World world;
        world.add(0, {1, 0, 0});
        QVERIFY(world.run().details["warnings"].empty());
        world.dataset.classNames = {"a", "b", "a"};
        const Json warnings = world.run().details["warnings"];
        QCOMPARE(warnings.size(), size_t{1});
        QVERIFY(warnings[0].get<std::string>().find("Classes 1, 3 are all called 'a'") != std::string::npos);
    }

    void unsuitableDatasetsSayWhy() {
        World world;
        const Task task = zeroShotTask();
        QVERIFY(!task.unsuitable(world.dataset).empty()); // no samples
        world.add(-1, {1, 0, 0});
        QVERIFY(!task.unsuitable(world.dataset).empty());
        world.add(0, {1, 0, 0});
        QVERIFY(task.unsuitable(world.dataset).empty());
        world.dataset.classNames = {"only"};
        QVERIFY(!task.unsuitable(world.dataset).empty());
    }

    void unknownTaskListsTheKnown() {
        std::string message;
        QCOMPARE(errorCodeOf([] { findTask("nope"); }, &message), ErrorCode::NotFound);
        QVERIFY(message.find("zero-shot") != std::string::npos);
    }

    /// 40 images of two classes along one axis; every fourth is wrong, all are as sure as can be: too sure.
    void temperatureMakesConfidencesTrue() {
        World world;
        for (int i = 0; i < 40; ++i)
            world.add(i % 4 == 3 ? 1 : 0, {1, 0.2F, 0.1F});
        world.embeddings.scale = 10;
        const TaskOutput output = world.run();
        const Json& scaling = output.details["calibration"]["temperature"];
        QCOMPARE(scaling["fitted_on"].get<std::string>(), std::string("halves"));
        QCOMPARE(scaling["values"].size(), size_t{2});
        QCOMPARE(scaling["fitted"].get<int>(), 40);
        QCOMPARE(scaling["judged"].get<int>(), 40);
        QVERIFY(scaling["ece"]["before"].get<double>() > 0.2); // says 1, is right 3 times of 4
        // One half has no mistake, the other is right half of the time: by the other's temperature each half
        // is judged wrongly, and only all of them together could be known.
        QVERIFY(scaling["nll"]["after"].is_number());
        QVERIFY(scaling["values"][0] != scaling["values"][1]);
        QCOMPARE(output.details["calibration"]["ece"].get<double>(),
                 scaling["ece"]["before"].get<double>()); // all are judged in both
    }

    void temperatureIsFittedOnItsSplitAlone() {
        World world;
        for (int i = 0; i < 80; ++i) {
            world.add(i % 4 == 3 ? 1 : 0, {1, 0.2F, 0.1F});
            world.dataset.samples.back().split = i < 40 ? "val" : "test";
        }
        const Json params = {{"templates", Json::array({"a photo of {}"})}, {"temperature_split", "val"}};
        const TaskOutput output = world.run(params);
        const Json& scaling = output.details["calibration"]["temperature"];
        QCOMPARE(scaling["split"].get<std::string>(), std::string("val"));
        QCOMPARE(scaling["values"].size(), size_t{1});
        QCOMPARE(scaling["fitted"].get<int>(), 40);
        QCOMPARE(scaling["judged"].get<int>(), 40);
        QVERIFY(scaling["ece"]["after"].get<double>() < 0.02); // both splits are right 3 times of 4
        QVERIFY(scaling["nll"]["after"].get<double>() < scaling["nll"]["before"].get<double>());
        QVERIFY(scaling["values"][0].get<double>() > 1.5);
        // The cosines of the classes, by hand: confidence at the temperature is the share that is right.
        int64_t counted = 0;
        for (const Json& bin : scaling["bins"])
            counted += bin["count"].get<int64_t>();
        QCOMPARE(counted, int64_t{40});
        Json wrong = params;
        wrong["temperature_split"] = "vall";
        QCOMPARE(errorCodeOf([&] { world.run(wrong); }), ErrorCode::InvalidArgument);
        for (TaskSample& sample : world.dataset.samples)
            sample.split = "val";
        QCOMPARE(errorCodeOf([&] { world.run(params); }), ErrorCode::InvalidArgument);
    }

    void sigmoidsAreScaledToo() {
        World world;
        world.embeddings.kind = Similarity::Kind::Sigmoid;
        world.embeddings.scale = 20;
        world.embeddings.bias = -10;
        for (int i = 0; i < 60; ++i) {
            world.add(i % 3 == 2 ? 1 : 0, {1, 0.2F, 0.1F}); // right 2 times of 3
            world.dataset.samples.back().split = i < 30 ? "val" : "test";
        }
        const TaskOutput output =
            world.run({{"templates", Json::array({"a photo of {}"})}, {"temperature_split", "val"}});
        const Json& scaling = output.details["calibration"]["temperature"];
        QVERIFY(scaling["ece"]["before"].get<double>() > 0.25);
        QVERIFY(scaling["ece"]["after"].get<double>() < 0.02);
    }

    void fewImagesFitNoTemperature() {
        World world;
        for (int i = 0; i < 18; ++i)
            world.add(0, {1, 0, 0});
        QVERIFY(!world.run().details["calibration"].contains("temperature"));
    }
};

QTEST_GUILESS_MAIN(TestZeroShot)
#include "tst_zero_shot.moc"
