// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/random.h"
#include "core/probe/neighbours.h"
#include "core/probe/splits.h"
#include "core/probe/sweep.h"
#include "tests/core/metrics/metric_test_support.h"

#include <algorithm>
#include <map>
#include <numeric>
#include <set>

using namespace diptych;
using namespace diptych::test;

namespace {

Matrix randomMatrix(size_t rows, size_t cols, uint64_t seed) {
    Random random(seed);
    Matrix matrix(rows, cols);
    for (float& value : matrix.values())
        value = float(random.uniform(-1, 1));
    return matrix;
}

} // namespace

class TestProtocol : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void gridIsThePapers() {
        QCOMPARE(kSweepSteps, 96);
        QCOMPARE_NEAR(sweepC(0), 1e-6, 1e-18);
        QCOMPARE_NEAR(sweepC(48), 1, 1e-12);
        QCOMPARE_NEAR(sweepC(96), 1e6, 1e-6);
        QCOMPARE_NEAR(sweepC(44), 0.316228, 1e-6); // the example program's 0.316
    }

    void searchFindsAnyPeak() {
        for (int peak = 0; peak <= kSweepSteps; ++peak) {
            int calls = 0;
            std::set<int> asked;
            const int found = searchSweepSteps([&](int step) {
                ++calls;
                asked.insert(step);
                return -std::abs(double(step - peak));
            });
            QCOMPARE(found, peak);
            QVERIFY2(calls <= 15, qPrintable(QString::number(calls)));
            QCOMPARE(asked.size(), size_t(calls));
            QVERIFY(*asked.begin() >= 0 && *asked.rbegin() <= kSweepSteps);
        }
    }

    void equalQualityTakesTheSmallerC() {
        QCOMPARE(searchSweepSteps([](int) { return 0.5; }), 0);
        // A plateau: the search narrows on its left end.
        QCOMPARE(searchSweepSteps([](int step) { return step >= 21 ? 1.0 : 0.0; }), 21);
    }

    void sweepPrefersWhatValidatesBest() {
        const auto folder = metricFixture("probe");
        const Matrix train = readNpyMatrix(folder / "train_features.npy");
        const Matrix validation = readNpyMatrix(folder / "test_features.npy");
        const auto trainLabels = readLabels(folder / "train_labels.npy");
        const auto labels = readLabels(folder / "test_labels.npy");
        const SweepResult result = sweepProbe(train, trainLabels, validation, labels, {}, {});
        QVERIFY(result.points.size() >= 7 && result.points.size() <= 15);
        const auto best = std::ranges::max_element(
            result.points, {}, [](const SweepPoint& point) { return point.validation.accuracy; });
        QCOMPARE(result.bestC, best->c);
        QVERIFY(std::ranges::is_sorted(result.points, {}, &SweepPoint::c));
        ProbeOptions options;
        options.c = result.bestC;
        const ProbeModel model = fitProbe(train, trainLabels, options, {});
        QCOMPARE_NEAR(scoreProbe(model, validation, labels).accuracy, best->validation.accuracy, 1e-12);
        const Matrix both = concatenateRows(train, validation);
        QCOMPARE(both.rows(), train.rows() + validation.rows());
        QCOMPARE(both(train.rows(), 1), validation(0, 1));
        QCOMPARE(both(0, 1), train(0, 1));
        QVERIFY(!errorOf([&] { concatenateRows(train, Matrix(1, 3)); }).empty());
    }

    void splitKeepsTheSharesOfClasses() {
        std::vector<int> labels;
        for (const auto& [label, count] : std::map<int, int>{{-4, 100}, {2, 50}, {3, 2}, {9, 1}})
            labels.insert(labels.end(), size_t(count), label);
        Random random(3);
        for (size_t i = labels.size(); i > 1; --i)
            std::swap(labels[i - 1], labels[random.below(i)]);
        const Split split = stratifiedSplit(labels, 0.2, 1);
        std::map<int, int> counts;
        for (const size_t i : split.second)
            ++counts[labels[i]];
        QCOMPARE(counts, (std::map<int, int>{{-4, 20}, {2, 10}, {3, 1}}));
        std::vector<size_t> all = split.first;
        all.insert(all.end(), split.second.begin(), split.second.end());
        std::ranges::sort(all);
        std::vector<size_t> expected(labels.size());
        std::iota(expected.begin(), expected.end(), size_t(0));
        QCOMPARE(all, expected);
        QVERIFY(std::ranges::is_sorted(split.first) && std::ranges::is_sorted(split.second));
        QCOMPARE(stratifiedSplit(labels, 0.2, 1).second, split.second);
        QVERIFY(stratifiedSplit(labels, 0.2, 2).second != split.second);
        QVERIFY(!errorOf([&] { stratifiedSplit(labels, 1, 1); }).empty());
        QVERIFY(!errorOf([&] { stratifiedSplit(labels, 0, 1); }).empty());
        QVERIFY(!errorOf([] { stratifiedSplit({}, 0.5, 1); }).empty());
    }

    void fewShotDrawsGrow() {
        std::vector<int> labels;
        for (int i = 0; i < 90; ++i)
            labels.push_back(i % 3);
        labels.push_back(7);
        std::vector<size_t> smaller;
        for (const size_t k : {1, 2, 4, 8, 16}) {
            const auto sample = fewShotSample(labels, k, 5);
            QCOMPARE(sample.size(), 3 * k + 1);
            std::map<int, size_t> counts;
            for (const size_t i : sample)
                ++counts[labels[i]];
            QCOMPARE(counts[0], k);
            QCOMPARE(counts[2], k);
            QCOMPARE(counts[7], size_t(1));
            QVERIFY(std::ranges::includes(sample, smaller));
            smaller = sample;
        }
        QVERIFY(fewShotSample(labels, 4, 6) != fewShotSample(labels, 4, 5));
        QVERIFY(!errorOf([&] { fewShotSample(labels, 0, 5); }).empty());
    }

    void neighboursEqualTheSlowWay() {
        Matrix candidates = randomMatrix(300, 8, 1);
        const Matrix queries = randomMatrix(40, 8, 2);
        std::ranges::copy(candidates.row(3), candidates.row(200).begin()); // a tie
        std::ranges::fill(candidates.row(5), 0.0f);
        const auto found = nearestNeighbours(queries, candidates, 7, {});
        for (size_t i = 0; i < queries.rows(); ++i) {
            std::vector<std::pair<double, size_t>> slow;
            for (size_t j = 0; j < candidates.rows(); ++j) {
                double dot = 0, a = 0, b = 0;
                for (size_t k = 0; k < 8; ++k) {
                    dot += double(queries(i, k)) * double(candidates(j, k));
                    a += double(queries(i, k)) * double(queries(i, k));
                    b += double(candidates(j, k)) * double(candidates(j, k));
                }
                slow.emplace_back(b > 0 ? -dot / std::sqrt(a * b) : 0, j);
            }
            std::ranges::sort(slow);
            QCOMPARE(found[i].size(), size_t(7));
            for (size_t k = 0; k < 7; ++k) {
                QCOMPARE_NEAR(found[i][k].similarity, -slow[k].first, 1e-6);
                if (found[i][k].index != slow[k].second) // only where two are equal to float precision
                    QCOMPARE_NEAR(slow[k].first, -double(found[i][k].similarity), 1e-6);
            }
        }
        QCOMPARE(nearestNeighbours(queries, candidates, 999, {})[0].size(), candidates.rows());
        const auto self = nearestNeighbours(candidates, candidates, 2, {});
        QCOMPARE(self[200][0].index, 3u); // equal similarity: the lower index first
        QCOMPARE(self[200][1].index, 200u);
    }

    void votes() {
        const std::vector<int> labels{5, 2, 2, 8};
        const std::vector<std::vector<Neighbour>> neighbours{
            {{0, 0.9f}, {1, 0.7f}, {2, 0.6f}, {3, 0.1f}},
            {{3, 0.5f}, {0, 0.5f}, {1, 0.5f}, {2, 0.1f}},
        };
        KnnOptions options;
        options.k = 3;
        options.vote = KnnVote::Majority;
        QCOMPARE(knnVote(neighbours, labels, options),
                 (std::vector<int>{2, 2})); // second: all tie, lowest wins
        options.vote = KnnVote::Weighted;   // e^0 against e^(-0.2/0.07) + e^(-0.3/0.07)
        QCOMPARE(knnVote(neighbours, labels, options), (std::vector<int>{5, 2}));
        options.temperature = 10; // nearly equal weights
        QCOMPARE(knnVote(neighbours, labels, options)[0], 2);
        options.k = 1;
        QCOMPARE(knnVote(neighbours, labels, options), (std::vector<int>{5, 8}));
        options.temperature = 1e-300; // far below float's range of similarities: still no overflow
        options.k = 4;
        QCOMPARE(knnVote(neighbours, labels, options)[0], 5);
        options.temperature = 0;
        QVERIFY(!errorOf([&] { knnVote(neighbours, labels, options); }).empty());
    }

    void nearestLabelWins() {
        const Matrix train(3, 2, {1, 0, 0, 2, -3, 0});
        const std::vector<int> labels{4, 1, 6};
        KnnOptions options;
        options.k = 1;
        const auto nearest = nearestNeighbours(Matrix(2, 2, {0.1f, 5, -1, 0.2f}), train, 1, {});
        QCOMPARE(knnVote(nearest, labels, options), (std::vector<int>{1, 6}));
        QVERIFY(!errorOf([&] { nearestNeighbours(Matrix(1, 3), train, 1, {}); }).empty());
        QVERIFY(!errorOf([&] { nearestNeighbours(train, Matrix(0, 2), 1, {}); }).empty());
        QVERIFY(!errorOf([&] { nearestNeighbours(Matrix(1, 2, {NAN, 1}), train, 1, {}); }).empty());
    }

    void nearDuplicatesAreFound() {
        Matrix train = randomMatrix(200, 32, 4), test = randomMatrix(50, 32, 5);
        for (size_t k = 0; k < 32; ++k)
            test(17, k) = train(60, k) * 3 + 0.01f * test(17, k);
        const auto found = findNearDuplicates(train, test, kNearDuplicateSimilarity, {});
        QCOMPARE(found.size(), size_t(1));
        QCOMPARE(found[0].test, size_t(17));
        QCOMPARE(found[0].train, size_t(60));
        QVERIFY(found[0].similarity > 0.99f);
        QCOMPARE(findNearDuplicates(train, test, -1, {}).size(), test.rows());
    }
};

QTEST_GUILESS_MAIN(TestProtocol)
#include "tst_protocol.moc"
