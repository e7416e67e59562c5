// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/random.h"
#include "core/session/slice_metrics.h"
#include "core/tasks/task.h"
#include "tests/support/fake_embeddings.h"

#include <QTest>

#include <fmt/format.h>

#include <cmath>
#include <numeric>

using namespace diptych;
using namespace diptych::test;

namespace {

std::vector<float> randomRow(uint64_t seed) {
    Random random(seed);
    std::vector<float> row(6);
    for (float& value : row)
        value = static_cast<float>(random.uniform(-1, 1));
    return row;
}

/// A dataset that every task can run on, with embeddings that know a little of it.
struct TaskWorld {
    TaskDataset dataset;
    FakeEmbeddings embeddings{6};

    explicit TaskWorld(int classes) {
        dataset.name = "anything";
        for (int c = 0; c < classes; ++c)
            dataset.classNames.push_back(fmt::format("class{}", c));
        embeddings.scale = 4;
        embeddings.textRow = [](const std::string& text) {
            uint64_t seed = 7;
            for (const char c : text)
                seed = seed * 31 + static_cast<uint8_t>(c);
            return randomRow(seed);
        };
        for (int i = 0; i < 60; ++i) {
            const int64_t id = 100 + i;
            const int label = i % classes;
            TaskSample sample{SampleId{id}, label, {}, i % 5 == 0 ? "train" : "dev", {}};
            sample.captions = {fmt::format("text {}", i / 2), fmt::format("other {}", i)};
            sample.attributes = {{"pair", i / 2},
                                 {"side", i % 2},
                                 {"candidate", fmt::format("text {}", i)},
                                 {"labels", Json::array({label, (label + i / 7) % classes})}};
            dataset.samples.push_back(std::move(sample));
            std::vector<float> row = randomRow(static_cast<uint64_t>(id));
            const auto towards = embeddings.textRow(dataset.classNames[static_cast<size_t>(label)]);
            for (size_t k = 0; k < row.size(); ++k)
                row[k] += 0.4F * towards[k];
            embeddings.imageRows[id] = row;
            embeddings.contents[id] = fmt::format("picture {}", i / 3); // some are equal
        }
        embeddings.unreadable = {110, 141};
    }

    RunRecord run(const std::string& task, std::vector<ExampleResult>& examples, Json params) {
        params["resamples"] = 200;
        const Json complete = completeParams(findTask(task).info, params);
        RunContext context;
        context.seed = 5;
        TaskOutput output = findTask(task).run({dataset, embeddings, complete, false}, context);
        examples = std::move(output.examples);
        RunRecord record;
        record.task = task;
        record.metrics = std::move(output.metrics);
        record.details = std::move(output.details);
        record.classNames = dataset.classNames;
        record.spec = {{"params", complete}};
        record.seed = 5;
        return record;
    }
};

} // namespace

class TestSliceMetrics : public QObject {
    Q_OBJECT

private Q_SLOTS:
    /// The rule everything hangs on: cut into one slice, a run has its own numbers.
    void aSliceOfEverythingHasTheRunsNumbers_data() {
        QTest::addColumn<int>("classes");
        QTest::addColumn<QString>("params");
        QTest::addColumn<QStringList>("metrics");
        const QStringList named = {"top1", "top5", "mean_per_class_recall", "ece"};
        QTest::newRow("zero-shot") << 7 << R"({"templates": ["{}"]})" << named;
        QTest::newRow("knn-probe") << 7 << "{}" << named;
        QTest::newRow("linear-probe")
            << 3 << "{}" << QStringList{"lp_acc1", "lp_mean_per_class_recall", "ece"};
        QTest::newRow("zero-shot-multilabel")
            << 7 << R"({"templates": ["{}"]})" << QStringList{"top1_among_labels"};
        QTest::newRow("zero-shot-binary")
            << 2 << R"({"templates": ["{}"]})"
            << QStringList{"roc_auc", "average_precision", "accuracy_at_0.5", "accuracy_at_threshold"};
        QTest::newRow("hateful-memes") << 2 << R"({"method": "zero-shot-image", "compare": false})"
                                       << QStringList{"roc_auc", "accuracy", "average_precision"};
        QTest::newRow("retrieval") << 3 << "{}"
                                   << QStringList{"image_retrieval_recall@1",  "image_retrieval_recall@5",
                                                  "image_retrieval_recall@10", "text_retrieval_recall@1",
                                                  "text_retrieval_recall@5",   "text_retrieval_recall@10",
                                                  "text_to_image_median_rank", "image_to_text_median_rank"};
        QTest::newRow("winoground") << 3 << "{}" << QStringList{"text_score", "image_score", "group_score"};
        QTest::newRow("clipscore") << 3 << "{}" << QStringList{"clipscore", "refclipscore"};
    }
    void aSliceOfEverythingHasTheRunsNumbers() {
        QFETCH(int, classes);
        QFETCH(QString, params);
        QFETCH(QStringList, metrics);
        TaskWorld world(classes);
        std::vector<ExampleResult> examples;
        const RunRecord run = world.run(QTest::currentDataTag(), examples, Json::parse(params.toStdString()));
        const SliceMetrics cut = sliceMetrics(run, examples);
        QStringList names;
        RunContext context;
        context.seed = run.seed;
        for (const SliceableMetric& metric : cut.metrics) {
            const QString name = QString::fromStdString(metric.whole.name);
            names.append(name);
            std::vector<uint32_t> all(metric.units());
            std::iota(all.begin(), all.end(), 0U);
            QCOMPARE(metric.units(), metric.whole.n);
            // Confidences are kept in single precision.
            const double tolerance = name == "ece" ? 1e-6 : 1e-12;
            QVERIFY2(std::abs(valueOn(metric, all) - metric.whole.value) <= tolerance, qPrintable(name));
            const auto interval = intervalOn(metric, all, 200, context);
            QVERIFY2(interval.has_value() == metric.whole.interval.has_value(), qPrintable(name));
            QVERIFY2(std::abs(interval->low - metric.whole.interval->low) <= tolerance &&
                         std::abs(interval->high - metric.whole.interval->high) <= tolerance,
                     qPrintable(QStringLiteral("%1: %2 to %3, not %4 to %5")
                                    .arg(name)
                                    .arg(interval->low)
                                    .arg(interval->high)
                                    .arg(metric.whole.interval->low)
                                    .arg(metric.whole.interval->high)));
        }
        QCOMPARE(names, metrics);
        for (const UnsliceableMetric& metric : cut.others)
            QVERIFY2(!metric.why.empty(), metric.name.c_str());
    }
};

QTEST_GUILESS_MAIN(TestSliceMetrics)
#include "tst_slice_metrics.moc"
