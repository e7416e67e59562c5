// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/metrics/calibration.h"
#include "core/metrics/classification.h"
#include "core/results/metric.h"
#include "tests/core/metrics/metric_test_support.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

using namespace diptych;
using namespace diptych::test;

class TestClassification : public QObject {
    Q_OBJECT

private:
    Json m_expected = expectedValues("zeroshot");
    Matrix m_logits = readNpyMatrix(metricFixture("zeroshot") / "logits.npy");
    std::vector<int> m_labels = readLabels(metricFixture("zeroshot") / "labels.npy");
    std::vector<int> m_predictions = predictClasses(m_logits);

private Q_SLOTS:
    void accuraciesEqualTheReference() {
        QVERIFY(m_expected["rows_with_tied_maximum"].get<int>() > 5);
        QCOMPARE_NEAR(topKAccuracy(m_logits, m_labels, 1), m_expected["top1"], kExact);
        QCOMPARE_NEAR(topKAccuracy(m_logits, m_labels, 3), m_expected["top3"], kExact);
        QCOMPARE_NEAR(topKAccuracy(m_logits, m_labels, 5), m_expected["top5"], kExact);
        QCOMPARE(topKAccuracy(m_logits, m_labels, 12), 1.0);
        QCOMPARE(topKAccuracy(m_logits, m_labels, 500), 1.0);
        QCOMPARE_NEAR(accuracy(m_predictions, m_labels), m_expected["top1"], kExact);
        QCOMPARE_NEAR(meanPerClassRecall(m_predictions, m_labels, m_logits.cols()),
                      m_expected["mean_per_class_recall"], kExact);
    }

    void perClassTableEqualsTheReference() {
        const auto table = perClassScores(m_predictions, m_labels, m_logits.cols());
        QCOMPARE(table.size(), m_logits.cols());
        for (size_t c = 0; c < table.size(); ++c) {
            QCOMPARE(table[c].support, m_expected["support"][c].get<uint64_t>());
            QCOMPARE_NEAR(table[c].recall, m_expected["recall"][c], kExact);
            QCOMPARE_NEAR(table[c].precision, m_expected["precision"][c], kExact);
            QCOMPARE_NEAR(table[c].f1, m_expected["f1"][c], kExact);
        }
    }

    void confusionEqualsTheReference() {
        const ConfusionMatrix confusion(m_predictions, m_labels, m_logits.cols());
        uint64_t total = 0;
        for (int i = 0; i < 12; ++i)
            for (int j = 0; j < 12; ++j) {
                QCOMPARE(confusion.count(i, j),
                         m_expected["confusion"][size_t(i)][size_t(j)].get<uint64_t>());
                total += confusion.count(i, j);
            }
        QCOMPARE(total, m_labels.size());
    }

    void tiesGoToTheLowestIndex() {
        const Matrix logits(2, 4, {1, 3, 3, 0, /**/ 2, 2, 2, 2});
        QCOMPARE(predictClasses(logits), (std::vector<int>{1, 0}));
        const std::vector<int> labels{2, 2};
        QCOMPARE(labelRanks(logits, labels), (std::vector<size_t>{1, 2}));
        const auto best = topK(logits.row(0), 3);
        QCOMPARE(best, (std::vector<ScoredIndex>{{1, 3}, {2, 3}, {0, 1}}));
        QCOMPARE(topK(logits.row(1), 9).size(), size_t(4));
        QCOMPARE(topK(logits.row(1), 9)[3].index, 3);
    }

    void ranksAgreeWithTopK() {
        const auto ranks = labelRanks(m_logits, m_labels);
        for (size_t i = 0; i < ranks.size(); ++i) {
            const auto order = topK(m_logits.row(i), m_logits.cols());
            QCOMPARE(order[ranks[i]].index, m_labels[i]);
        }
    }

    void badInputIsRefused() {
        const float nan = std::numeric_limits<float>::quiet_NaN();
        const std::vector<int> one{0}, two{0, 1};
        ErrorCode code{};
        const std::string message = errorOf([&] { topKAccuracy(Matrix(1, 2, {0, nan}), one, 1); }, &code);
        QVERIFY(message.find("row 0, column 1 is nan") != std::string::npos);
        QCOMPARE(code, ErrorCode::InvalidArgument);
        QVERIFY(!errorOf([&] { topKAccuracy(Matrix(1, 2), two, 1); }).empty());
        QVERIFY(!errorOf([&] { topKAccuracy(Matrix(2, 1), two, 1); }).empty());
        QVERIFY(!errorOf([&] { topKAccuracy(Matrix(0, 3), {}, 1); }).empty());
        QVERIFY(!errorOf([&] { topKAccuracy(Matrix(1, 2), one, 0); }).empty());
        QVERIFY(!errorOf([&] { meanPerClassRecall(std::vector<int>{-1}, one, 2); }).empty());
        QVERIFY(!errorOf([&] { accuracy(two, one); }).empty());
    }

