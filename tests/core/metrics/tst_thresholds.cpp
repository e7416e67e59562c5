// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/metrics/temperature.h"
#include "core/metrics/thresholds.h"
#include "tests/core/metrics/metric_test_support.h"

#include <limits>

using namespace diptych;
using namespace diptych::test;

class TestThresholds : public QObject {
    Q_OBJECT

private:
    Json m_expected = expectedValues("thresholds");
    std::vector<double> m_scores;
    std::vector<uint8_t> m_labels;
    Matrix m_logits = readNpyMatrix(metricFixture("zeroshot") / "logits.npy");
    std::vector<int> m_targets = readLabels(metricFixture("zeroshot") / "labels.npy");

    Matrix scaled(float factor) const {
        Matrix out = m_logits;
        for (float& value : out.values())
            value *= factor;
        return out;
    }
    static void compare(const TemperatureFit& fit, const Json& expected) {
        QCOMPARE_NEAR(fit.temperature, expected["temperature"], 1e-6 * expected["temperature"].get<double>());
        QCOMPARE_NEAR(fit.before, expected["before"], 1e-6);
        QCOMPARE_NEAR(fit.after, expected["after"], 1e-6);
        QVERIFY(!fit.atBorder);
    }

private Q_SLOTS:
    void initTestCase() {
        const FixtureScores read = readFixtureScores(metricFixture("binary") / "scores.csv");
        m_scores = read.scores;
        m_labels = read.labels;
        QVERIFY(!m_scores.empty());
    }

    void countsEqualTheReference() {
        const Thresholds thresholds(m_scores, m_labels);
        for (const Json& expected : m_expected["at"]) {
            const ThresholdCounts counts = thresholds.at(expected["threshold"]);
            QCOMPARE(counts.truePositives, expected["tp"].get<uint64_t>());
            QCOMPARE(counts.falsePositives, expected["fp"].get<uint64_t>());
            QCOMPARE(counts.trueNegatives, expected["tn"].get<uint64_t>());
            QCOMPARE(counts.falseNegatives, expected["fn"].get<uint64_t>());
            QCOMPARE_NEAR(counts.accuracy(), expected["accuracy"], kExact);
            QCOMPARE(counts.precision().has_value(), !expected["precision"].is_null());
            if (counts.precision())
                QCOMPARE_NEAR(*counts.precision(), expected["precision"], kExact);
            QCOMPARE_NEAR(*counts.recall(), expected["recall"], kExact);
            QCOMPARE_NEAR(*counts.f1(), expected["f1"], kExact);
        }
    }

    void everyThresholdCountsAsCountingDoes() {
        const Thresholds thresholds(m_scores, m_labels);
        std::vector<double> cuts = m_scores; // scores themselves: >= must hold for equals
        cuts.push_back(-1);
        cuts.push_back(2);
        for (const double cut : cuts) {
            uint64_t called = 0, right = 0;
            for (size_t i = 0; i < m_scores.size(); ++i) {
                called += m_scores[i] >= cut;
                right += (m_scores[i] >= cut) == (m_labels[i] == 1);
            }
            const ThresholdCounts counts = thresholds.at(cut);
            QCOMPARE(counts.called(), called);
            QCOMPARE_NEAR(counts.accuracy(), double(right) / double(m_scores.size()), kExact);
            QCOMPARE_NEAR(counts.calledShare(), double(called) / double(m_scores.size()), kExact);
        }
    }

    void bestReachesWhatTryingAllReaches() {
        const Thresholds thresholds(m_scores, m_labels);
        const Json& best = m_expected["best"];
        const auto accuracy = thresholds.best(ThresholdRule::Accuracy);
        QCOMPARE_NEAR(accuracy->accuracy(), best["accuracy"], kExact);
        QCOMPARE(accuracy->threshold, bestAccuracyThreshold(thresholds.ranking()).threshold);
        QCOMPARE_NEAR(*thresholds.best(ThresholdRule::F1)->f1(), best["f1"], kExact);
        const auto youden = thresholds.best(ThresholdRule::Youden);
        QCOMPARE_NEAR(*youden->recall() - *youden->falsePositiveRate(), best["youden"], kExact);
        const auto cost = thresholds.best(ThresholdRule::Cost, {5, 1});
        QCOMPARE_NEAR(5.0 * double(cost->falseNegatives) + double(cost->falsePositives),
                      best["cost_missed_5"], kExact);
        // The counts said are those at the threshold said.
        for (const auto& choice : {accuracy, youden, cost})
            QCOMPARE(thresholds.at(choice->threshold).truePositives, choice->truePositives);
    }

