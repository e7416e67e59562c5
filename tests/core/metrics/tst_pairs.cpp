// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/metrics/caption_score.h"
#include "core/metrics/pairs.h"
#include "tests/core/metrics/metric_test_support.h"

#include <algorithm>
#include <array>
#include <fstream>

using namespace diptych;
using namespace diptych::test;

class TestPairs : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void winogroundEqualsTheReference() {
        const Json expected = expectedValues("winoground");
        QVERIFY(expected["ties"].get<int>() > 5);
        std::vector<PairOutcome> outcomes;
        std::vector<std::string> tags;
        std::ifstream file(metricFixture("winoground") / "scores.jsonl");
        for (std::string line; std::getline(file, line);) {
            const Json row = Json::parse(line);
            outcomes.push_back(pairOutcome({row["c0_i0"], row["c0_i1"], row["c1_i0"], row["c1_i1"]}));
            tags.push_back(row["tag"]);
        }
        const PairTotals all = pairTotals(outcomes);
        QCOMPARE(all.n, size_t(120));
        QCOMPARE_NEAR(all.text, expected["text"], kExact);
        QCOMPARE_NEAR(all.image, expected["image"], kExact);
        QCOMPARE_NEAR(all.group, expected["group"], kExact);
        const auto byTag = pairTotalsByTag(outcomes, tags);
        QCOMPARE(byTag.size(), size_t(3));
        for (const auto& [tag, totals] : byTag) {
            QCOMPARE_NEAR(totals.text, expected["text_" + tag], kExact);
            QCOMPARE_NEAR(totals.image, expected["image_" + tag], kExact);
            QCOMPARE_NEAR(totals.group, expected["group_" + tag], kExact);
        }
    }

    void everyInequalityIsStrict() {
        const PairOutcome right = pairOutcome({1, 0, 0, 1});
        QVERIFY(right.text() && right.image() && right.group());
        const PairOutcome captionTie = pairOutcome({1, 0, 1, 2}); // c0i0 = c1i0
        QVERIFY(!captionTie.image0PicksCaption0 && captionTie.image1PicksCaption1);
        QVERIFY(!captionTie.text() && captionTie.image() && !captionTie.group());
        const PairOutcome imageTie = pairOutcome({1, 1, 0, 2}); // c0i0 = c0i1
        QVERIFY(imageTie.text() && !imageTie.caption0PicksImage0 && !imageTie.image() && !imageTie.group());
        QVERIFY(!pairOutcome({2, 2, 1, 2}).image1PicksCaption1);
        QVERIFY(!pairOutcome({2, 1, 2, 2}).caption1PicksImage1);
    }

    void chanceIsWhatAllOrdersGive() {
        std::array<double, 4> scores{0, 1, 2, 3};
        std::vector<PairOutcome> outcomes;
        do {
            outcomes.push_back(pairOutcome({scores[0], scores[1], scores[2], scores[3]}));
        } while (std::next_permutation(scores.begin(), scores.end()));
        const PairTotals totals = pairTotals(outcomes);
        QCOMPARE_NEAR(totals.text, kPairChance.text, 1e-12);
        QCOMPARE_NEAR(totals.image, kPairChance.image, 1e-12);
        QCOMPARE_NEAR(totals.group, kPairChance.group, 1e-12);
    }

    void badPairsAreRefused() {
        QVERIFY(!errorOf([] { pairOutcome({1, NAN, 0, 1}); }).empty());
        QVERIFY(!errorOf([] { pairTotals({}); }).empty());
        const std::vector<PairOutcome> one(1);
        QVERIFY(!errorOf([&] { pairTotalsByTag(one, {}); }).empty());
    }

    void captionScoresEqualTheReference() {
        const Json expected = expectedValues("clipscore");
        const Matrix images = readNpyMatrix(metricFixture("clipscore") / "image_embeds.npy");
        const Matrix texts = readNpyMatrix(metricFixture("clipscore") / "text_embeds.npy");
        const NpyArray references = readNpy(metricFixture("clipscore") / "reference_embeds.npy");
        const size_t d = images.cols(), r = references.shape[1];
        for (size_t i = 0; i < images.rows(); ++i) {
            const double score = clipScore(cosineSimilarity(images.row(i), texts.row(i)));
            QCOMPARE_NEAR(score, expected["per_item"][i], kExact);
            const std::vector<double> text(texts.row(i).begin(), texts.row(i).end());
            double best = -1;
            for (size_t k = 0; k < r; ++k)
                best = std::max(
                    best, cosineSimilarity(text, std::span(references.values).subspan((i * r + k) * d, d)));
            QCOMPARE_NEAR(refClipScore(score, best), expected["per_item_ref"][i], kExact);
        }
        QCOMPARE(expected["per_item"][4].get<double>(), 0.0);
        QCOMPARE(expected["per_item_ref"][9].get<double>(), 0.0);
    }

    void captionScoreEdges() {
        QCOMPARE(clipScore(-0.3), 0.0);
        QCOMPARE(clipScore(0.4, 1), 0.4);
        QCOMPARE(refClipScore(0, -1), 0.0);
        QCOMPARE_NEAR(refClipScore(1, 0.5), 2.0 / 3, 1e-12);
        const std::vector<float> zero(3), one{1, 0, 0};
        QCOMPARE(cosineSimilarity(zero, one), 0.0);
        QVERIFY(!errorOf([&] { cosineSimilarity(one, std::vector<float>{1}); }).empty());
        QVERIFY(!errorOf([&] { cosineSimilarity(one, std::vector<float>{NAN, 0, 0}); }).empty());
        QVERIFY(!errorOf([] { clipScore(NAN); }).empty());
    }
};

QTEST_GUILESS_MAIN(TestPairs)
#include "tst_pairs.moc"
