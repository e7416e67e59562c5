// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/tasks/hateful_memes.h"
#include "core/tasks/meme_groups.h"
#include "core/tasks/meme_scores.h"
#include "tests/support/fake_embeddings.h"
#include "tests/support/task_results.h"

#include <QTest>

#include <cmath>

using namespace diptych;
using diptych::test::FakeEmbeddings;

namespace {

/// Images and texts of two kinds, A and B, called by their first letter.
std::vector<float> rowOf(char kind) {
    return kind == 'A' ? std::vector<float>{1, 1} : std::vector<float>{1, -1};
}

struct World {
    TaskDataset dataset;
    FakeEmbeddings embeddings{2};

    World() {
        dataset.name = "memes";
        dataset.classNames = {"true", "untrue"};
        embeddings.textRow = [](const std::string& text) {
            return text == "yes"  ? std::vector<float>{0, 1}
                   : text == "no" ? std::vector<float>{0, -1}
                                  : rowOf(text[0]);
        };
    }
    /// @param image its first letter says what it shows; equal names are equal files
    void add(const std::string& split, const std::string& image, const std::string& text, int label) {
        const auto id = static_cast<int64_t>(dataset.samples.size()) + 11;
        TaskSample sample;
        sample.id = SampleId{id};
        sample.split = split;
        sample.captions = {text};
        sample.label = label;
        sample.attributes = {{"id", 100 + id}};
        dataset.samples.push_back(std::move(sample));
        embeddings.imageRows[id] = rowOf(image[0]);
        embeddings.contents[id] = image;
    }
    /// Untrue where image and text are of different kinds: neither alone says anything. Four memes a round,
    /// all of them confounders of each other.
    void addCross(const std::string& split, int rounds, bool labelled = true) {
        for (int i = 0; i < rounds; ++i)
            for (const char* kinds : {"AA", "AB", "BA", "BB"}) {
                const std::string tail = " " + split + std::to_string(i);
                add(split, kinds[0] + tail, kinds[1] + tail, labelled ? kinds[0] != kinds[1] : -1);
            }
    }
    TaskOutput run(Json params = Json::object()) {
        const Task task = hatefulMemesTask();
        params["resamples"] = 100;
        params["positive_prompt"] = "yes";
        params["negative_prompt"] = "no";
        const Json complete = completeParams(task.info, params);
        return task.run({dataset, embeddings, complete, false}, {});
    }
};

double value(const TaskOutput& output, const char* name) {
    const Metric* metric = findMetric(output.metrics, name);
    return metric ? metric->value : std::nan("");
}

/// A cell of the table of methods.
Json cell(const TaskOutput& output, const std::string& method, size_t column) {
    for (const Json& row : output.details["tables"][0]["rows"])
        if (row[0] == method)
            return row[column];
    return "no such row";
}

std::string errorOf(World& world, const Json& params) {
    try {
        world.run(params);
    } catch (const Error& error) {
        return error.what();
    }
    return "(no error)";
}

} // namespace

