// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/tasks/zero_shot_binary.h"
#include "tests/support/fake_embeddings.h"
#include "tests/support/task_results.h"

#include <QTest>

#include <map>

using namespace diptych;
using diptych::test::errorCodeOf;
using diptych::test::FakeEmbeddings;
using diptych::test::metricValue;

namespace {

/// The second class, "cat", lies at 0 degrees, the first, "dog", at 90.
struct World {
    TaskDataset dataset;
    FakeEmbeddings embeddings{2};
    std::map<std::string, std::vector<float>> prompts = {{"a cat", {1, 0}}, {"a dog", {0, 1}}};

    World() {
        dataset.name = "quarter";
        dataset.classNames = {"dog", "cat"};
        embeddings.textRow = [this](const std::string& text) { return prompts.at(text); };
    }
    void add(int label, double degrees, const std::string& split = "") {
        const auto id = static_cast<int64_t>(dataset.samples.size()) + 1;
        dataset.samples.push_back({SampleId{id}, label, {}, split, {}});
        const double radians = degrees * 3.14159265358979 / 180;
        embeddings.imageRows[id] = {static_cast<float>(std::cos(radians)),
                                    static_cast<float>(std::sin(radians))};
    }
    void addFour() {
        add(1, 0);
        add(0, 30);
        add(1, 60);
        add(0, 90);
    }
    TaskOutput run(Json params = Json::object(), bool preview = false) {
        params["templates"] = Json::array({"a {}"});
        const Task task = zeroShotBinaryTask();
        const Json complete = completeParams(task.info, params);
        return task.run({dataset, embeddings, complete, preview}, {});
    }
};

bool near(double a, double b, double tolerance = 1e-6) {
    return std::abs(a - b) < tolerance;
}

/// sigmoid(10 (cos - sin))
double scoreAt(double degrees) {
    const double radians = degrees * 3.14159265358979 / 180;
    return 1 / (1 + std::exp(-10 * (std::cos(radians) - std::sin(radians))));
}

} // namespace