    void softmaxAddsUpAndSurvivesLargeScales() {
        const std::vector<float> row{0.3f, 0.1f, -0.2f};
        const auto p = softmax(row, 100);
        QCOMPARE_NEAR(std::accumulate(p.begin(), p.end(), 0.0), 1.0, 1e-12);
        QCOMPARE_NEAR(p[0] / p[1], std::exp(100 * (double(row[0]) - double(row[1]))), 1.0);
        QCOMPARE(softmax(row, 1e30)[0], 1.0);
        QVERIFY(!errorOf([&] { softmax(row, INFINITY); }).empty());
        QVERIFY(!errorOf([&] { softmax({}, 1); }).empty());
    }

    void calibrationEqualsTheReference() {
        const double scale = m_expected["calibration_scale"];
        std::vector<uint8_t> correct(m_labels.size());
        std::vector<double> confidences(m_labels.size());
        double lost = 0;
        for (size_t i = 0; i < correct.size(); ++i) {
            correct[i] = m_predictions[i] == m_labels[i];
            const std::vector<double> probabilities = softmax(m_logits.row(i), scale);
            confidences[i] = std::ranges::max(probabilities);
            lost -= std::log(probabilities[static_cast<size_t>(m_labels[i])]);
        }
        const Calibration result = calibration(confidences, correct);
        QCOMPARE_NEAR(result.ece, m_expected["ece"], kExact);
        QVERIFY(result.mce > result.ece);
        for (size_t m = 0; m < kCalibrationBins; ++m)
            QCOMPARE(result.bins[m].count, m_expected["bin_counts"][m].get<size_t>());
        QCOMPARE_NEAR(lost / static_cast<double>(m_labels.size()), m_expected["log_loss"], kExact);
    }

    void confidencesOnABorderBelongToTheLowerBin() {
        const auto confidences = m_expected["borders"].get<std::vector<double>>();
        const auto correct = m_expected["border_correct"].get<std::vector<uint8_t>>();
        const Calibration result = calibration(confidences, correct);
        QCOMPARE_NEAR(result.ece, m_expected["border_ece"], kExact);
        for (size_t m = 0; m < kCalibrationBins; ++m)
            QCOMPARE(result.bins[m].count, m_expected["border_counts"][m].get<size_t>());
        QVERIFY(!errorOf([] { calibration(std::vector<double>{1.1}, std::vector<uint8_t>{1}); }).empty());
        QVERIFY(!errorOf([] { calibration(std::vector<double>{NAN}, std::vector<uint8_t>{1}); }).empty());
        QVERIFY(!errorOf([] { calibration({}, {}); }).empty());
    }

    void metricSurvivesJson() {
        Metric metric{"top1", 0.75, Interval{0.7, 0.8}, 400, true, 0.1};
        const Metric back = metricFromJson(parseJson(toJson(metric).dump(), "test"), "test");
        QCOMPARE(back.name, metric.name);
        QCOMPARE(back.value, metric.value);
        QVERIFY(back.interval == metric.interval);
        QCOMPARE(back.n, metric.n);
        QCOMPARE(back.higherIsBetter, true);
        QCOMPARE(*back.chance, 0.1);

        QVERIFY(back.unit == Unit::Share);
        metric.unit = Unit::Number;
        QVERIFY(metricFromJson(toJson(metric), "test").unit == Unit::Number);
        Json old = toJson(metric); // from before units were kept: as it was read then
        old.erase("unit");
        QVERIFY(metricFromJson(old, "test").unit == Unit::Share);
        QVERIFY(guessUnit("text_to_image_median_rank", 1) == Unit::Number);
        QVERIFY(guessUnit("refclipscore", 0.7) == Unit::Number);
        QVERIFY(guessUnit("somebody's own", 1.02) == Unit::Number);

        Metric undefined{"roc_auc", std::numeric_limits<double>::quiet_NaN(), std::nullopt, 3, false, {}};
        const Json json = toJson(undefined);
        QVERIFY(json["value"].is_null() && !json.contains("interval") && !json.contains("chance"));
        QVERIFY(std::isnan(metricFromJson(json, "test").value));
        QVERIFY(!metricFromJson(json, "test").higherIsBetter);
        QCOMPARE(findMetric({metric, undefined}, "roc_auc")->n, size_t(3));
        QVERIFY(!findMetric({metric}, "top5"));
    }

    void badMetricJsonIsRefused_data() {
        QTest::addColumn<QByteArray>("json");
        QTest::newRow("no name") << QByteArray(R"({"value": 1})");
        QTest::newRow("text value") << QByteArray(R"({"name": "a", "value": "1"})");
        QTest::newRow("negative n") << QByteArray(R"({"name": "a", "value": 1, "n": -1})");
        QTest::newRow("short interval") << QByteArray(R"({"name": "a", "value": 1, "interval": [1]})");
        QTest::newRow("text interval") << QByteArray(R"({"name": "a", "value": 1, "interval": ["a", 1]})");
        QTest::newRow("list") << QByteArray(R"([1])");
    }
    void badMetricJsonIsRefused() {
        QFETCH(QByteArray, json);
        ErrorCode code{};
        const std::string message =
            errorOf([&] { metricFromJson(parseJson(json.toStdString(), "m.json"), "m.json"); }, &code);
        QVERIFY2(message.rfind("m.json", 0) == 0, message.c_str());
        QCOMPARE(code, ErrorCode::Corrupt);
    }
};

QTEST_GUILESS_MAIN(TestClassification)
#include "tst_classification.moc"
