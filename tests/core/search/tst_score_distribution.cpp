// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/search/score_distribution.h"

#include <QTest>

#include <random>

using namespace diptych;

class TestScoreDistribution : public QObject {
    Q_OBJECT

private:
    static std::vector<float> scores(size_t bulk, size_t fitting) {
        std::mt19937 generator(7);
        std::normal_distribution<float> low(0.18F, 0.02F), high(0.34F, 0.01F);
        std::vector<float> out;
        for (size_t i = 0; i < bulk; ++i)
            out.push_back(low(generator));
        for (size_t i = 0; i < fitting; ++i)
            out.push_back(high(generator));
        return out;
    }

private Q_SLOTS:
    void findsThoseThatStandOut() {
        const ScoreDistribution distribution(scores(10000, 100), 10100);
        const auto cut = distribution.suggestedCut();
        QVERIFY(cut);
        QVERIFY2(cut->score > 0.22F && cut->score < 0.32F, qPrintable(QString::number(cut->score)));
        QCOMPARE(cut->count, distribution.countFrom(cut->score));
        QVERIFY2(cut->count >= 100 && cut->count <= 126, qPrintable(QString::number(cut->count)));
        QVERIFY(cut->byChance <= kByChance * double(cut->count));
    }

    void suggestsNothingWhereNothingStandsOut() {
        QVERIFY(!ScoreDistribution(scores(10000, 0), 10000).suggestedCut());
        QVERIFY(!ScoreDistribution(std::vector<float>(100, 0.2F), 100).suggestedCut());
        QVERIFY(!ScoreDistribution({}, 0).suggestedCut());
        QVERIFY(!ScoreDistribution({0.1F, 0.9F}, 2).suggestedCut());
    }

    void aSampleStandsForAll() {
        const ScoreDistribution sampled(scores(10000, 100), 101000);
        const auto cut = sampled.suggestedCut();
        QVERIFY(cut);
        QVERIFY(cut->count >= 1000);
        QCOMPARE(cut->score, ScoreDistribution(scores(10000, 100), 10100).suggestedCut()->score);
    }

    void equalScoresAreOnOneSide() {
        std::vector<float> values = scores(1000, 0);
        values.insert(values.end(), 50, 0.5F);
        const auto cut = ScoreDistribution(values, values.size()).suggestedCut();
        QVERIFY(cut);
        QVERIFY(cut->score <= 0.5F);
        QVERIFY(cut->count >= 50);
    }
};

QTEST_APPLESS_MAIN(TestScoreDistribution)
#include "tst_score_distribution.moc"
