// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/tasks/knn_probe.h"
#include "tests/support/fake_embeddings.h"
#include "tests/support/task_results.h"

#include <QTest>

using namespace diptych;
using diptych::test::errorCodeOf;
using diptych::test::FakeEmbeddings;
using diptych::test::metricValue;

namespace {

/// Images on the unit circle, placed by their angle.
struct World {
    TaskDataset dataset;
    FakeEmbeddings embeddings{2};

    World() {
        dataset.name = "circle";
        dataset.classNames = {"a", "b", "c"};
    }
    void add(int label, const std::string& split, double degrees, float length = 1) {
        const auto id = static_cast<int64_t>(dataset.samples.size()) + 1;
        dataset.samples.push_back({SampleId{id}, label, {}, split, {}});
        const double radians = degrees * 3.14159265358979 / 180;
        embeddings.imageRows[id] = {length * static_cast<float>(std::cos(radians)),
                                    length * static_cast<float>(std::sin(radians))};
    }
    /// One image of a at 10 degrees, two of b at 20 and 21, far off one of c.
    void addTrain() {
        add(0, "train", 10);
        add(1, "train", 20, 5);
        add(1, "train", 21);
        add(2, "train", 180);
    }
    TaskOutput run(const Json& params) {
        const Task task = knnProbeTask();
        const Json complete = completeParams(task.info, params);
        return task.run({dataset, embeddings, complete, false}, {});
    }
};

} // namespace

class TestKnnProbe : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void theNearestDecidesAlone() {
        World world;
        world.addTrain();
        world.add(0, "test", 9);
        world.add(1, "test", 14); // nearer to a, however long the vectors of b
        const TaskOutput output = world.run({{"k", 1}});
        QCOMPARE(metricValue(output, "top1"), 0.5);
        QCOMPARE(metricValue(output, "mean_per_class_recall"), 0.5);
        QCOMPARE(output.examples[1].predictions[0].index, 0);
        QCOMPARE(output.examples[1].predictions[0].score, 1.0F);
        QCOMPARE(output.details["probe"]["train"].get<int>(), 4);
        QVERIFY(findMetric(output.metrics, knnProbeTask().info.primaryMetric)->interval.has_value());
    }

    void theMajorityOutvotesTheNearest() {
        World world;
        world.addTrain();
        world.add(1, "test", 14);
        const TaskOutput output = world.run({{"k", 3}, {"vote", "majority"}});
        QCOMPARE(metricValue(output, "top1"), 1.0);
        QVERIFY(std::abs(output.examples[0].predictions[0].score - 2.0F / 3) < 1e-6);
        QCOMPARE(output.examples[0].predictions[1].index, 0);
    }

    void aLowTemperatureGivesTheNearestTheSay() {
        World world;
        world.addTrain();
        world.add(1, "test", 14);
        QCOMPARE(metricValue(world.run({{"k", 3}, {"temperature", 0.001}}), "top1"), 0.0);
        QCOMPARE(metricValue(world.run({{"k", 3}, {"temperature", 1}}), "top1"), 1.0);
    }

    void moreNeighboursThanImagesAreAllOfThem() {
        World world;
        world.addTrain();
        world.add(2, "test", 170);
        const TaskOutput output = world.run({{"k", 1000}, {"vote", "majority"}});
        QCOMPARE(output.examples[0].predictions.size(), size_t{3});
        QCOMPARE(output.examples[0].predictions[0].index, 1);
    }

    void untrainedClassesAndCopiesAreToldOf() {
        World world;
        world.dataset.classNames.push_back("d");
        world.addTrain();
        world.add(3, "test", 90);
        world.add(0, "test", 10);
        const TaskOutput output = world.run({{"near_duplicate", 1.0}});
        QCOMPARE(output.details["warnings"].size(), size_t{2});
        QCOMPARE(output.examples[0].correct, std::optional(false));
        QCOMPARE(output.details["probe"]["near_duplicates"]["count"].get<int>(), 1);
    }

    void badParametersAreNamed() {
        World world;
        world.addTrain();
        world.add(0, "test", 10);
        for (const char* params :
             {R"({"k": 0})", R"({"vote": "most"})", R"({"temperature": 0})", R"({"unit_length": true})"}) {
            std::string message;
            QCOMPARE(errorCodeOf([&] { world.run(Json::parse(params)); }, &message),
                     ErrorCode::InvalidArgument);
            const std::string name = Json::parse(params).begin().key();
            QVERIFY2(message.find(name) != std::string::npos, message.c_str());
        }
    }
};

QTEST_GUILESS_MAIN(TestKnnProbe)
#include "tst_knn_probe.moc"