class TestHatefulMemes : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void onlyBothTogetherTell() {
        World world;
        world.addCross("train", 20);
        world.addCross("dev_seen", 5);
        const TaskOutput output = world.run({{"method", "probe-multiplied"}, {"c", 10}});
        QCOMPARE(value(output, "roc_auc"), 1.0);
        QCOMPARE(value(output, "accuracy"), 1.0);
        QCOMPARE(value(output, "groups_right"), 1.0);
        QCOMPARE(findMetric(output.metrics, "accuracy")->n, size_t(20));
        QCOMPARE(findMetric(output.metrics, "accuracy")->chance.value(), 0.5);
        QVERIFY(cell(output, "Probe, image only", 1) == Json(0.5));
        QVERIFY(cell(output, "Probe, text only", 1) == Json(0.5));
        QVERIFY(cell(output, "Probe, both multiplied", 1) == Json(1.0));
        QVERIFY(cell(output, "Zero-shot, image against text", 1) == Json(1.0));
        QVERIFY(cell(output, "Probe, both multiplied", 5) == Json(10.0));
        QVERIFY(output.details["threshold"]["chosen_on"] == Json("train"));
        QVERIFY(output.details["threshold"]["examples"] == Json(80));
        QVERIFY(output.details["eval_split"] == Json("dev_seen"));
        QCOMPARE(output.examples.size(), size_t(20));
    }

    void theSearchForCUsesTrainAlone() {
        World world;
        world.addCross("train", 20);
        world.addCross("dev_seen", 2);
        const TaskOutput first = world.run({{"method", "probe-multiplied"}, {"compare", false}});
        QCOMPARE(first.details["tables"][0]["rows"].size(), size_t(1));
        const Json c = cell(first, "Probe, both multiplied", 5);
        QVERIFY(c.is_number() && c > 0);
        world.addCross("dev_seen", 3);
        QVERIFY(cell(world.run({{"method", "probe-multiplied"}, {"compare", false}}),
                     "Probe, both multiplied", 5) == c);
    }

    void zeroShotComparesWithPrompts() {
        World world;
        world.addCross("train", 2);
        // "yes" is near A, "no" near B: by image, A is of the second class.
        world.add("dev_seen", "A1", "B1", 1);
        world.add("dev_seen", "B2", "B2", 0);
        world.add("dev_seen", "B3", "A3", 1);
        const TaskOutput image = world.run({{"method", "zero-shot-image"}});
        QCOMPARE(value(image, "roc_auc"), 0.75); // A over B, B equal to B
        QVERIFY(cell(image, "Zero-shot, text only", 1) == Json(0.75));
        QVERIFY(cell(image, "Zero-shot, both", 1) == Json(1.0));
        const double margin = 10 * 2 * std::sqrt(0.5); // scale x (cosine with yes - cosine with no)
        QVERIFY(std::abs(image.examples[0].parts["proba"].get<double>() - 1 / (1 + std::exp(-margin))) <
                1e-6);
        QVERIFY(image.examples[0].parts["id"] == Json(100 + image.examples[0].sample.value));
    }

    /// A model that looks at both together tells which prompt goes with the text.
    void matchingComparesPromptsBeforeTheText() {
        World world;
        for (int i = 0; i < 2; ++i) {
            world.add("train", "A1", "A", 1);
            world.add("train", "B1", "A", 0);
        }
        world.add("dev_seen", "A2", "A", 1);
        world.add("dev_seen", "B2", "A", 0);
        std::vector<std::string> asked;
        world.embeddings.pairScore = [&](int64_t image, const std::string& text) {
            asked.push_back(text);
            const bool second = world.embeddings.imageRows.at(image)[1] > 0;
            return text.starts_with("yes") == second ? 2.0 : 1.0;
        };
        const TaskOutput output = world.run({{"method", "matching"}, {"compare", false}});
        QCOMPARE(value(output, "roc_auc"), 1.0);
        QCOMPARE(value(output, "accuracy"), 1.0);
        QVERIFY(std::ranges::find(asked, "no: A") != asked.end());
        QVERIFY(std::abs(output.examples[0].parts["proba"].get<double>() - 1 / (1 + std::exp(-1.0))) < 1e-9);
        QCOMPARE(world.embeddings.imageCalls + world.embeddings.textCalls, 0);
        const TaskOutput beside = world.run({{"method", "matching"}});
        QCOMPARE(value(beside, "roc_auc"), 1.0);
        QVERIFY(beside.details["tables"][0]["rows"].size() > 3);
        const TaskInfo info = hatefulMemesTask().info;
        QVERIFY(info.needsModel(completeParams(info, {{"method", "matching"}})).imageEmbeddings);
        QVERIFY(!info.needsModel(completeParams(info, Json::object())).matching);
    }

    void thresholdComesFromTrain() {
        World world;
        // By image, A scores high; on train only A is of the second class, on dev_seen none is.
        for (int i = 0; i < 4; ++i) {
            world.add("train", "A", "A", 1);
            world.add("train", "B", "A", 0);
            world.add("dev_seen", "A", "A", 0);
        }
        world.add("dev_seen", "B", "A", 1);
        const TaskOutput output = world.run({{"method", "zero-shot-image"}, {"compare", false}});
        QCOMPARE(value(output, "accuracy"), 0.0);
        QCOMPARE(value(output, "roc_auc"), 0.0);
        QVERIFY(output.examples[0].parts["label"] == Json(1));
        QCOMPARE(output.examples[0].predictions[0].index, 1);
        QCOMPARE(output.examples[0].correct, std::optional<bool>(false));
        QCOMPARE(test::meanScore(output), value(output, "accuracy"));
    }

    void withoutTrainThereIsNoThreshold() {
        World world;
        world.addCross("dev_seen", 3);
        const TaskOutput output = world.run({{"method", "mismatch"}});
        QCOMPARE(value(output, "roc_auc"), 1.0);
        QVERIFY(!findMetric(output.metrics, "accuracy") && !findMetric(output.metrics, "groups_right"));
        QVERIFY(output.details["threshold"]["chosen_on"].is_null());
        QCOMPARE(output.details["warnings"].size(), size_t(1));
        QVERIFY(!output.examples[0].correct);
        QVERIFY(cell(output, "Probe, image only", 1) == "no such row");
        const std::string error = errorOf(world, {{"method", "probe-image"}});
        QVERIFY2(error.find("'train'") != std::string::npos, error.c_str());
    }

    void withoutLabelsThereArePredictionsOnly() {
        World world;
        world.addCross("train", 10);
        world.addCross("test_unseen", 2, false);
        const TaskOutput output = world.run({{"method", "probe-multiplied"}, {"c", 10}});
        QVERIFY(output.metrics.empty());
        QVERIFY(!output.details.contains("curves") && !output.details.contains("groups"));
        QCOMPARE(output.examples.size(), size_t(8));
        QCOMPARE(output.examples[1].target, -1);
        QVERIFY(!output.examples[1].correct);
        QVERIFY(output.examples[1].parts["label"] == Json(1));
        QVERIFY(output.examples[1].parts["proba"] > 0.5 && output.examples[0].parts["proba"] < 0.5);
        QVERIFY(output.examples[0].parts["id"] == Json(100 + output.examples[0].sample.value));
    }

    void splitsOfOtherSpellingsAreFound() {
        World world;
        world.addCross("Training", 2);
        world.addCross("Validation set", 1);
        const TaskOutput output = world.run({{"method", "mismatch"}});
        QVERIFY(output.details["eval_split"] == Json("Validation set"));
        QVERIFY(output.details["threshold"]["chosen_on"] == Json("Training"));
    }

    void theSplitCanBeChosen() {
        World world;
        world.addCross("train", 2);
        world.addCross("dev_seen", 1);
        world.addCross("test_seen", 2);
        QCOMPARE(world.run({{"method", "mismatch"}}).examples.size(), size_t(4));
        QCOMPARE(world.run({{"method", "mismatch"}, {"eval_split", "test_seen"}}).examples.size(), size_t(8));
        const std::string error = errorOf(world, {{"eval_split", "dev_unseen"}});
        QVERIFY2(error.find("no split 'dev_unseen'") != std::string::npos, error.c_str());
    }

    void curvesAndGroups() {
        World world;
        world.addCross("train", 2);
        world.addCross("dev_seen", 1);
        const TaskOutput output = world.run({{"method", "mismatch"}, {"compare", false}});
        const Json& curves = output.details["curves"];
        QCOMPARE(curves.size(), size_t(2));
        QVERIFY(curves[0]["series"][0]["points"] == Json({{0.0, 0.0}, {0.0, 1.0}, {1.0, 1.0}}));
        QVERIFY(!curves[0]["series"][0].contains("dashed"));
        QVERIFY(curves[0]["series"][1]["dashed"] == Json(true)); // chance
        const Json& groups = output.details["groups"];           // ids 19 to 22: AA, AB, BA, BB
        QCOMPARE(groups.size(), size_t(4));
        for (size_t i = 0; i < 4; ++i) // joined by what they share
            QCOMPARE(output.examples[i].cluster, int64_t(19));
        QVERIFY(groups[0] == Json({{"kind", "same_text"}, {"samples", {19, 21}}, {"all_right", true}}));
        QVERIFY(groups[2] == Json({{"kind", "same_image"}, {"samples", {19, 20}}, {"all_right", true}}));
        QCOMPARE(findMetric(output.metrics, "groups_right")->chance.value(), 0.25);
    }

    void aBaseImageCountsAsTheImage() {
        World world;
        world.addCross("train", 1);
        world.add("dev_seen", "A drawn on", "A", 0);
        world.add("dev_seen", "A drawn on otherwise", "B", 1);
        QVERIFY(!world.run({{"method", "mismatch"}}).details.contains("groups"));
        for (auto& sample : world.dataset.samples)
            sample.attributes["base_image"] = "scene 1";
        QCOMPARE(world.run({{"method", "mismatch"}}).details["groups"].size(), size_t(1));
    }

    void confounders() {
        const std::vector<MemeContent> memes = {
            {"t", "1", 0},  {"t", "2", 1}, // same text, other image, other label
            {"u", "3", 0},  {"u", "4", 0}, // labels agree
            {"v", "5", 1},  {"v", "5", 0}, // the same meme twice
            {"w", "1", 1},                 // the image of the first
            {"", "6", 0},   {"", "7", 1},  // no text
            {"x", "8", -1}, {"x", "9", 1}, // no label
            {"y", "", 0},   {"z", "", 1},  // image not known
        };
        const auto groups = confounderGroups(memes);
        QCOMPARE(groups.size(), size_t(2));
        QVERIFY(groups[0].kind == ConfounderGroup::Kind::SameText);
        QCOMPARE(groups[0].members, (std::vector<size_t>{0, 1}));
        QVERIFY(groups[1].kind == ConfounderGroup::Kind::SameImage);
        QCOMPARE(groups[1].members, (std::vector<size_t>{0, 6}));
        const auto clusters = groupClusters(memes.size(), groups);
        QVERIFY(clusters[0] == clusters[1] && clusters[0] == clusters[6]);
        QVERIFY(clusters[2] != clusters[3] && clusters[2] != clusters[0]);
    }

    void unreadableImages() {
        World world;
        world.addCross("train", 2);
        world.addCross("dev_seen", 2);
        world.embeddings.unreadable = {12, 19};
        const TaskOutput output = world.run({{"method", "mismatch"}});
        QCOMPARE(output.examples.size(), size_t(8));
        QCOMPARE(output.examples.back().status, ExampleStatus::Unreadable);
        QCOMPARE(output.examples.back().sample, SampleId{19});
        QVERIFY(output.details["threshold"]["examples"] == Json(7));
        for (int64_t id = 19; id < 27; ++id)
            world.embeddings.unreadable.insert(id);
        const std::string error = errorOf(world, {{"method", "mismatch"}});
        QVERIFY2(error.find("None of the images of split 'dev_seen'") != std::string::npos, error.c_str());
    }

    void whatCannotRunIsSaid() {
        const Task task = hatefulMemesTask();
        World world;
        world.addCross("train", 1);
        QVERIFY(task.unsuitable(world.dataset).find("no split") != std::string::npos);
        world.addCross("dev_seen", 1);
        QCOMPARE(task.unsuitable(world.dataset), std::string());
        world.dataset.classNames.push_back("third");
        QVERIFY(task.unsuitable(world.dataset).find("two classes") != std::string::npos);
        world.dataset.classNames.pop_back();
        for (auto& sample : world.dataset.samples)
            sample.captions.clear();
        QVERIFY(task.unsuitable(world.dataset).find("text") != std::string::npos);
    }
};

QTEST_GUILESS_MAIN(TestHatefulMemes)
#include "tst_hateful_memes.moc"
