// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/tasks/clipscore.h"
#include "tests/support/fake_embeddings.h"
#include "tests/support/task_results.h"

#include <QTest>

#include <map>

using namespace diptych;
using diptych::test::errorCodeOf;
using diptych::test::FakeEmbeddings;
using diptych::test::metricValue;

namespace {

/// All images lie at (1, 0).
struct World {
    TaskDataset dataset;
    FakeEmbeddings embeddings{2};
    std::map<std::string, std::vector<float>> texts = {
        {"near", {0.6F, 0.8F}}, {"opposite", {-1, 0}}, {"reference", {0.8F, 0.6F}}, {"across", {0, 1}}};

    World() {
        dataset.name = "captions";
        embeddings.textRow = [this](const std::string& text) { return texts.at(text); };
    }
    void add(const char* candidate, std::vector<std::string> references) {
        const auto id = static_cast<int64_t>(dataset.samples.size()) + 1;
        TaskSample sample{SampleId{id}, -1, std::move(references), "", {}};
        if (candidate)
            sample.attributes = {{"candidate", candidate}};
        dataset.samples.push_back(std::move(sample));
        embeddings.imageRows[id] = {1, 0};
    }
    TaskOutput run(const Json& params = {{"prefix", ""}}) {
        const Task task = clipScoreTask();
        const Json complete = completeParams(task.info, params);
        return task.run({dataset, embeddings, complete, false}, {});
    }
};

bool near(double a, double b) {
    return std::abs(a - b) < 1e-6;
}

} // namespace

class TestClipScore : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void scoresAreThePapers() {
        World world;
        world.add("near", {"across", "reference"}); // cosines 0.6, and 0.8 and 0.96 with the references
        world.add("opposite", {});                  // -1, clipped
        const TaskOutput output = world.run();
        const double reference = 2 * 1.5 * 0.96 / (1.5 + 0.96);
        QVERIFY(near(metricValue(output, "clipscore"), 0.75));
        QVERIFY(near(metricValue(output, "refclipscore"), reference));
        QCOMPARE(findMetric(output.metrics, "clipscore")->n, size_t{2});
        QCOMPARE(findMetric(output.metrics, "refclipscore")->n, size_t{1});
        QVERIFY(findMetric(output.metrics, "clipscore")->interval.has_value());
        QVERIFY(near(output.examples[0].parts["clipscore"].get<double>(), 1.5));
        QVERIFY(near(output.examples[0].parts["refclipscore"].get<double>(), reference));
        QCOMPARE(output.examples[0].parts["candidate"].get<std::string>(), std::string("near"));
        QVERIFY(!output.examples[1].parts.contains("refclipscore"));
        QVERIFY(near(*output.examples[0].score, 1.5) && near(test::meanScore(output), 0.75));
        const Json& rows = output.details["tables"][0]["rows"];
        QCOMPARE(rows[0][0].get<std::string>(), std::string("opposite"));
        QVERIFY(rows[0][2].is_null());
        QVERIFY(near(rows[1][1].get<double>(), 1.5));
    }

    /// Each image has a good and a bad candidate: whichever images are drawn, the mean is the same.
    void candidatesOfAnImageAreDrawnTogether() {
        World world;
        for (int image = 0; image < 4; ++image) {
            for (const char* candidate : {"near", "opposite"}) {
                world.add(candidate, {"reference"});
                world.embeddings.contents[static_cast<int64_t>(world.dataset.samples.size())] =
                    "image " + std::to_string(image);
            }
        }
        const auto width = [&](const char* name) {
            const Interval interval = *findMetric(world.run().metrics, name)->interval;
            return interval.high - interval.low;
        };
        QVERIFY(near(width("clipscore"), 0));
        QVERIFY(near(width("refclipscore"), 0));
        const std::vector<ExampleResult> examples = world.run().examples;
        for (size_t i = 0; i < examples.size(); ++i)
            QCOMPARE(examples[i].cluster, examples[i / 2 * 2].sample.value);
        world.embeddings.contents.clear();
        QVERIFY(width("clipscore") > 0.3);
    }

    void withoutReferencesThereIsNoReferenceScore() {
        World world;
        world.add("near", {});
        QVERIFY(!findMetric(world.run().metrics, "refclipscore"));
    }

    void thePublishedPrefixIsTheDefault() {
        World world;
        world.add("near", {"reference"});
        world.texts = {{"A photo depicts near", {1, 0}}, {"A photo depicts reference", {1, 0}}};
        const TaskOutput output = world.run(Json::object());
        QVERIFY(near(metricValue(output, "clipscore"), 2.5));
        QVERIFY(near(metricValue(output, "refclipscore"), 2 * 2.5 / 3.5));
    }

    void theWeightIsAParameter() {
        World world;
        world.add("near", {});
        QVERIFY(near(metricValue(world.run({{"prefix", ""}, {"weight", 1}}), "clipscore"), 0.6));
    }

    void imagesWithoutCandidatesAreSkippedAndUnreadableOnesTold() {
        World world;
        world.add("near", {});
        world.add(nullptr, {"reference"});
        world.add("near", {});
        world.embeddings.unreadable = {3};
        const TaskOutput output = world.run();
        QCOMPARE(output.examples.size(), size_t{3});
        QCOMPARE(output.examples[1].status, ExampleStatus::Skipped);
        QCOMPARE(output.examples[1].sample.value, int64_t{2});
        QCOMPARE(output.examples[2].status, ExampleStatus::Unreadable);
        world.embeddings.unreadable = {1, 3};
        std::string message;
        QCOMPARE(errorCodeOf([&] { world.run(); }, &message), ErrorCode::Unreadable);
        QVERIFY(message.find("truncated") != std::string::npos);
    }

    void unsuitableDatasetsSayWhy() {
        World world;
        const Task& task = findTask("clipscore");
        world.add(nullptr, {"reference"});
        QVERIFY(task.unsuitable(world.dataset).find("candidate") != std::string::npos);
        world.add("near", {});
        QCOMPARE(task.unsuitable(world.dataset), std::string());
    }
};

QTEST_GUILESS_MAIN(TestClipScore)
#include "tst_clipscore.moc"
