// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/projection/approximate_neighbours.h"
#include "core/projection/space_neighbours.h"
#include "tests/core/projection/projection_support.h"

#include <QTest>

#include <cmath>

using namespace diptych;
using namespace diptych::test;

namespace {

RunContext withThreads(unsigned threads) {
    RunContext context;
    context.threads = threads;
    return context;
}

/// Points of few degrees of freedom in many dimensions, as embeddings are.
Matrix bentSheet(size_t rows, size_t columns, size_t freedom, uint64_t seed) {
    Random random(seed);
    Matrix basis(columns, freedom), latent(rows, freedom);
    for (float& value : basis.values())
        value = static_cast<float>(random.uniform(-1, 1));
    for (float& value : latent.values())
        value = static_cast<float>(random.uniform(-1, 1));
    Matrix out = multiplyTransposed(latent, basis);
    for (float& value : out.values())
        value = std::tanh(value);
    return out;
}

double sharedWith(const NeighbourTable& truth, const NeighbourTable& found) {
    size_t shared = 0;
    for (size_t i = 0; i < truth.rows(); ++i)
        for (const uint32_t index : truth.indices(i))
            shared += static_cast<size_t>(std::ranges::count(found.indices(i), index));
    return static_cast<double>(shared) / static_cast<double>(truth.index.size());
}

} // namespace

class TestNeighbours : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void mostNeighboursAreFound_data() {
        QTest::addColumn<bool>("clusters");
        QTest::newRow("clusters") << true;
        QTest::newRow("a bent sheet") << false;
    }
    void mostNeighboursAreFound() {
        QFETCH(bool, clusters);
        const Matrix features = clusters ? clusteredPoints(4000, 40, 60, 5) : bentSheet(4000, 64, 12, 5);
        const NeighbourTable truth = nearestRows(features, 15, withThreads(2));
        const NeighbourTable found = approximateRows(features, 15, withThreads(2));
        QCOMPARE(found.k, size_t{15});
        const double recall = sharedWith(truth, found);
        QVERIFY2(recall > 0.95, qPrintable(QString::number(recall)));
        const double said = neighbourRecall(features, found, 400, withThreads(2));
        QVERIFY2(std::abs(said - recall) < 0.02, qPrintable(QString::number(said)));
        QCOMPARE(neighbourRecall(features, truth, 50, withThreads(1)), 1.0);
        for (size_t i = 0; i < 50; ++i) { // distances are those of the rows
            const uint32_t other = found.indices(i)[0];
            double square = 0;
            for (size_t j = 0; j < features.cols(); ++j)
                square += std::pow(double(features(i, j)) - double(features(other, j)), 2);
            QVERIFY(std::abs(double(found.distances(i)[0]) - std::sqrt(square)) < 1e-5);
            QVERIFY(std::ranges::is_sorted(found.distances(i)));
        }
        const NeighbourTable again = approximateRows(features, 15, withThreads(1));
        QVERIFY(again.index == found.index && again.distance == found.distance);
    }

    void fewAndEqualRowsHaveTheirNeighbours() {
        QCOMPARE(approximateRows(Matrix(), 3, {}).k, size_t{0});
        QCOMPARE(approximateRows(Matrix(1, 3), 3, {}).k, size_t{0});
        for (const size_t rows : {2, 5, 30}) {
            const NeighbourTable table = approximateRows(Matrix(rows, 4), 7, {});
            QCOMPARE(table.k, std::min<size_t>(7, rows - 1));
            for (size_t i = 0; i < table.rows(); ++i) {
                std::vector<uint32_t> own(table.indices(i).begin(), table.indices(i).end());
                std::ranges::sort(own);
                QVERIFY(std::ranges::adjacent_find(own) == own.end()); // each once
                QVERIFY(std::ranges::count(own, uint32_t(i)) == 0);
            }
        }
        QVERIFY(errorOf([] { approximateRows(Matrix(2, 1, {NAN, 0}), 1, {}); }));
    }

    void aTreeFindsWhatComparingAllFinds_data() {
        QTest::addColumn<int>("dimensions");
        QTest::addColumn<bool>("equal");
        QTest::newRow("2") << 2 << false;
        QTest::newRow("3") << 3 << false;
        QTest::newRow("many of them equal") << 2 << true;
    }
    void aTreeFindsWhatComparingAllFinds() {
        QFETCH(int, dimensions);
        QFETCH(bool, equal);
        Matrix positions = clusteredPoints(3000, static_cast<size_t>(dimensions), 7, 9);
        if (equal)
            for (float& value : positions.values())
                value = std::round(value * 4) / 4;
        const NeighbourTable truth = nearestRows(positions, 12, withThreads(2));
        const NeighbourTable found = nearestInSpace(positions, 12, withThreads(2));
        QCOMPARE(found.k, truth.k);
        for (size_t i = 0; i < truth.rows(); ++i)
            for (size_t j = 0; j < truth.k; ++j)
                QVERIFY(std::abs(found.distances(i)[j] - truth.distances(i)[j]) < 2e-4F);
        if (!equal)
            QVERIFY(sharedWith(truth, found) > 0.999);
        QVERIFY(nearestInSpace(positions, 12, withThreads(1)).index == found.index);
        QCOMPARE(nearestInSpace(Matrix(1, 2), 3, {}).k, size_t{0});
    }

    void bothStop() {
        std::stop_source stop;
        RunContext context;
        context.stop = stop.get_token();
        stop.request_stop();
        const Matrix features = clusteredPoints(2000, 8, 5, 1);
        QVERIFY_EXCEPTION_THROWN(approximateRows(features, 5, context), Cancelled);
        QVERIFY_EXCEPTION_THROWN(nearestInSpace(clusteredPoints(2000, 2, 5, 1), 5, context), Cancelled);
    }
};

QTEST_GUILESS_MAIN(TestNeighbours)
#include "tst_neighbours.moc"
