// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/tasks/zero_shot_multilabel.h"
#include "tests/support/fake_embeddings.h"
#include "tests/support/task_results.h"

#include <QTest>

using namespace diptych;
using diptych::test::errorCodeOf;
using diptych::test::FakeEmbeddings;
using diptych::test::metricValue;

namespace {

/// Classes a, b, c on the axes; images in the plane of a and b. Nothing shows c.
struct World {
    TaskDataset dataset;
    FakeEmbeddings embeddings{3};

    World() {
        dataset.name = "plane";
        dataset.classNames = {"a", "b", "c"};
        embeddings.textRow = [](const std::string& text) -> std::vector<float> {
            return {text.ends_with(" a") ? 1.0F : 0.0F, text.ends_with(" b") ? 1.0F : 0.0F,
                    text.ends_with(" c") ? 1.0F : 0.0F};
        };
    }
    void add(const Json& labels, std::vector<float> row) {
        const auto id = static_cast<int64_t>(dataset.samples.size()) + 1;
        TaskSample sample{SampleId{id}, -1, {}, "", {}};
        if (!labels.is_null())
            sample.attributes = {{"labels", labels}};
        dataset.samples.push_back(std::move(sample));
        embeddings.imageRows[id] = std::move(row);
    }
    void addFour() {
        add({0}, {1, 0, 0});
        add({1}, {0.8F, 0.6F, 0});
        add({0, 1}, {0.6F, 0.8F, 0});
        add(Json::array(), {0, 1, 0});
    }
    TaskOutput run(Json params = Json::object(), bool preview = false) {
        params["templates"] = Json::array({"a photo of {}"});
        const Task task = zeroShotMultilabelTask();
        const Json complete = completeParams(task.info, params);
        return task.run({dataset, embeddings, complete, preview}, {});
    }
};

bool near(double a, double b) {
    return std::abs(a - b) < 1e-9;
}

} // namespace

class TestZeroShotMultilabel : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void precisionsAreThoseOfTheGeometry() {
        // a ranks its images 1st and 3rd: (1 + 2/3) / 2; b ranks its own 2nd and 3rd: (1/2 + 2/3) / 2.
        World world;
        world.addFour();
        const TaskOutput output = world.run();
        const Metric& map = *findMetric(output.metrics, "map");
        QVERIFY(near(map.value, (5.0 / 6 + 7.0 / 12) / 2));
        QVERIFY(near(*map.chance, 0.5));
        QCOMPARE(map.n, size_t{4});
        QVERIFY(map.interval && map.interval->low < map.value && map.value < map.interval->high);
        const Metric& first = *findMetric(output.metrics, "top1_among_labels");
        QVERIFY(near(first.value, 2.0 / 3));
        QVERIFY(near(*first.chance, (1.0 / 3 + 1.0 / 3 + 2.0 / 3) / 3));
        const Json& rows = output.details["tables"][0]["rows"];
        QCOMPARE(rows.size(), size_t{3});
        QVERIFY(near(rows[0][2].get<double>(), 5.0 / 6));
        QVERIFY(rows[2][2].is_null());
        QCOMPARE(output.examples[0].correct, std::optional(true));
        QCOMPARE(output.examples[1].correct, std::optional(false));
        QCOMPARE(output.examples[3].correct, std::optional<bool>());
        QCOMPARE(output.examples[2].parts["labels"].dump(), std::string("[0,1]"));
        // Its labels' average precision among the classes: b stands second in the second image.
        QCOMPARE(output.examples[0].score, std::optional(1.0));
        QCOMPARE(output.examples[1].score, std::optional(0.5));
        QCOMPARE(output.examples[2].score, std::optional(1.0));
        QVERIFY(!output.examples[3].score);
    }

    void predictionsCarryProbabilities() {
        World world;
        world.addFour();
        const double e = std::exp(-10.0);
        for (const char* score : {"cosine", "softmax"})
            QVERIFY(std::abs(world.run({{"score", score}}).examples[0].predictions[0].score -
                             1 / (1 + 2 * e)) < 1e-6);
    }

    void softmaxRanksByTheShareOfAClass() {
        // The first image is nearer to a than the second (0.72, 0.6), but nearly as near to b.
        World world;
        world.add({1}, {0.72F, 0.69F, 0});
        world.add({0}, {0.6F, 0, -0.8F});
        QVERIFY(metricValue(world.run(), "map") < 1);
        QVERIFY(near(metricValue(world.run({{"score", "softmax"}}), "map"), 1));
    }

    void imagesThatDoNotSayCountNowhere() {
        World world;
        world.addFour();
        const double before = metricValue(world.run(), "map");
        world.add(Json(), {0, 1, 0});
        const TaskOutput output = world.run();
        QCOMPARE(metricValue(output, "map"), before);
        QCOMPARE(output.examples.size(), size_t{5});
        QCOMPARE(output.examples[4].predictions[0].index, 1);
    }

    void strangeLabelsArePassedOver() {
        World world;
        world.addFour();
        const double before = metricValue(world.run(), "map");
        world.dataset.samples[0].attributes["labels"] = {0, 0, -1, 99, "x", 1.5};
        QCOMPARE(metricValue(world.run(), "map"), before);
    }

    void unreadableImagesAreLeftOut() {
        World world;
        world.addFour();
        world.embeddings.unreadable = {4};
        const TaskOutput output = world.run();
        QCOMPARE(findMetric(output.metrics, "map")->n, size_t{3});
        QCOMPARE(output.examples.back().status, ExampleStatus::Unreadable);
        world.embeddings.unreadable = {1, 2, 3};
        QCOMPARE(errorCodeOf([&] { world.run(); }), ErrorCode::Unreadable);
    }

    void previewGivesTheSameNumbers() {
        World world;
        world.addFour();
        const TaskOutput preview = world.run(Json::object(), true);
        QCOMPARE(metricValue(preview, "map"), metricValue(world.run(), "map"));
        QVERIFY(!preview.metrics[0].interval && preview.examples.empty());
    }

    void unsuitableDatasetsSayWhy() {
        World world;
        const Task& task = findTask("zero-shot-multilabel");
        world.add(Json(), {1, 0, 0});
        QVERIFY(task.unsuitable(world.dataset).find("cat|dog in CSV") != std::string::npos);
        world.add(Json::array(), {1, 0, 0});
        QVERIFY(task.unsuitable(world.dataset).find("any class") != std::string::npos);
        world.add({1}, {1, 0, 0});
        QCOMPARE(task.unsuitable(world.dataset), std::string());
        world.dataset.classNames = {"a"};
        QVERIFY(task.unsuitable(world.dataset).find("two classes") != std::string::npos);
    }

    void elevenPointsGiveAnotherMean() {
        World world;
        world.addFour();
        const TaskOutput area = world.run(), points = world.run({{"average_precision", "11-point"}});
        QVERIFY(metricValue(points, "map") != metricValue(area, "map"));
        QVERIFY(metricValue(points, "map") >=
                metricValue(area, "map")); // the best from there on, not that there
        QVERIFY(points.metrics[0].interval->high >= metricValue(points, "map"));
        const Task& task = findTask("zero-shot-multilabel");
        QCOMPARE(task.protocols("VOC2007")[0].params["templates"].get<std::string>(), std::string("voc2007"));
    }
};

QTEST_GUILESS_MAIN(TestZeroShotMultilabel)
#include "tst_zero_shot_multilabel.moc"