class TestZeroShotBinary : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void metricsAreThoseOfTheGeometry() {
        // By score: cat, dog, cat, dog; the first two lie above 0.5.
        World world;
        world.addFour();
        const TaskOutput output = world.run();
        QVERIFY(near(metricValue(output, "roc_auc"), 0.75));
        QVERIFY(near(metricValue(output, "average_precision"), 5.0 / 6));
        QVERIFY(near(metricValue(output, "accuracy_at_0.5"), 0.5));
        QVERIFY(near(metricValue(output, "accuracy_at_threshold"), 0.75));
        QVERIFY(near(output.details["threshold"]["value"].get<double>(), (scoreAt(0) + scoreAt(30)) / 2));
        QVERIFY(output.details["warnings"][0].get<std::string>().find("flatters") != std::string::npos);
        QCOMPARE(*findMetric(output.metrics, "roc_auc")->chance, 0.5);
        QVERIFY(findMetric(output.metrics, "roc_auc")->interval.has_value());
        QVERIFY(near(output.examples[1].parts["score"].get<double>(), scoreAt(30)));
        QCOMPARE(output.examples[1].correct, std::optional(false));
        QCOMPARE(output.examples[3].predictions[0].index, 0);
        QVERIFY(near(output.examples[3].predictions[0].score, 1 - scoreAt(90)));
    }

    void curvesRunFromCornerToCorner() {
        World world;
        world.addFour();
        const Json curves = world.run().details["curves"];
        QCOMPARE(curves[0]["id"].get<std::string>(), std::string("roc"));
        QCOMPARE(curves[0]["series"][0]["points"].dump(),
                 std::string("[[0.0,0.0],[0.0,0.5],[0.5,0.5],[0.5,1.0],[1.0,1.0]]"));
        QVERIFY(curves[0]["series"][1]["dashed"].get<bool>());
        const Json& precision = curves[1]["series"][0]["points"];
        QCOMPARE(precision.front().dump(), std::string("[0.0,1.0]"));
        QCOMPARE(precision.back().dump(), std::string("[1.0,0.5]"));
    }

    void manyPointsAreThinnedToTheLast() {
        World world;
        for (int i = 0; i < 2500; ++i)
            world.add(i % 2, i * 90.0 / 2500);
        const Json points = world.run({{"resamples", 100}}).details["curves"][0]["series"][0]["points"];
        QVERIFY(points.size() > 900 && points.size() < 1600);
        QCOMPARE(points.back().dump(), std::string("[1.0,1.0]"));
    }

    void theThresholdIsChosenOnTheTrainingSplit() {
        World world;
        world.addFour();
        world.add(1, 10, "Training");
        world.add(1, 65, "train2017");
        world.add(0, 80, "train");
        const TaskOutput output = world.run();
        QVERIFY(near(output.details["threshold"]["value"].get<double>(), (scoreAt(65) + scoreAt(80)) / 2));
        QCOMPARE(findMetric(output.metrics, "accuracy_at_0.5")->n, size_t{4});
        QVERIFY(near(metricValue(output, "accuracy_at_threshold"), 0.75));
        QCOMPARE(output.details["warnings"].size(), size_t{0});
        QCOMPARE(output.examples.size(), size_t{4});
        // A threshold that is given needs no training images; then they are measured too.
        QCOMPARE(findMetric(world.run({{"threshold", 0.9}}).metrics, "accuracy_at_0.5")->n, size_t{7});
    }

    void bothSidesTakePromptsOfTheirOwn() {
        World world;
        world.addFour();
        world.prompts = {{"felix", {0.9F, 0.1F}}, {"tom", {1, -0.2F}}, {"rex", {0, 1}}};
        const TaskOutput output = world.run({{"positive", " felix | tom |"}, {"negative", "rex"}});
        const double x = 0.9 / std::sqrt(0.82) + 1 / std::sqrt(1.04),
                     y = 0.1 / std::sqrt(0.82) - 0.2 / std::sqrt(1.04);
        const double cosine = x / std::sqrt(x * x + y * y);
        QVERIFY(
            near(output.examples[0].parts["score"].get<double>(), 1 / (1 + std::exp(-10 * cosine)), 1e-5));
    }

    void theFirstClassCanBePositive() {
        World world;
        world.addFour();
        const TaskOutput output = world.run({{"positive_class", "first"}});
        QVERIFY(near(metricValue(output, "roc_auc"), 0.75));
        QVERIFY(near(output.examples[0].parts["score"].get<double>(), 1 - scoreAt(0)));
    }

    void unlabelledAndUnreadableImagesAreNotMeasured() {
        World world;
        world.addFour();
        world.add(-1, 45);
        world.embeddings.unreadable = {4};
        world.add(0, 80);
        const TaskOutput output = world.run();
        QCOMPARE(findMetric(output.metrics, "accuracy_at_0.5")->n, size_t{4});
        QCOMPARE(output.examples.size(), size_t{6});
        QCOMPARE(output.examples[3].correct, std::optional<bool>());
        world.embeddings.unreadable = {1, 3};
        QCOMPARE(errorCodeOf([&] { world.run(); }), ErrorCode::Unreadable);
    }

    void previewGivesTheSameNumbers() {
        World world;
        world.addFour();
        const TaskOutput full = world.run(), preview = world.run(Json::object(), true);
        for (const Metric& metric : full.metrics)
            QCOMPARE(metricValue(preview, metric.name), metric.value);
        QVERIFY(!preview.metrics[0].interval && preview.examples.empty());
    }

    void unsuitableDatasetsSayWhy() {
        World world;
        const Task& task = findTask("zero-shot-binary");
        world.add(0, 1);
        QVERIFY(task.unsuitable(world.dataset).find("both classes") != std::string::npos);
        world.add(1, 1);
        QCOMPARE(task.unsuitable(world.dataset), std::string());
        world.dataset.classNames.push_back("c");
        QVERIFY(task.unsuitable(world.dataset).find("exactly two classes") != std::string::npos);
    }
};

QTEST_GUILESS_MAIN(TestZeroShotBinary)
#include "tst_zero_shot_binary.moc"
