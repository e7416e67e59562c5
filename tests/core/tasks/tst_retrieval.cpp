// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/metrics/bootstrap.h"
#include "core/tasks/retrieval.h"
#include "core/text/caption_cleaning.h"
#include "tests/support/error_code.h"
#include "tests/support/fake_embeddings.h"

#include <QTest>

#include <cmath>
#include <map>

using namespace diptych;
using diptych::test::errorCodeOf;
using diptych::test::FakeEmbeddings;

namespace {

/// Images and captions are placed one by one; captions are found by their text.
struct World {
    TaskDataset dataset;
    FakeEmbeddings embeddings{3};
    std::map<std::string, std::vector<float>> captionRows;

    World() {
        dataset.name = "axes";
        embeddings.textRow = [this](const std::string& text) { return captionRows.at(text); };
    }
    void add(std::vector<float> row, std::vector<std::pair<std::string, std::vector<float>>> captions) {
        const auto id = static_cast<int64_t>(dataset.samples.size()) + 11;
        TaskSample sample;
        sample.id = SampleId{id};
        for (auto& [text, captionRow] : captions) {
            sample.captions.push_back(text);
            captionRows[text] = std::move(captionRow);
        }
        dataset.samples.push_back(std::move(sample));
        embeddings.imageRows[id] = std::move(row);
    }
    /// Worked out by hand in metricsAreThoseOfTheGeometry().
    void addThree() {
        add({1, 0, 0}, {{"a0", {1, 0, 0}}, {"a1", {0.6F, 0.8F, 0}}});
        add({0, 1, 0}, {{"b0", {0.8F, 0.6F, 0}}});
        add({0, 0, 1}, {{"c0", {0, 0.28F, 0.96F}}});
    }
    TaskOutput run(const Json& params = Json::object(), bool preview = false,
                   const RunContext& context = {}) {
        const Task task = retrievalTask();
        const Json complete = completeParams(task.info, params);
        return task.run({dataset, embeddings, complete, preview}, context);
    }
};

std::vector<float> atDegrees(double angle) {
    const double radians = angle * 3.14159265358979 / 180;
    return {static_cast<float>(std::cos(radians)), static_cast<float>(std::sin(radians)), 0};
}

double value(const TaskOutput& output, const char* name) {
    const Metric* metric = findMetric(output.metrics, name);
    return metric ? metric->value : std::nan("");
}

bool near(double a, double b) {
    return std::abs(a - b) < 1e-12;
}

} // namespace

