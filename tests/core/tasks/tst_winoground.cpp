// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/metrics/bootstrap.h"
#include "core/tasks/winoground.h"
#include "tests/support/fake_embeddings.h"

#include <QTest>

#include <cmath>
#include <map>

using namespace diptych;
using diptych::test::FakeEmbeddings;

namespace {

/// Directions in the plane; the cosine of two is that of the angle between them.
std::vector<float> atDegrees(double angle) {
    const double radians = angle * 3.14159265358979 / 180;
    return {static_cast<float>(std::cos(radians)), static_cast<float>(std::sin(radians))};
}

/// Images and captions at angles; captions are called by their angle.
struct World {
    TaskDataset dataset;
    FakeEmbeddings embeddings{2};

    World() {
        dataset.name = "angles";
        embeddings.textRow = [](const std::string& text) { return atDegrees(std::stod(text)); };
    }
    int64_t add(double image, const std::string& caption, Json attributes) {
        const auto id = static_cast<int64_t>(dataset.samples.size()) + 11;
        TaskSample sample;
        sample.id = SampleId{id};
        sample.captions = {caption};
        sample.attributes = std::move(attributes);
        dataset.samples.push_back(std::move(sample));
        embeddings.imageRows[id] = atDegrees(image);
        return id;
    }
    void addPair(const std::string& id, double image0, double image1, const std::string& caption0,
                 const std::string& caption1, const std::string& tag = "") {
        Json attributes = {{"pair", id}, {"side", 0}, {"collapsed_tag", tag}, {"num_main_preds", 1}};
        add(image0, caption0, attributes);
        attributes["side"] = 1;
        add(image1, caption1, attributes);
    }
    TaskOutput run(const Json& params = Json::object(), bool preview = false,
                   const RunContext& context = {}) {
        const Task task = winogroundTask();
        const Json complete = completeParams(task.info, params);
        return task.run({dataset, embeddings, complete, preview}, context);
    }
};

double value(const TaskOutput& output, const char* name) {
    const Metric* metric = findMetric(output.metrics, name);
    return metric ? metric->value : std::nan("");
}

const Json* tableOf(const TaskOutput& output, const std::string& title) {
    for (const Json& table : output.details["tables"])
        if (table["title"] == title)
            return &table;
    return nullptr;
}

} // namespace

