// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/random.h"
#include "core/probe/splits.h"
#include "core/probe/sweep.h"
#include "core/tasks/linear_probe.h"
#include "core/tasks/probe_data.h"
#include "tests/support/fake_embeddings.h"
#include "tests/support/task_results.h"

#include <QTest>

#include <numeric>

using namespace diptych;
using diptych::test::errorCodeOf;
using diptych::test::FakeEmbeddings;
using diptych::test::metricValue;

namespace {

/// Classes a, b, c sit on the axes of a 3-d space; images lie around them, three times as long as wide.
struct World {
    TaskDataset dataset;
    FakeEmbeddings embeddings{3};
    Random random{5};

    World() {
        dataset.name = "axes";
        dataset.classNames = {"a", "b", "c"};
        embeddings.textRow = [](const std::string& text) -> std::vector<float> {
            return {text.ends_with(" a") ? 1.0F : 0.0F, text.ends_with(" b") ? 1.0F : 0.0F,
                    text.ends_with(" c") ? 1.0F : 0.0F};
        };
    }
    void add(int label, const std::string& split, std::vector<float> row) {
        const auto id = static_cast<int64_t>(dataset.samples.size()) + 1;
        dataset.samples.push_back({SampleId{id}, label, {}, split, {}});
        embeddings.imageRows[id] = std::move(row);
    }
    /// @param noise 3 makes classes overlap
    void addCloud(int perClass, const std::string& split, double noise = 3) {
        for (int i = 0; i < perClass; ++i)
            for (int label = 0; label < 3; ++label) {
                std::vector<float> row(3);
                for (size_t d = 0; d < 3; ++d)
                    row[d] = static_cast<float>(random.uniform(-noise, noise) +
                                                (static_cast<int>(d) == label ? 3 : 0));
                add(label, split, std::move(row));
            }
    }
    TaskOutput run(const Json& params = Json::object(), const RunContext& context = {}) {
        const Task task = linearProbeTask();
        const Json complete = completeParams(task.info, params);
        return task.run({dataset, embeddings, complete, false}, context);
    }
    /// Raw rows and labels of a split, without any of the task's code.
    Matrix rowsOf(const std::string& split, std::vector<int>& labels, bool unit = false) const {
        std::vector<float> values;
        for (const TaskSample& sample : dataset.samples) {
            if (sample.split != split)
                continue;
            labels.push_back(sample.label);
            const auto& row = embeddings.imageRows.at(sample.id.value);
            values.insert(values.end(), row.begin(), row.end());
        }
        Matrix rows(labels.size(), 3, std::move(values));
        if (unit)
            normalizeRows(rows);
        return rows;
    }
};

std::string warnings(const TaskOutput& output) {
    return output.details["warnings"].dump();
}

bool near(double a, double b, double tolerance = 1e-5) {
    return std::abs(a - b) < tolerance;
}

} // namespace