class TestRetrieval : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void metricsAreThoseOfTheGeometry() {
        // Cosines        a0   a1   b0   c0
        //   image A      1    .6   .8   0      its captions stand first and third
        //   image B      0    .8   .6   .28    its caption stands second
        //   image C      0    0    0    .96    first
        // and by column: a0 finds A first, a1 second (B), b0 second (A), c0 first.
        World world;
        world.addThree();
        const TaskOutput output = world.run();
        QCOMPARE(value(output, "image_retrieval_recall@1"), 2.0 / 4);
        QCOMPARE(value(output, "image_retrieval_recall@5"), 1.0);
        QCOMPARE(value(output, "text_retrieval_recall@1"), 2.0 / 3);
        QCOMPARE(value(output, "text_to_image_median_rank"), 1.5);
        QCOMPARE(value(output, "image_to_text_median_rank"), 1.0);
        QCOMPARE(value(output, "map_at_r"), (0.5 + 0 + 1) / 3);
        const Metric& images = *findMetric(output.metrics, "image_retrieval_recall@1");
        const Metric& texts = *findMetric(output.metrics, "text_retrieval_recall@1");
        QCOMPARE(images.n, size_t{4});
        QCOMPARE(texts.n, size_t{3});
        QVERIFY(near(*images.chance, 1.0 / 3));
        QVERIFY(near(*texts.chance, (0.5 + 0.25 + 0.25) / 3));
        const Metric& median = *findMetric(output.metrics, "text_to_image_median_rank");
        QVERIFY(!median.higherIsBetter);
        QCOMPARE(*median.chance, 2.0);
        QVERIFY(findMetric(output.metrics, retrievalTask().info.primaryMetric));
    }

    void reRankingOrdersTheFirstByMatches() {
        World world;
        world.addThree(); // by embeddings b finds a1 before its own b0
        world.embeddings.pairScore = [](int64_t image, const std::string& text) {
            return text == std::string(1, static_cast<char>('a' + image - 11)) + "0" ? 5.0 : -1.0;
        };
        const TaskOutput output = world.run({{"rerank", 2}});
        const ExampleResult& b = output.examples[1];
        QCOMPARE(b.parts["rank"].get<int>(), 1);
        QCOMPARE(b.parts["best"].dump(), std::string("[[12,0,5.0],[11,1,-1.0]]"));
        QVERIFY(b.parts["scorer"] == "matching");
        QCOMPARE(value(output, "text_retrieval_recall@1"), 1.0);
        const Json& rows = output.details["tables"][0]["rows"];
        QVERIFY(near(rows[3][1].get<double>(), 2.0 / 3) && near(rows[3][2].get<double>(), 1.0));
        QCOMPARE(world.embeddings.matchCalls, 1);
        QVERIFY(!world.run().details.contains("tables"));
        const TaskInfo info = retrievalTask().info;
        QVERIFY(info.needsModel(completeParams(info, {{"rerank", 2}})).matching);
        QVERIFY(!info.needsModel(completeParams(info, Json::object())).matching);
    }

    void scoreIsTheShareOfCaptionsThatFindTheImageInFive() {
        World world;
        world.add(atDegrees(0), {{"own", atDegrees(0)}, {"another's", atDegrees(70)}}); // last of eight
        for (int i = 1; i < 8; ++i)
            world.add(atDegrees(10 * i), {{std::to_string(i), atDegrees(10 * i)}});
        world.add(atDegrees(90), {});
        const TaskOutput output = world.run();
        QCOMPARE(output.examples[0].score, std::optional(0.5));
        QCOMPARE(output.examples[1].score, std::optional(1.0));
        QVERIFY(!output.examples[8].score);
        QVERIFY(near(value(output, "image_retrieval_recall@5"), 8.0 / 9));
    }

    void ranksOfEveryImageAreKept() {
        World world;
        world.addThree();
        const TaskOutput output = world.run({{"keep", 2}});
        QCOMPARE(output.examples.size(), size_t{3});
        const ExampleResult &a = output.examples[0], &b = output.examples[1];
        QCOMPARE(a.correct, std::optional(true));
        QCOMPARE(b.correct, std::optional(false));
        QVERIFY(a.predictions.empty());
        QCOMPARE(a.score, std::optional(1.0));
        QCOMPARE(a.parts["rank"].get<int>(), 1);
        QCOMPARE(a.parts["caption_ranks"].dump(), std::string("[1,2]"));
        QCOMPARE(b.parts["rank"].get<int>(), 2);
        QCOMPARE(b.parts["caption_ranks"].dump(), std::string("[2]"));
        // The images that beat a caption: none for the one that finds its own first.
        QCOMPARE(a.parts["images_before"].size(), size_t{2});
        QVERIFY(a.parts["images_before"][0].empty());
        QCOMPARE(a.parts["images_before"][1].size(), size_t{1});
        QVERIFY(a.parts["images_before"][1][0][0] != a.sample.value);
        QCOMPARE(b.parts["images_before"][0].size(), size_t{1});
        QVERIFY(b.parts["images_before"][0][0][0] != b.sample.value);
        // B's best caption is the second of A's, then its own only one.
        QCOMPARE(b.parts["best"].size(), size_t{2});
        QCOMPARE(b.parts["best"][0][0].get<int>(), 11);
        QCOMPARE(b.parts["best"][0][1].get<int>(), 1);
        QVERIFY(std::abs(b.parts["best"][0][2].get<double>() - 0.8) < 1e-6);
        QCOMPARE(b.parts["best"][1][0].get<int>(), 12);
        QCOMPARE(b.parts["best"][1][1].get<int>(), 0);
        QCOMPARE(output.details["retrieval"]["captions"].get<int>(), 4);
        QCOMPARE(output.details["retrieval"]["images"].get<int>(), 3);
    }

    void recallGrowsWithThePlacesAllowed() {
        // Images fan out from the one direction all captions have, so the caption of image i finds it in
        // place i + 1; for the images all captions tie, which counts against the model.
        World world;
        for (int i = 0; i < 12; ++i)
            world.add(atDegrees(5 * i), {{std::to_string(i), {1, 0, 0}}});
        const TaskOutput output = world.run();
        QCOMPARE(value(output, "image_retrieval_recall@1"), 1.0 / 12);
        QCOMPARE(value(output, "image_retrieval_recall@5"), 5.0 / 12);
        QCOMPARE(value(output, "image_retrieval_recall@10"), 10.0 / 12);
        QCOMPARE(value(output, "text_to_image_median_rank"), 6.5);
        QCOMPARE(value(output, "text_retrieval_recall@10"), 0.0);
        QCOMPARE(value(output, "image_to_text_median_rank"), 12.0);
        QVERIFY(near(*findMetric(output.metrics, "image_retrieval_recall@5")->chance, 5.0 / 12));
    }

    void chanceCountsAllCaptionsOfAnImage() {
        World world;
        for (int i = 0; i < 12; ++i)
            world.add(atDegrees(5 * i),
                      {{std::to_string(i), atDegrees(5 * i)}, {std::to_string(i) + "x", atDegrees(5 * i)}});
        // 1 - C(22, 5) / C(24, 5)
        const double expected = 1 - 19.0 * 18 / (24 * 23);
        QVERIFY(near(*findMetric(world.run().metrics, "text_retrieval_recall@5")->chance, expected));
    }

    void captionsOfAnImageAreDrawnTogether() {
        World world;
        std::vector<double> hits;
        std::vector<int64_t> clusters;
        for (int i = 0; i < 10; ++i) {
            std::vector<std::pair<std::string, std::vector<float>>> captions;
            for (int k = 0; k < 5; ++k) {
                captions.emplace_back(std::to_string(i) + "." + std::to_string(k),
                                      atDegrees(i % 2 ? 9 * i : 9 * ((i + 2) % 10)));
                hits.push_back(i % 2);
                clusters.push_back(i);
            }
            world.add(atDegrees(9 * i), captions);
        }
        const TaskOutput output = world.run();
        const Metric& metric = *findMetric(output.metrics, "image_retrieval_recall@1");
        QCOMPARE(metric.value, 0.5);
        BootstrapOptions options;
        const Interval apart = bootstrapMean(hits, options, {});
        options.clusters = clusters;
        const Interval together = bootstrapMean(hits, options, {});
        QVERIFY(metric.interval == together);
        QVERIFY(together.high - together.low > 1.5 * (apart.high - apart.low));
        for (const Metric& each : output.metrics)
            QVERIFY2(each.interval && each.interval->low <= each.value && each.value <= each.interval->high,
                     each.name.c_str());
    }

    void captionsOfUnreadableImagesAreLeftOut() {
        World world;
        world.addThree();
        world.embeddings.unreadable = {11};
        const TaskOutput output = world.run();
        QCOMPARE(findMetric(output.metrics, "image_retrieval_recall@1")->n, size_t{2});
        QCOMPARE(value(output, "image_retrieval_recall@1"), 1.0); // what b0 was taken for is gone
        QCOMPARE(output.details["retrieval"]["captions_left_out"].get<int>(), 2);
        QCOMPARE(output.examples.size(), size_t{3});
        QCOMPARE(output.examples[0].sample.value, int64_t{12});
        QCOMPARE(output.examples[0].parts["best"][0][0].get<int>(), 12);
        QCOMPARE(output.examples[2].status, ExampleStatus::Unreadable);
        QCOMPARE(output.examples[2].message, std::string("broken.png: truncated"));
        QCOMPARE(output.examples[2].correct, std::optional<bool>());
    }

    void imagesWithoutCaptionsAreCandidatesOnly() {
        World world;
        world.addThree();
        world.add({0, 0.27F, 0.96F}, {}); // nearer to c0 than its own image
        const TaskOutput output = world.run();
        QCOMPARE(value(output, "image_retrieval_recall@1"), 1.0 / 4);
        QCOMPARE(findMetric(output.metrics, "text_retrieval_recall@1")->n, size_t{3});
        QCOMPARE(value(output, "text_retrieval_recall@1"), 2.0 / 3);
        QCOMPARE(output.examples[3].correct, std::optional<bool>());
        QVERIFY(output.examples[3].parts["rank"].is_null());
        QCOMPARE(output.details["retrieval"]["images_without_captions"].get<int>(), 1);
    }

    void onlyTheFirstCaptionsTakePart() {
        World world;
        world.addThree();
        const TaskOutput output = world.run({{"captions_per_image", 1}});
        QCOMPARE(findMetric(output.metrics, "image_retrieval_recall@1")->n, size_t{3});
        QCOMPARE(value(output, "image_retrieval_recall@1"), 2.0 / 3);
        QCOMPARE(output.details["retrieval"]["captions_left_out"].get<int>(), 1);
    }

    void thePrefixGoesBeforeEveryCaption() {
        World world;
        world.addThree();
        for (const char* text : {"a0", "a1", "b0", "c0"})
            world.captionRows[std::string("see ") + text] = world.captionRows[text];
        world.captionRows["see c0"] = {1, 0, 0};
        // c0 now finds A; B and C tie behind it.
        QCOMPARE(value(world.run({{"prefix", "see "}}), "image_retrieval_recall@1"), 1.0 / 4);
    }

    void allUnreadableIsAnErrorThatSaysWhy() {
        World world;
        world.addThree();
        world.embeddings.unreadable = {11, 12, 13};
        std::string message;
        QCOMPARE(errorCodeOf([&] { world.run(); }, &message), ErrorCode::Unreadable);
        QVERIFY2(message.find("truncated") != std::string::npos, message.c_str());
    }

    void previewGivesTheSameNumbersWithoutIntervals() {
        World world;
        world.addThree();
        const TaskOutput full = world.run(), preview = world.run(Json::object(), true);
        QCOMPARE(preview.metrics.size(), full.metrics.size());
        for (size_t i = 0; i < full.metrics.size(); ++i) {
            QCOMPARE(preview.metrics[i].value, full.metrics[i].value);
            QVERIFY(!preview.metrics[i].interval);
        }
        QVERIFY(preview.examples.empty());
    }

    void sameSeedSameOutput() {
        World world;
        for (int i = 0; i < 30; ++i)
            world.add(atDegrees(3 * i), {{std::to_string(i), atDegrees(2 * i + i % 7)}});
        const TaskOutput first = world.run();
        RunContext oneThread;
        oneThread.threads = 1;
        const TaskOutput second = world.run(Json::object(), false, oneThread);
        QCOMPARE(toJson(first.metrics).dump(), toJson(second.metrics).dump());
        for (size_t i = 0; i < first.examples.size(); ++i)
            QCOMPARE(first.examples[i].parts.dump(), second.examples[i].parts.dump());
        RunContext otherSeed;
        otherSeed.seed = 7;
        QVERIFY(toJson(first.metrics).dump() !=
                toJson(world.run(Json::object(), false, otherSeed).metrics).dump());
    }

    void stopsWhenAsked() {
        World world;
        world.addThree();
        std::stop_source source;
        source.request_stop();
        RunContext context;
        context.stop = source.get_token();
        QVERIFY_EXCEPTION_THROWN(world.run(Json::object(), false, context), Cancelled);
    }

    void badParametersAreNamed_data() {
        QTest::addColumn<QString>("params");
        QTest::addColumn<QString>("names");
        QTest::newRow("unknown") << R"({"templates": "simple"})"
                                 << "templates";
        QTest::newRow("negative") << R"({"captions_per_image": -1})"
                                  << "captions_per_image";
        QTest::newRow("type") << R"({"prefix": 3})"
                              << "prefix";
        QTest::newRow("range") << R"({"keep": 0})"
                               << "keep";
        QTest::newRow("fraction") << R"({"resamples": 100.5})"
                                  << "resamples";
    }
    void badParametersAreNamed() {
        QFETCH(QString, params);
        QFETCH(QString, names);
        World world;
        world.addThree();
        std::string message;
        QCOMPARE(errorCodeOf([&] { world.run(Json::parse(params.toStdString())); }, &message),
                 ErrorCode::InvalidArgument);
        QVERIFY2(message.find(names.toStdString()) != std::string::npos, message.c_str());
    }

    void unsuitableDatasetsSayWhy() {
        World world;
        const Task& task = findTask("retrieval");
        QVERIFY(task.unsuitable(world.dataset).find("caption") != std::string::npos);
        world.add({1, 0, 0}, {});
        QVERIFY(task.unsuitable(world.dataset).find("caption") != std::string::npos);
        world.dataset.samples.front().captions = {"a0"};
        QVERIFY(task.unsuitable(world.dataset).find("two images") != std::string::npos);
        world.add({0, 1, 0}, {});
        QCOMPARE(task.unsuitable(world.dataset), std::string());
    }

    void captionsCanBeCleanedAsByLavis() {
        QCOMPARE(lavisCaption("  A Dog, (barking)!  at \"Rex\"; ok. \n"),
                 std::string("a dog, barking at rex ok"));
        QCOMPARE(lavisCaption("no-change it's"), std::string("no-change it's"));
        QCOMPARE(lavisCaption("!!!"), std::string());
        std::string longOne;
        for (int i = 0; i < 60; ++i)
            longOne += "w" + std::to_string(i) + " ";
        QVERIFY(lavisCaption(longOne).ends_with(" w49"));
        World world;
        world.add({1, 0, 0}, {{"A Dog.", {1, 0, 0}}});
        world.add({0, 1, 0}, {{"a cat", {0, 1, 0}}});
        world.captionRows["a dog"] = {0, 1, 0}; // what is asked for instead
        QCOMPARE(value(world.run(), "image_retrieval_recall@1"), 1.0);
        QCOMPARE(value(world.run({{"captions", "lavis"}}), "image_retrieval_recall@1"), 0.5);
    }

    void tiesCanCountForTheModel() {
        World world;
        world.add({1, 0, 0}, {{"a", {1, 0, 0}}});
        world.add({1, 0, 0}, {{"b", {1, 0, 0}}});
        QCOMPARE(value(world.run(), "image_retrieval_recall@1"), 0.0);
        QCOMPARE(value(world.run({{"ties", "for"}}), "image_retrieval_recall@1"), 1.0);
    }

    void protocolsAreCompleteParameters() {
        for (const Task& task : tasks())
            if (task.protocols)
                for (const Protocol& protocol : task.protocols("CIFAR-100")) {
                    completeParams(task.info, protocol.params); // throws for what the task does not take
                    QVERIFY(!protocol.title.empty() && !protocol.source.empty());
                }
        QCOMPARE(publishedPromptSet("CIFAR-100 test"), std::string("cifar100"));
        QCOMPARE(publishedPromptSet("cifar10"), std::string("cifar10"));
        QCOMPARE(publishedPromptSet("my simple cats"), std::string("openai-imagenet-80"));
    }
};

QTEST_GUILESS_MAIN(TestRetrieval)
#include "tst_retrieval.moc"