class TestWinoground : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void scoresAreThoseOfTheGeometry() {
        World world;
        world.addPair("all", 0, 60, "0", "60", "Object");
        world.addPair("close", 50, 70, "55", "66", "Object");
        world.addPair("swapped", 60, 0, "0", "60", "Relation");
        const TaskOutput output = world.run();
        QCOMPARE(output.metrics.size(), size_t(3));
        QCOMPARE(value(output, "text_score"), 2.0 / 3);
        QCOMPARE(value(output, "image_score"), 2.0 / 3);
        QCOMPARE(value(output, "group_score"), 2.0 / 3);
        QCOMPARE(output.metrics[0].chance.value(), 0.25);
        QCOMPARE(output.metrics[2].chance.value(), 1.0 / 6);
        for (const Metric& metric : output.metrics) {
            QCOMPARE(metric.n, size_t(3));
            QVERIFY(metric.interval && metric.interval->low <= metric.value &&
                    metric.interval->high >= metric.value && metric.interval->low < metric.interval->high);
        }
    }

    void textAndImageScoreDiffer() {
        World world;
        // Image 0 is at 0, image 1 at 10; captions at 4 and 30. Image 0 prefers 4, and so does image 1
        // (6 against 20): no text score. Caption 4 prefers image 0 (4 against 6), caption 30 image 1.
        world.addPair("image only", 0, 10, "4", "30");
        // The same with roles exchanged: text score, no image score.
        world.addPair("text only", 4, 30, "0", "10");
        const TaskOutput output = world.run();
        QCOMPARE(value(output, "text_score"), 0.5);
        QCOMPARE(value(output, "image_score"), 0.5);
        QCOMPARE(value(output, "group_score"), 0.0);
        const Json& pair = output.examples[0].parts["pair"];
        QVERIFY(!pair["text"].get<bool>() && pair["image"].get<bool>() && !pair["group"].get<bool>());
        QCOMPARE(output.examples[0].correct, std::optional<bool>(false));
        const Json& other = output.examples[3].parts["pair"];
        QVERIFY(other["text"].get<bool>() && !other["image"].get<bool>());
    }

    /// As the geometry has it, but by a model that looks at both together: no embeddings are asked for.
    void matchingJudgesBySuchAModel() {
        World world;
        world.addPair("all", 0, 60, "0", "60", "Object");
        world.addPair("swapped", 60, 0, "0", "60", "Relation");
        world.addPair("unreadable", 0, 60, "0", "60");
        world.embeddings.unreadable.insert(16);
        world.embeddings.pairScore = [&](int64_t image, const std::string& text) {
            return world.embeddings.imageRows.at(image)[0] > 0.9F ? 30 - std::stod(text)
                                                                  : std::stod(text) - 30;
        };
        const TaskOutput output = world.run({{"scorer", "matching"}});
        QCOMPARE(value(output, "group_score"), 0.5);
        QCOMPARE(output.metrics[0].n, size_t(2));
        const Json& pair = output.examples[0].parts["pair"];
        QVERIFY(pair["scores"] == Json({{30, -30}, {-30, 30}}));
        QVERIFY(pair["scorer"] == "matching");
        QVERIFY(output.examples[4].status == ExampleStatus::Skipped);
        QVERIFY(output.examples[5].status == ExampleStatus::Unreadable);
        QCOMPARE(world.embeddings.imageCalls + world.embeddings.textCalls, 0);
        QCOMPARE(world.embeddings.matchCalls, 1);
        const TaskInfo info = winogroundTask().info;
        const Faces matching = info.needsModel(completeParams(info, {{"scorer", "matching"}}));
        QVERIFY(matching.matching && !matching.imageEmbeddings);
        QVERIFY(!info.needsModel(completeParams(info, Json::object())).matching);
    }

    void tiesAreWrong() {
        World world;
        world.addPair("tie", 0, 0, "5", "5");
        const TaskOutput output = world.run();
        QCOMPARE(value(output, "text_score"), 0.0);
        QCOMPARE(value(output, "image_score"), 0.0);
    }

    void partsHoldTheFourScores() {
        World world;
        world.addPair("p", 0, 60, "10", "80", "Object");
        const TaskOutput output = world.run();
        QCOMPARE(output.examples.size(), size_t(2));
        QVERIFY(output.examples[0].parts == output.examples[1].parts);
        QCOMPARE(output.examples[0].score, std::optional(1.0));
        for (const ExampleResult& example : output.examples)
            QCOMPARE(example.cluster, int64_t(11));
        const Json& pair = output.examples[1].parts["pair"];
        QCOMPARE(pair["id"].get<std::string>(), std::string("p"));
        QVERIFY(pair["images"] == Json({11, 12}));
        QVERIFY(pair["captions"] == Json({"10", "80"}));
        QCOMPARE(pair["tag"].get<std::string>(), std::string("Object"));
        const double expected[2][2] = {{10, 50}, {80, 20}}; // degrees, by caption and image
        for (size_t c = 0; c < 2; ++c)
            for (size_t i = 0; i < 2; ++i)
                QVERIFY(std::abs(pair["scores"][c][i].get<double>() -
                                 std::cos(expected[c][i] * 3.14159265358979 / 180)) < 1e-6);
    }

    void scoresByTag() {
        World world;
        world.addPair("1", 0, 60, "0", "60", "Object");
        world.addPair("2", 60, 0, "0", "60", "Object");
        world.addPair("3", 0, 60, "0", "60", "Relation");
        const TaskOutput output = world.run();
        const Json* table = tableOf(output, "By what is swapped");
        QVERIFY(table);
        QVERIFY((*table)["rows"] == Json({{"Object", 2, 0.5, 0.5, 0.5}, {"Relation", 1, 1.0, 1.0, 1.0}}));
        QVERIFY((*tableOf(output, "By number of main predicates"))["rows"][0][0] == "1");
        QVERIFY(!tableOf(output, "By secondary tag"));
        const Json* scores = tableOf(output, "Scores");
        QVERIFY(scores);
        QCOMPARE((*scores)["rows"].size(), size_t(2)); // no human scores: this is not the published data
        QVERIFY((*scores)["rows"][1] == Json({"Chance", nullptr, 0.25, 0.25, 1.0 / 6}));
    }

    void humanScoresBelongToThePublishedData() {
        World world;
        world.embeddings.textRow = [](const std::string& text) { return atDegrees(text.size()); };
        for (int i = 0; i < 400; ++i)
            world.addPair(std::to_string(i), 0, 60, i == 0 ? "an old person kisses a young person" : "x", "y",
                          "Object");
        const Json rows = (*tableOf(world.run({{"resamples", 100}}), "Scores"))["rows"];
        QCOMPARE(rows.size(), size_t(3));
        QVERIFY(rows[2] == Json({"Humans, as published", 400, 0.895, 0.885, 0.855}));
        world.dataset.samples[0].captions = {"another"};
        QCOMPARE((*tableOf(world.run({{"resamples", 100}}), "Scores"))["rows"].size(), size_t(2));
    }

    void oneImageHasATextScoreOnly() {
        World world;
        world.add(0, "10", {{"pair", "a"}, {"wrong_captions", {"20"}}, {"tag", "swap_att"}});
        world.add(0, "20", {{"pair", "b"}, {"wrong_captions", {"10"}}, {"tag", "swap_att"}});
        world.add(0, "5", {{"pair", "c"}, {"wrong_captions", {"10", "5"}}, {"tag", "add_obj"}}); // a tie
        world.add(0, "5", {{"pair", "d"}, {"wrong_captions", {"10", "6"}}, {"tag", "add_obj"}});
        const TaskOutput output = world.run();
        QCOMPARE(output.metrics.size(), size_t(1));
        QCOMPARE(value(output, "text_score"), 0.5);
        QCOMPARE(output.metrics[0].chance.value(), (0.5 + 0.5 + 1.0 / 3 + 1.0 / 3) / 4);
        const Json& pair = output.examples[3].parts["pair"];
        QVERIFY(pair["images"] == Json::array({14}));
        QCOMPARE(pair["scores"].size(), size_t(3));
        QCOMPARE(pair["scores"][0].size(), size_t(1));
        QVERIFY(pair["image"].is_null() && pair["group"].is_null() && pair["text"].get<bool>());
        QCOMPARE(output.examples[2].correct, std::optional<bool>(false));
        QVERIFY((*tableOf(output, "By tag"))["rows"] == Json({{"add_obj", 2, 0.5}, {"swap_att", 2, 0.5}}));
        QCOMPARE((*tableOf(output, "Scores"))["columns"].size(), size_t(3));
    }

    void anUnreadableImageTakesItsPairWithIt() {
        World world;
        world.addPair("whole", 0, 60, "0", "60");
        world.addPair("half", 0, 60, "0", "60");
        world.add(0, "3", Json());
        world.embeddings.unreadable = {14};
        const TaskOutput output = world.run();
        QCOMPARE(findMetric(output.metrics, "group_score")->n, size_t(1));
        QCOMPARE(output.examples.size(), size_t(5));
        QCOMPARE(output.examples[2].status, ExampleStatus::Skipped);
        QVERIFY(output.examples[2].message.find("other image") != std::string::npos);
        QCOMPARE(output.examples[3].message, std::string("belongs to no pair"));
        QCOMPARE(output.examples[4].status, ExampleStatus::Unreadable);
        world.embeddings.unreadable = {12, 14};
        try {
            world.run();
            QFAIL("no error");
        } catch (const Error& error) {
            QCOMPARE(error.code(), ErrorCode::Unreadable);
            QVERIFY(std::string(error.what()).find("broken.png") != std::string::npos);
        }
    }

    void prefixGoesBeforeCaptions() {
        World world;
        world.addPair("p", 0, 60, "0", "60");
        std::vector<std::string> asked;
        world.embeddings.textRow = [&](const std::string& text) {
            asked.push_back(text);
            return atDegrees(0);
        };
        world.run({{"prefix", "a photo of "}}, true);
        QCOMPARE(asked, (std::vector<std::string>{"a photo of 0", "a photo of 60"}));
    }

    void whatCannotRunIsSaid() {
        const Task task = winogroundTask();
        World world;
        world.add(0, "1", Json());
        world.add(0, "1", {{"pair", "a"}, {"side", 0}});
        world.add(0, "1", {{"pair", 3}, {"side", "x"}});
        QVERIFY(task.unsuitable(world.dataset).find("no pairs") != std::string::npos);
        world.add(0, "1", {{"pair", "a"}, {"side", 1}});
        QVERIFY(task.unsuitable(world.dataset).empty());
        QCOMPARE(findTask("winoground").info.primaryMetric, std::string("group_score"));
    }

    void intervalsDrawPairs() {
        World world;
        std::vector<double> right;
        for (int i = 0; i < 20; ++i) {
            world.addPair(std::to_string(i), i % 3 ? 0 : 60, i % 3 ? 60 : 0, "0", "60");
            right.push_back(i % 3 ? 1 : 0);
        }
        RunContext context;
        context.seed = 5;
        const auto output = world.run({{"resamples", 300}}, false, context);
        BootstrapOptions options;
        options.resamples = 300;
        QVERIFY(output.metrics[2].interval == bootstrapMean(right, options, context));
    }
};

QTEST_GUILESS_MAIN(TestWinoground)
#include "tst_winoground.moc"