    void neighbouringScoresLeaveAThresholdThatTellsThemApart() {
        const double low = 0.5, high = std::nextafter(low, 1.0);
        const Thresholds thresholds(std::vector{low, high}, std::vector<uint8_t>{0, 1});
        const auto best = thresholds.best(ThresholdRule::Accuracy);
        QCOMPARE(best->accuracy(), 1.0);
        QCOMPARE(thresholds.at(best->threshold).accuracy(), 1.0);
    }

    void oneClassLeavesRulesUndefined() {
        const std::vector<double> scores{0.1, 0.9};
        const Thresholds negatives(scores, std::vector<uint8_t>{0, 0});
        QVERIFY(!negatives.best(ThresholdRule::F1));
        QVERIFY(!negatives.best(ThresholdRule::Youden));
        QCOMPARE(negatives.best(ThresholdRule::Accuracy)->accuracy(), 1.0);
        QVERIFY(negatives.best(ThresholdRule::Accuracy)->threshold > 0.9);
        QVERIFY(!negatives.at(0.5).recall());
        QVERIFY(!negatives.at(1).precision());
        const Thresholds positives(scores, std::vector<uint8_t>{1, 1});
        QVERIFY(!positives.best(ThresholdRule::Youden));
        QCOMPARE(positives.best(ThresholdRule::F1)->threshold, 0.1);
        QVERIFY(!errorOf([] { Thresholds({}, {}); }).empty());
    }

    void temperatureEqualsTheReference() {
        compare(fitTemperature(scaled(3), m_targets), m_expected["temperature"]);
        compare(fitTemperature(scaled(0.25F), m_targets), m_expected["temperature_flat"]);
    }

    void temperatureOfSigmoidsEqualsTheReference() {
        std::vector<double> top;
        std::vector<uint8_t> right;
        for (size_t i = 0; i < m_logits.rows(); ++i) {
            const auto row = m_logits.row(i);
            const auto best = std::ranges::max_element(row);
            top.push_back(3 * (double(*best) - double(1.8F))); // less the median, as the script has it
            right.push_back(best - row.begin() == m_targets[i]);
        }
        compare(fitTemperature(top, right), m_expected["sigmoid"]);
    }

    void temperatureStopsAtItsBorder() {
        const Matrix sure(2, 2, {3, 0, 0, 3}); // all right: the colder the better
        const TemperatureFit cold = fitTemperature(sure, std::vector{0, 1});
        QVERIFY(cold.atBorder);
        QCOMPARE_NEAR(cold.temperature, kLowestTemperature, 1e-12);
        const TemperatureFit hot = fitTemperature(sure, std::vector{1, 0}); // all wrong
        QVERIFY(hot.atBorder);
        QCOMPARE_NEAR(hot.temperature, kHighestTemperature, 1e-9);
        QVERIFY(hot.after < hot.before);
    }

    void badInputIsRefused() {
        ErrorCode code = ErrorCode::NotFound;
        QVERIFY(!errorOf([] { fitTemperature(Matrix(0, 3), {}); }, &code).empty());
        QCOMPARE(code, ErrorCode::InvalidArgument);
        QVERIFY(!errorOf([] { fitTemperature(Matrix(1, 1, {1}), std::vector{0}); }).empty());
        QVERIFY(!errorOf([] { fitTemperature(Matrix(1, 2, {1, 2}), std::vector{2}); }).empty());
        QVERIFY(
            !errorOf([] {
                 fitTemperature(Matrix(1, 2, {1, std::numeric_limits<float>::quiet_NaN()}), std::vector{0});
             }).empty());
    }
};

QTEST_APPLESS_MAIN(TestThresholds)
#include "tst_thresholds.moc"