class TestLinearProbe : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void rawFeaturesWithTheGivenCAreTheDefault() {
        World world;
        world.addCloud(30, "train");
        world.addCloud(20, "test");
        std::vector<int> trainLabels, testLabels;
        const Matrix train = world.rowsOf("train", trainLabels), test = world.rowsOf("test", testLabels);
        ProbeOptions options;
        options.c = 0.316;
        const ProbeModel model = fitProbe(train, trainLabels, options, {});
        const ProbeScore expected = scoreProbe(model, test, testLabels);
        const TaskOutput output = world.run();
        QVERIFY(near(metricValue(output, "lp_acc1"), expected.accuracy));
        QVERIFY(near(metricValue(output, "log_loss"), expected.logLoss));
        QVERIFY(near(metricValue(output, "lp_train_acc1"), scoreProbe(model, train, trainLabels).accuracy));
        QVERIFY(expected.accuracy < 1); // else a constant would pass
        QCOMPARE(output.examples.size(), size_t{60});
        QCOMPARE(output.details["probe"]["train"].get<int>(), 90);
        QCOMPARE(output.details["probe"]["draws"][0]["c"].get<double>(), 0.316);
        QVERIFY(!findMetric(output.metrics, "lp_acc5")); // three classes
        for (const char* name : {"lp_acc1", "lp_mean_per_class_recall", "log_loss", "ece"}) {
            const Metric& metric = *findMetric(output.metrics, name);
            QVERIFY2(metric.interval && metric.interval->low <= metric.value &&
                         metric.value <= metric.interval->high,
                     name);
        }
        QVERIFY(findMetric(output.metrics, linearProbeTask().info.primaryMetric));
    }

    void featuresCanBeScaledToLengthOne() {
        World world;
        world.addCloud(30, "train");
        world.addCloud(20, "test");
        std::vector<int> trainLabels, testLabels;
        const Matrix train = world.rowsOf("train", trainLabels, true),
                     test = world.rowsOf("test", testLabels, true);
        ProbeOptions options;
        options.c = 2;
        const ProbeScore expected = scoreProbe(fitProbe(train, trainLabels, options, {}), test, testLabels);
        const TaskOutput unit = world.run({{"unit_length", true}, {"c", 2}});
        QVERIFY(near(metricValue(unit, "log_loss"), expected.logLoss));
        QVERIFY(!near(metricValue(world.run({{"c", 2}}), "log_loss"), expected.logLoss, 1e-3));
    }

    void theSweepChoosesOnValidationAndFitsOnBoth() {
        World world;
        world.addCloud(20, "train");
        world.addCloud(10, "Validation");
        world.addCloud(20, "test");
        std::vector<int> trainLabels, validationLabels;
        const Matrix train = world.rowsOf("train", trainLabels),
                     validation = world.rowsOf("Validation", validationLabels);
        const SweepResult expected = sweepProbe(train, trainLabels, validation, validationLabels, {}, {});
        const TaskOutput output = world.run({{"sweep", true}});
        const Json& draw = output.details["probe"]["draws"][0];
        QVERIFY(near(draw["c"].get<double>(), expected.bestC, 1e-9));
        QCOMPARE(draw["train"].get<int>(), 90);
        QCOMPARE(output.details["probe"]["sweep"].size(), expected.points.size());
        QCOMPARE(output.details["curves"][0]["series"][0]["points"].size(), expected.points.size());
        // Without a sweep the validation images take no part.
        QCOMPARE(world.run().details["probe"]["draws"][0]["train"].get<int>(), 60);
    }

    void aSweepWithoutValidationSplitHoldsImagesBack() {
        World world;
        world.addCloud(20, "train");
        world.addCloud(20, "test");
        const TaskOutput output = world.run({{"sweep", true}});
        QCOMPARE(output.details["probe"]["draws"][0]["train"].get<int>(), 60);
        QVERIFY(output.details["probe"]["sweep"].size() > 5);
    }

    void theDatasetsOwnSplitIsTaken() {
        World world;
        world.addCloud(4, "TRAIN");
        world.addCloud(2, "Test");
        world.addCloud(3, "extra");
        const ProbeSets sets = chooseProbeSets(world.dataset, 0.5, 0);
        QCOMPARE(sets.train.size(), size_t{12});
        QCOMPARE(sets.test.size(), size_t{6});
        QCOMPARE(sets.test.front(), size_t{12});
        for (TaskSample& sample : world.dataset.samples)
            if (sample.split == "Test")
                sample.split = "val";
        QCOMPARE(chooseProbeSets(world.dataset, 0.5, 0).test, sets.test);
        QVERIFY(chooseProbeSets(world.dataset, 0.5, 0).validation.empty());
    }

    void splitsAreKnownByEverySpelling() {
        for (const auto& [train, test] : {std::pair{"train2017", "val2017"}, std::pair{"Training", "Testing"},
                                          std::pair{"train", "eval"}, std::pair{"seg_train", "seg_test"}}) {
            World world;
            world.addCloud(4, train);
            world.addCloud(2, test);
            const ProbeSets sets = chooseProbeSets(world.dataset, 0.5, 0);
            QCOMPARE(sets.train.size(), size_t{12});
            QCOMPARE(sets.test.front(), size_t{12});
            QVERIFY2(sets.origin.find(test) != std::string::npos, sets.origin.c_str());
        }
        World folds;
        folds.addCloud(4, "fold0");
        folds.addCloud(4, "fold1");
        const std::string origin = chooseProbeSets(folds.dataset, 0.5, 0).origin;
        QVERIFY2(origin.find("fold0, fold1") != std::string::npos, origin.c_str());
    }

    void withoutASplitEveryClassIsDividedByTheSeed() {
        World world;
        world.addCloud(10, "");
        const ProbeSets sets = chooseProbeSets(world.dataset, 0.3, 1);
        QCOMPARE(sets.test.size(), size_t{9});
        QCOMPARE(sets.train.size(), size_t{21});
        std::vector<size_t> all = sets.train;
        all.insert(all.end(), sets.test.begin(), sets.test.end());
        std::ranges::sort(all);
        for (size_t i = 0; i < all.size(); ++i)
            QCOMPARE(all[i], i);
        std::array<int, 3> support{};
        for (const size_t i : sets.test)
            ++support[static_cast<size_t>(world.dataset.samples[i].label)];
        QCOMPARE(support, (std::array<int, 3>{3, 3, 3}));
        QCOMPARE(chooseProbeSets(world.dataset, 0.3, 1).test, sets.test);
        QVERIFY(chooseProbeSets(world.dataset, 0.3, 2).test != sets.test);
    }

    void classesWithoutTrainingImagesCountAsWrongAndAreToldOf() {
        World world;
        world.dataset.classNames.push_back("d");
        world.addCloud(10, "train", 0.5);
        world.addCloud(5, "test", 0.5);
        world.add(3, "test", {-1, -1, -1});
        const TaskOutput output = world.run();
        QVERIFY(near(metricValue(output, "lp_acc1"), 15.0 / 16, 1e-12));
        QVERIFY(near(metricValue(output, "lp_mean_per_class_recall"), 0.75, 1e-12));
        QCOMPARE(findMetric(output.metrics, "log_loss")->n, size_t{15});
        QVERIFY2(warnings(output).find("1 of 16 test images are of classes without a training image") !=
                     std::string::npos,
                 warnings(output).c_str());
        QCOMPARE(output.examples.back().correct, std::optional(false));
    }

    void nearDuplicatesOfTestImagesAreToldOf() {
        World world;
        world.addCloud(10, "train", 0.5);
        world.addCloud(2, "test", 0.5);
        QCOMPARE(world.run({{"near_duplicate", 1.0}}).details["warnings"].size(), size_t{0});
        auto copy = world.embeddings.imageRows[1];
        for (float& value : copy)
            value *= 2; // the same direction
        world.add(0, "test", copy);
        const TaskOutput output = world.run({{"near_duplicate", 1.0}});
        QVERIFY2(warnings(output).find("1 of 7 test images have a near-duplicate") != std::string::npos,
                 warnings(output).c_str());
        const Json& found = output.details["probe"]["near_duplicates"];
        QCOMPARE(found["count"].get<int>(), 1);
        QCOMPARE(found["pairs"][0][0].get<int64_t>(), int64_t{37});
        QCOMPARE(found["pairs"][0][1].get<int64_t>(), int64_t{1});
    }

    void fewShotGivesMeansOverDrawsAndACurve() {
        World world;
        world.addCloud(12, "train");
        world.addCloud(20, "test");
        std::vector<int> trainLabels, testLabels;
        const Matrix train = world.rowsOf("train", trainLabels), test = world.rowsOf("test", testLabels);
        ProbeOptions options;
        options.c = 1;
        std::vector<double> expected;
        for (const uint64_t seed : {3, 4}) {
            std::vector<float> values;
            std::vector<int> labels;
            for (const size_t i : fewShotSample(trainLabels, 4, seed)) {
                values.insert(values.end(), train.row(i).begin(), train.row(i).end());
                labels.push_back(trainLabels[i]);
            }
            const Matrix few(labels.size(), 3, std::move(values));
            expected.push_back(scoreProbe(fitProbe(few, labels, options, {}), test, testLabels).accuracy);
        }
        RunContext context;
        context.seed = 3;
        const TaskOutput output = world.run(
            {{"shots", "4, 1"}, {"draws", 2}, {"c", 1}, {"templates", Json::array({"see {}"})}}, context);
        const double mean = (expected[0] + expected[1]) / 2;
        QVERIFY(near(metricValue(output, "lp_acc1"), mean));
        QVERIFY(near(metricValue(output, "lp_acc1_4_shots"), mean));
        QVERIFY(near(test::meanScore(output), mean));
        QVERIFY(near(metricValue(output, "lp_acc1_spread"),
                     std::abs(expected[0] - expected[1]) / std::sqrt(2.0)));
        QVERIFY(!std::isnan(metricValue(output, "lp_acc1_1_shots")));
        const Json& curve = output.details["curves"][0];
        QCOMPARE(curve["series"][0]["points"].size(), size_t{2});
        QCOMPARE(curve["series"][0]["points"][0][0].get<int>(), 1);
        QVERIFY(near(curve["series"][0]["points"][1][1].get<double>(), mean));
        QVERIFY(curve["series"][1]["dashed"].get<bool>());
        QCOMPARE(curve["series"][1]["points"][0][1].get<double>(), metricValue(output, "zero_shot_acc1"));
        const Json& table = output.details["tables"][0];
        QCOMPARE(table["rows"].size(), size_t{2});
        QCOMPARE(table["rows"][1].size(), table["columns"].size());
        QCOMPARE(table["rows"][1][1].get<int>(), 12);
    }

    void classesWithFewerImagesThanAskedForAreToldOf() {
        World world;
        world.addCloud(3, "train", 0.5);
        world.add(2, "train", {0, 0, 1});
        world.addCloud(2, "test", 0.5);
        QVERIFY(warnings(world.run({{"shots", "4"}})).find("fewer than 4 training images") !=
                std::string::npos);
        QVERIFY(warnings(world.run({{"shots", "3"}})).find("fewer") == std::string::npos);
    }

    void zeroShotBesideFewShotIsThatOfTheTestImages() {
        World world;
        world.addCloud(4, "train", 0.5);
        world.addCloud(3, "test", 0.5);
        world.add(0, "test", {0, 1, 0}); // named b
        const TaskOutput output = world.run({{"shots", "2"}, {"templates", Json::array({"see {}"})}});
        QVERIFY(near(metricValue(output, "zero_shot_acc1"), 0.9, 1e-12));
    }

    void shotsAreChecked_data() {
        QTest::addColumn<QString>("shots");
        for (const char* text : {"0", "1,", "1,,2", "a", "1;2", "-1", "1.5", "99999999999999999999"})
            QTest::newRow(text) << QString::fromLatin1(text);
    }
    void shotsAreChecked() {
        QFETCH(QString, shots);
        World world;
        world.addCloud(4, "");
        std::string message;
        QCOMPARE(errorCodeOf(
                     [&] {
                         world.run({{"shots", shots.toStdString()}});
                     },
                     &message),
                 ErrorCode::InvalidArgument);
        QVERIFY2(message.find("'shots'") != std::string::npos, message.c_str());
    }

    void fewShotAndSweepExcludeEachOther() {
        World world;
        world.addCloud(4, "");
        QCOMPARE(errorCodeOf([&] {
                     world.run({{"shots", "1"}, {"sweep", true}});
                 }),
                 ErrorCode::InvalidArgument);
    }

    void unreadableImagesAreToldOf() {
        World world;
        world.addCloud(10, "train", 0.5);
        world.addCloud(4, "test", 0.5);
        world.embeddings.unreadable = {2, 31};
        const TaskOutput output = world.run();
        QCOMPARE(output.examples.size(), size_t{12});
        QCOMPARE(output.examples.back().status, ExampleStatus::Unreadable);
        QCOMPARE(output.examples.back().sample.value, int64_t{31});
        QCOMPARE(output.examples.back().target, 0);
        QVERIFY(warnings(output).find("could not be read: 1") != std::string::npos);
        for (int64_t id = 31; id <= 42; ++id)
            world.embeddings.unreadable.insert(id);
        std::string message;
        QCOMPARE(errorCodeOf([&] { world.run(); }, &message), ErrorCode::Unreadable);
        QVERIFY(message.find("truncated") != std::string::npos);
    }

    void fitsThatStopEarlyAreToldOf() {
        World world;
        world.addCloud(30, "train");
        world.addCloud(4, "test");
        QVERIFY(warnings(world.run({{"max_iterations", 1}})).find("1 of 1 fits") != std::string::npos);
        QVERIFY(warnings(world.run()).find("fits") == std::string::npos);
    }

    void sameSeedSameOutput() {
        World world;
        world.addCloud(12, "");
        RunContext context;
        context.seed = 9;
        const Json params = {{"shots", "2,4"}};
        QCOMPARE(toJson(world.run(params, context).metrics).dump(),
                 toJson(world.run(params, context).metrics).dump());
        QVERIFY(toJson(world.run(params, context).metrics).dump() !=
                toJson(world.run(params).metrics).dump());
    }

    void stopsWhenAsked() {
        World world;
        world.addCloud(4, "");
        std::stop_source source;
        source.request_stop();
        RunContext context;
        context.stop = source.get_token();
        QVERIFY_EXCEPTION_THROWN(world.run(Json::object(), context), Cancelled);
    }

    void unsuitableDatasetsSayWhy() {
        World world;
        const Task& task = findTask("linear-probe");
        QVERIFY(task.unsuitable(world.dataset).find("label") != std::string::npos);
        world.add(0, "", {1, 0, 0});
        QVERIFY(task.unsuitable(world.dataset).find("one class") != std::string::npos);
        world.add(1, "", {0, 1, 0});
        QVERIFY(task.unsuitable(world.dataset).find("two labelled images") != std::string::npos);
        world.add(1, "", {0, 1, 0});
        QCOMPARE(task.unsuitable(world.dataset), std::string());
        for (TaskSample& sample : world.dataset.samples)
            sample.split = sample.label == 1 ? "train" : "test";
        QVERIFY(task.unsuitable(world.dataset).find("training split") != std::string::npos);
        world.dataset.classNames = {"a"};
        QVERIFY(task.unsuitable(world.dataset).find("two classes") != std::string::npos);
    }
};

QTEST_GUILESS_MAIN(TestLinearProbe)
#include "tst_linear_probe.moc"
