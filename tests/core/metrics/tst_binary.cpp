// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/random.h"
#include "core/metrics/binary.h"
#include "core/metrics/multilabel.h"
#include "tests/core/metrics/metric_test_support.h"

#include <limits>

using namespace diptych;
using namespace diptych::test;

class TestBinary : public QObject {
    Q_OBJECT

private:
    Json m_expected = expectedValues("binary");
    std::vector<double> m_scores;
    std::vector<uint8_t> m_labels;

private Q_SLOTS:
    void initTestCase() {
        const FixtureScores read = readFixtureScores(metricFixture("binary") / "scores.csv");
        m_scores = read.scores;
        m_labels = read.labels;
        QCOMPARE(m_scores.size(), size_t(180));
        QVERIFY(m_expected["distinct_scores"].get<int>() < 120);
    }

    void areasEqualTheReference() {
        QCOMPARE_NEAR(*rocAuc(m_scores, m_labels), m_expected["roc_auc"], kExact);
        QCOMPARE_NEAR(*averagePrecision(m_scores, m_labels), m_expected["average_precision"], kExact);
    }

    void areasIgnoreTheOrderOfExamples() {
        std::vector<double> scores(m_scores.rbegin(), m_scores.rend());
        std::vector<uint8_t> labels(m_labels.rbegin(), m_labels.rend());
        QCOMPARE(*rocAuc(scores, labels), *rocAuc(m_scores, m_labels));
        QCOMPARE(*averagePrecision(scores, labels), *averagePrecision(m_scores, m_labels));
    }

    void curvesEqualTheReference() {
        const BinaryRanking ranking(m_scores, m_labels);
        const auto roc = rocCurve(ranking);
        QCOMPARE(roc.size(), m_expected["fpr"].size());
        QVERIFY(std::isinf(roc[0].threshold));
        for (size_t i = 0; i < roc.size(); ++i) {
            QCOMPARE_NEAR(roc[i].falsePositiveRate, m_expected["fpr"][i], kExact);
            QCOMPARE_NEAR(roc[i].truePositiveRate, m_expected["tpr"][i], kExact);
            if (i > 0)
                QCOMPARE(roc[i].threshold, m_expected["roc_thresholds"][i - 1].get<double>());
        }
        const auto curve = precisionRecallCurve(ranking); // the reference lists it from the laxest threshold
        const size_t last = curve.size() - 1;
        QCOMPARE(curve.size(), m_expected["recall"].size());
        for (size_t i = 0; i < curve.size(); ++i) {
            QCOMPARE_NEAR(curve[i].recall, m_expected["recall"][last - i], kExact);
            QCOMPARE_NEAR(curve[i].precision, m_expected["precision"][last - i], kExact);
        }
    }

    void accuracyAtThresholdTakesTheThresholdItself() {
        QVERIFY(m_expected["scores_at_threshold"].get<int>() > 0);
        QCOMPARE_NEAR(binaryAccuracy(m_scores, m_labels), m_expected["accuracy"], kExact);
        const std::vector<double> scores{0.5, 0.49};
        QCOMPARE(binaryAccuracy(scores, std::vector<uint8_t>{1, 0}), 1.0);
        QCOMPARE(binaryAccuracy(scores, std::vector<uint8_t>{0, 0}), 0.5);
        QCOMPARE(binaryAccuracy(scores, std::vector<uint8_t>{1, 1}, 0.1), 1.0);
    }

    void chosenThresholdIsTheBest() {
        const ThresholdChoice choice = bestAccuracyThreshold(BinaryRanking(m_scores, m_labels));
        QCOMPARE_NEAR(choice.accuracy, m_expected["best_accuracy"], kExact);
        QCOMPARE(binaryAccuracy(m_scores, m_labels, choice.threshold), choice.accuracy);
    }

