// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/projection/neighbour_table.h"
#include "core/projection/pca.h"
#include "core/projection/projection.h"
#include "tests/core/projection/projection_support.h"

#include <QTest>

#include <algorithm>
#include <cmath>
#include <limits>

using namespace diptych;
using namespace diptych::test;

namespace {

void compareNumbers(const std::vector<double>& ours, const Json& theirs, double tolerance) {
    QCOMPARE(ours.size(), theirs.size());
    for (size_t i = 0; i < ours.size(); ++i) {
        const double expected = theirs[i].get<double>();
        QVERIFY2(std::abs(ours[i] - expected) <= tolerance * std::abs(expected) + 1e-12,
                 qPrintable(
                     QString("%1: %2 is not %3").arg(i).arg(ours[i], 0, 'g', 12).arg(expected, 0, 'g', 12)));
    }
}

RunContext withThreads(unsigned threads) {
    RunContext context;
    context.threads = threads;
    return context;
}

} // namespace

class TestPca : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void agreesWithScikitLearn_data() {
        QTest::addColumn<QString>("array");
        QTest::addColumn<QString>("expected");
        QTest::newRow("more points than dimensions") << "/metrics/pca/features.npy"
                                                     << "/metrics/pca/expected.json";
        QTest::newRow("fewer points than dimensions") << "/projection/wide.npy"
                                                      << "/projection/wide.json";
    }
    void agreesWithScikitLearn() {
        QFETCH(QString, array);
        QFETCH(QString, expected);
        const Matrix features = readNpyMatrix(kFixtures + array.toStdString());
        const Json reference = readJsonFile(kFixtures + expected.toStdString());
        const Pca pca = fitPca(features, 10, {});
        compareNumbers(pca.variance, reference["explained_variance"], 1e-9);
        compareNumbers(pca.varianceRatio, reference["explained_variance_ratio"], 1e-9);
        const Matrix positions = pca.transform(features, 1);
        for (size_t i = 0; i < 5; ++i)
            for (size_t c = 0; c < 3; ++c)
                QVERIFY(std::abs(static_cast<double>(positions(i, c)) -
                                 reference["first_rows"][i][c].get<double>()) < 1e-5);
    }

    void threadsDoNotChangeABit() {
        const Matrix features = clusteredPoints(3000, 70, 5, 1);
        ProjectionOptions options;
        const Projection one = project(features, options, withThreads(1));
        const Projection three = project(features, options, withThreads(3));
        QVERIFY(std::ranges::equal(one.positions.values(), three.positions.values()));
    }

    void pointsWithoutEnoughDirectionsLieOnFewerAxes() {
        ProjectionOptions options;
        options.dimensions = 3;
        const Projection single = project(Matrix(1, 4, {1, 2, 3, 4}), options, {});
        QVERIFY(std::ranges::all_of(single.positions.values(), [](float value) { return value == 0; }));
        const Projection pair = project(Matrix(2, 4, {0, 0, 0, 0, 3, 0, 4, 0}), options, {});
        QVERIFY(std::abs(std::abs(pair.positions(0, 0) - pair.positions(1, 0)) - 5) < 1e-6);
        for (size_t i = 0; i < 2; ++i)
            QVERIFY(pair.positions(i, 1) == 0 && pair.positions(i, 2) == 0);
        QVERIFY(std::abs(pair.explainedVarianceRatio[0] - 1) < 1e-12 && pair.explainedVarianceRatio[1] == 0);
        const Projection line = project(Matrix(4, 1, {0, 1, 2, 9}), options, {}); // one column, three axes
        QCOMPARE(line.positions.cols(), size_t{3});
        const Projection same = project(Matrix(5, 3, std::vector<float>(15, 2)), options, {});
        QVERIFY(std::ranges::all_of(same.positions.values(), [](float value) { return value == 0; }));
    }

    void badInputIsRefusedInWords() {
        ProjectionOptions options;
        QVERIFY(QString(errorOf([&] { project({}, options, {}); })->what()).contains("points"));
        Matrix features(3, 2);
        features(1, 1) = std::numeric_limits<float>::quiet_NaN();
        QVERIFY(QString(errorOf([&] { project(features, options, {}); })->what()).contains("row 1"));
        options.dimensions = 4;
        QVERIFY(QString(errorOf([&] { project(Matrix(3, 2), options, {}); })->what()).contains("2 or 3"));
        QVERIFY(errorOf([&] { parseProjectionMethod("som"); })->code() == ErrorCode::NotFound);
    }

    void neighboursAreThoseOfASlowSearch() {
        // More than one block of rows, duplicates, and an offset that float32 products alone would not bear.
        Matrix features = clusteredPoints(2100, 9, 40, 2);
        for (float& value : features.values())
            value += 1000;
        std::ranges::copy(features.row(7), features.row(2050).begin());
        const NeighbourTable table = nearestRows(features, 6, withThreads(2));
        QCOMPARE(table.k, size_t{6});
        for (const size_t i :
             {size_t{0}, size_t{7}, size_t{1023}, size_t{1024}, size_t{2050}, size_t{2099}}) {
            std::vector<std::pair<double, uint32_t>> all;
            for (size_t j = 0; j < features.rows(); ++j) {
                double square = 0;
                for (size_t c = 0; c < features.cols(); ++c)
                    square += std::pow(
                        static_cast<double>(features(i, c)) - static_cast<double>(features(j, c)), 2);
                if (j != i)
                    all.emplace_back(square, static_cast<uint32_t>(j));
            }
            std::ranges::sort(all);
            for (size_t n = 0; n < 6; ++n) {
                QCOMPARE(table.indices(i)[n], all[n].second);
                QVERIFY(std::abs(static_cast<double>(table.distances(i)[n]) - std::sqrt(all[n].first)) <
                        1e-5);
            }
        }
        QCOMPARE(table.indices(7)[0], 2050u);
        QCOMPARE(table.distances(7)[0], 0.0F);
        const NeighbourTable again = nearestRows(features, 6, withThreads(1));
        QVERIFY(again.index == table.index && again.distance == table.distance);
    }

    void neighboursOfFewPoints() {
        QCOMPARE(nearestRows(Matrix(), 5, {}).k, size_t{0});
        QCOMPARE(nearestRows(Matrix(1, 3), 5, {}).rows(), size_t{0});
        const NeighbourTable two = nearestRows(Matrix(2, 1, {0, 3}), 5, {});
        QCOMPARE(two.k, size_t{1});
        QCOMPARE(two.index, (std::vector<uint32_t>{1, 0}));
        QCOMPARE(two.distance, (std::vector<float>{3, 3}));
    }

    void preservationCountsNeighboursThatStayed() {
        const Matrix features(4, 1, {0, 1, 10, 11});
        const NeighbourTable table = nearestRows(features, 1, {});
        const auto kept = neighbourhoodPreservation(table, Matrix(4, 2, {0, 0, 0, 1, 5, 5, 5, 6}), 1, {});
        QCOMPARE(kept, std::vector<float>(4, 1));
        const auto lost = neighbourhoodPreservation(table, Matrix(4, 2, {0, 0, 5, 5, 0, 1, 5, 6}), 1, {});
        QCOMPARE(lost, std::vector<float>(4, 0));
        QCOMPARE(neighbourhoodPreservation({}, Matrix(1, 2), 1, {}), std::vector<float>(1, 1));
    }

    void cancelEndsTheSearch() {
        std::stop_source stop;
        RunContext context;
        context.stop = stop.get_token();
        stop.request_stop();
        QVERIFY_EXCEPTION_THROWN(nearestRows(clusteredPoints(50, 3, 2, 3), 5, context), Cancelled);
        QVERIFY_EXCEPTION_THROWN(project(clusteredPoints(50, 3, 2, 3), {}, context), Cancelled);
    }
};

QTEST_GUILESS_MAIN(TestPca)
#include "tst_pca.moc"