    void chosenThresholdAtTheEnds() {
        const std::vector<double> scores{0.2, 0.4, 0.4, 0.9};
        const auto choose = [&](std::vector<uint8_t> labels) {
            const ThresholdChoice choice = bestAccuracyThreshold(BinaryRanking(scores, labels));
            return std::pair(choice.threshold, choice.accuracy);
        };
        QCOMPARE(choose({1, 1, 1, 1}), std::pair(0.2, 1.0));
        QVERIFY(choose({0, 0, 0, 0}).first > 0.9);
        QCOMPARE(choose({0, 0, 0, 0}).second, 1.0);
        QCOMPARE_NEAR(choose({0, 0, 0, 1}).first, 0.65, 1e-12);
        QCOMPARE_NEAR(choose({0, 1, 1, 1}).first, 0.3, 1e-12);
        const std::vector<double> huge{1.7e308, 1.6e308};
        const double threshold =
            bestAccuracyThreshold(BinaryRanking(huge, std::vector<uint8_t>{1, 0})).threshold;
        QVERIFY(threshold > 1.6e308 && threshold < 1.7e308);
        const double next = std::nextafter(1.0, 2.0);
        const std::vector<double> close{next, 1.0};
        QCOMPARE(bestAccuracyThreshold(BinaryRanking(close, std::vector<uint8_t>{1, 0})).threshold, next);
    }

    void degenerateCases() {
        const std::vector<double> scores{0.1, 0.7, 0.7};
        QVERIFY(!rocAuc(scores, std::vector<uint8_t>{1, 1, 1}));
        QVERIFY(!rocAuc(scores, std::vector<uint8_t>{0, 0, 0}));
        QVERIFY(!averagePrecision(scores, std::vector<uint8_t>{0, 0, 0}));
        QCOMPARE(*averagePrecision(scores, std::vector<uint8_t>{1, 1, 1}), 1.0);
        QCOMPARE(*rocAuc(std::vector<double>{1, 1, 1}, std::vector<uint8_t>{1, 0, 1}), 0.5);
        QVERIFY(!errorOf([&] { rocCurve(BinaryRanking(scores, std::vector<uint8_t>{1, 1, 1})); }).empty());
        QVERIFY(!errorOf([&] {
                     precisionRecallCurve(BinaryRanking(scores, std::vector<uint8_t>{0, 0, 0}));
                 }).empty());
        QVERIFY(!errorOf([] { rocAuc({}, {}); }).empty());
        QVERIFY(!errorOf([&] { rocAuc(scores, std::vector<uint8_t>{1, 0}); }).empty());
        QVERIFY(!errorOf([&] { rocAuc(scores, std::vector<uint8_t>{1, 0, 2}); }).empty());
        QVERIFY(!errorOf([&] { rocAuc(std::vector<double>{NAN}, std::vector<uint8_t>{1}); }).empty());
        QVERIFY(!errorOf([&] { binaryAccuracy(scores, std::vector<uint8_t>{1, 0, 1}, NAN); }).empty());
    }

    void weightsCountLikeRepeatedExamples() {
        Random random(8);
        std::vector<uint32_t> weights(m_scores.size());
        std::vector<double> scores;
        std::vector<uint8_t> labels;
        for (size_t i = 0; i < weights.size(); ++i) {
            weights[i] = uint32_t(random.below(4));
            scores.insert(scores.end(), weights[i], m_scores[i]);
            labels.insert(labels.end(), weights[i], m_labels[i]);
        }
        const BinaryRanking ranking(m_scores, m_labels);
        QCOMPARE_NEAR(*ranking.rocAuc(weights), *rocAuc(scores, labels), 1e-12);
        QCOMPARE_NEAR(*ranking.averagePrecision(weights), *averagePrecision(scores, labels), 1e-12);
    }

    void areaIntervalsEqualTheSlowWay() {
        RunContext context;
        context.seed = 5;
        const BinaryRanking ranking(m_scores, m_labels);
        const auto slow = [&](auto area) {
            return bootstrap(
                m_scores.size(),
                [&](std::span<const uint32_t> examples) {
                    std::vector<double> scores;
                    std::vector<uint8_t> labels;
                    for (const uint32_t i : examples) {
                        scores.push_back(m_scores[i]);
                        labels.push_back(m_labels[i]);
                    }
                    return *area(scores, labels);
                },
                {.resamples = 200}, context);
        };
        const auto auc = bootstrapRocAuc(ranking, {.resamples = 200}, context);
        const auto expected = slow([](auto& s, auto& l) { return rocAuc(s, l); });
        QCOMPARE_NEAR(auc->low, expected->low, 1e-12);
        QCOMPARE_NEAR(auc->high, expected->high, 1e-12);
        QVERIFY(auc->low < *ranking.rocAuc() && *ranking.rocAuc() < auc->high);
        const auto ap = bootstrapAveragePrecision(ranking, {.resamples = 200}, context);
        const auto expectedAp = slow([](auto& s, auto& l) { return averagePrecision(s, l); });
        QCOMPARE_NEAR(ap->low, expectedAp->low, 1e-12);
        QCOMPARE_NEAR(ap->high, expectedAp->high, 1e-12);
        const BinaryRanking single(m_scores, std::vector<uint8_t>(m_scores.size(), 1));
        QVERIFY(!bootstrapRocAuc(single, {}, context));
    }

    void meanAveragePrecisionEqualsTheReference() {
        const Json expected = expectedValues("mean_ap");
        const Matrix scores = readNpyMatrix(metricFixture("mean_ap") / "scores.npy");
        const NpyArray array = readNpy(metricFixture("mean_ap") / "targets.npy");
        const std::vector<uint8_t> targets(array.values.begin(), array.values.end());
        const MeanAveragePrecision result = meanAveragePrecision(scores, targets);
        QCOMPARE_NEAR(*result.mean, expected["map"], kExact);
        size_t undefined = 0;
        for (size_t c = 0; c < result.byClass.size(); ++c) {
            QCOMPARE(result.byClass[c].has_value(), !expected["ap"][c].is_null());
            if (result.byClass[c])
                QCOMPARE_NEAR(*result.byClass[c], expected["ap"][c], kExact);
            undefined += !result.byClass[c];
        }
        QCOMPARE(undefined, size_t(1));
        QCOMPARE(result.definedClasses, scores.cols() - 1);

        const std::vector<uint8_t> none(targets.size(), 0);
        QVERIFY(!meanAveragePrecision(scores, none).mean);
        QVERIFY(!errorOf([&] { meanAveragePrecision(scores, std::vector<uint8_t>{1}); }).empty());
        QVERIFY(!errorOf([&] { meanAveragePrecision(Matrix(), {}); }).empty());
    }

    /// scikit-learn 1.9.1, label_ranking_average_precision_score
    void labelRankingPrecisionEqualsTheReference() {
        const std::vector<double> scores{0.9, 0.1, 0.5, 0.5, 0.2};
        const std::vector<std::pair<std::vector<int>, double>> expected = {
            {{0}, 1.0}, {{1}, 0.2}, {{2}, 1.0 / 3}, {{0, 1}, 0.7}, {{1, 3}, 1.1 / 3}, {{0, 2, 3, 4, 1}, 1.0}};
        for (const auto& [labels, precision] : expected)
            QCOMPARE_NEAR(labelRankingPrecision(scores, labels), precision, kExact);
        QVERIFY(!errorOf([&] { labelRankingPrecision(scores, {}); }).empty());
        QVERIFY(!errorOf([&] { labelRankingPrecision(scores, std::vector<int>{5}); }).empty());
        QVERIFY(!errorOf([&] {
                     labelRankingPrecision(std::vector<double>{std::nan("")}, std::vector<int>{0});
                 }).empty());
    }

    /// By its definition, from the curve.
    void elevenPointPrecisionIsTheMeanOfBestPrecisions() {
        const BinaryRanking ranking(m_scores, m_labels);
        const auto curve = precisionRecallCurve(ranking);
        double sum = 0;
        for (int tenth = 0; tenth <= 10; ++tenth) {
            double best = 0;
            for (size_t i = 1; i < curve.size(); ++i) // the first point calls nothing
                if (curve[i].recall >= tenth / 10.0 - 1e-12)
                    best = std::max(best, curve[i].precision);
            sum += best / 11;
        }
        QCOMPARE_NEAR(*ranking.elevenPointPrecision(), sum, kExact);
        // Counting every example twice changes nothing; without positives there is none.
        const std::vector<uint32_t> twice(m_scores.size(), 2);
        QCOMPARE_NEAR(*ranking.elevenPointPrecision(twice), sum, kExact);
        QVERIFY(!BinaryRanking(std::vector{0.5}, std::vector<uint8_t>{0}).elevenPointPrecision());
        QCOMPARE(*BinaryRanking(std::vector{0.9, 0.1}, std::vector<uint8_t>{1, 0}).elevenPointPrecision(),
                 1.0);
    }
};

QTEST_GUILESS_MAIN(TestBinary)
#include "tst_binary.moc"
