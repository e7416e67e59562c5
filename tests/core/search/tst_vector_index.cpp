// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/random.h"
#include "core/search/score_distribution.h"
#include "core/search/vector_index.h"
#include "tests/support/error_code.h"

#include <QTest>

#include <algorithm>
#include <cmath>
#include <set>
#include <thread>

using namespace diptych;

namespace {

float normal(Random& random) {
    return static_cast<float>(std::sqrt(-2 * std::log(1 - random.uniform())) *
                              std::cos(2 * 3.14159265358979 * random.uniform()));
}

/// Directions without any structure, which is the hardest case for a graph.
Matrix randomRows(size_t rows, size_t columns, uint64_t seed) {
    Random random(seed);
    Matrix out(rows, columns);
    for (float& value : out.values())
        value = normal(random);
    normalizeRows(out);
    return out;
}

/// Groups around directions of their own, as classes of pictures are.
Matrix clusteredRows(size_t rows, size_t columns, size_t clusters, uint64_t seed) {
    const Matrix centres = randomRows(clusters, columns, seed);
    Random random(seed + 1);
    Matrix out(rows, columns);
    for (size_t i = 0; i < rows; ++i)
        for (size_t j = 0; j < columns; ++j)
            out(i, j) = centres(i % clusters, j) + 0.5F / std::sqrt(float(columns)) * normal(random);
    normalizeRows(out);
    return out;
}

double recallAt10(const VectorIndex& index, const Matrix& rows, const Matrix& queries) {
    size_t found = 0;
    for (size_t i = 0; i < queries.rows(); ++i) {
        std::set<uint32_t> wanted;
        for (const Neighbour& one : largest(cosinesOf(rows, queries.row(i)), 10))
            wanted.insert(one.index);
        for (const Neighbour& one : index.nearest(queries.row(i), 10))
            found += wanted.count(one.index);
    }
    return static_cast<double>(found) / static_cast<double>(10 * queries.rows());
}

} // namespace

class TestVectorIndex : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void exactComparesAll() {
        const Matrix rows = randomRows(3000, 70, 3);
        const Matrix queries = randomRows(5, 70, 4);
        const auto index = exactIndex(rows);
        const auto reference = nearestNeighbours(queries, rows, 25, {});
        for (size_t i = 0; i < queries.rows(); ++i) {
            const auto found = index->nearest(queries.row(i), 25);
            QCOMPARE(found.size(), size_t{25});
            for (size_t j = 0; j < found.size(); ++j) {
                double cosine = 0;
                for (size_t k = 0; k < rows.cols(); ++k)
                    cosine += double(queries(i, k)) * double(rows(found[j].index, k));
                QVERIFY(std::abs(double(found[j].similarity) - cosine) < 1e-6);
                QVERIFY(std::abs(found[j].similarity - reference[i][j].similarity) < 1e-6F);
            }
        }
        QCOMPARE(index->nearest(queries.row(0), 9999).size(), rows.rows());
        QCOMPARE(index->recallAt10(), 1.0);
    }

    void threadsChangeNoBit() {
        const Matrix rows = randomRows(20000, 64, 5);
        const Matrix query = randomRows(1, 64, 6);
        QVERIFY(cosinesOf(rows, query.row(0), 1) == cosinesOf(rows, query.row(0), 3));
    }

    void equalOnesComeByRow() {
        const std::vector<float> scores{0.5F, 0.9F, 0.5F, 0.9F, 0.1F};
        const auto found = largest(scores, 3);
        QCOMPARE(found[0].index, 1U);
        QCOMPARE(found[1].index, 3U);
        QCOMPARE(found[2].index, 0U);
    }

    void theGraphFindsWhatComparingAllFinds_data() {
        QTest::addColumn<bool>("clustered");
        QTest::newRow("random") << false;
        QTest::newRow("clustered") << true;
    }
    void theGraphFindsWhatComparingAllFinds() {
        QFETCH(bool, clustered);
        const Matrix rows = clustered ? clusteredRows(8000, 64, 200, 7) : randomRows(8000, 64, 7);
        RunContext context;
        context.threads = 2;
        const auto index = buildHnswIndex(rows, {}, context);
        QVERIFY(index->method() == SearchMethod::Hnsw);
        const double ofRows = recallAt10(*index, rows, randomRows(100, 64, 8));
        QVERIFY2(ofRows >= 0.95, qPrintable(QString::number(ofRows)));
        QVERIFY2(index->recallAt10() >= 0.95, qPrintable(QString::number(index->recallAt10())));
        // What is said of it holds for queries it was not measured on, of the kind it was measured on.
        const double again = recallAt10(*index, rows, Matrix(100, 64, [&] {
            const auto values = rows.values().subspan(64 * 500, 64 * 100);
            return std::vector<float>(values.begin(), values.end());
        }()));
        QVERIFY2(std::abs(again - index->recallAt10()) < 0.05, qPrintable(QString::number(again)));
        const auto nearest = index->nearest(rows.row(11), 5);
        QCOMPARE(nearest[0].index, 11U);
        QVERIFY(std::ranges::is_sorted(nearest, std::greater(), &Neighbour::similarity));
    }

    void buildingStopsAndBadInputIsRefused() {
        std::stop_source stop;
        RunContext context;
        context.stop = stop.get_token();
        stop.request_stop();
        const Matrix rows = randomRows(2000, 16, 1);
        QVERIFY_EXCEPTION_THROWN(buildHnswIndex(rows, {}, context), Cancelled);
        using test::errorCodeOf;
        QCOMPARE(errorCodeOf([&] { buildHnswIndex(Matrix(), {}, {}); }), ErrorCode::InvalidArgument);
        QCOMPARE(errorCodeOf([&] { exactIndex(Matrix(1, 2, {NAN, 0})); }), ErrorCode::InvalidArgument);
        const auto index = buildHnswIndex(rows, {}, {});
        QCOMPARE(errorCodeOf([&] { index->nearest(std::vector<float>(15), 5); }), ErrorCode::InvalidArgument);
        QCOMPARE(errorCodeOf([&] { index->nearest(rows.row(0), 0); }), ErrorCode::InvalidArgument);
        QCOMPARE(buildHnswIndex(randomRows(1, 4, 2), {}, {})->nearest(rows.row(0).first(4), 3).size(),
                 size_t{1});
    }

    void distributionCountsAndEstimates() {
        const ScoreDistribution all({0.3F, 0.1F, 0.2F, 0.2F, 0.9F}, 5);
        QVERIFY(!all.sampled());
        QCOMPARE(all.countFrom(0.2F), size_t{4});
        QCOMPARE(all.countFrom(0.95F), size_t{0});
        QCOMPARE(all.countFrom(-1), size_t{5});
        QCOMPARE(all.shareBelow(0.2F), 0.2);
        QCOMPARE(all.shareBelow(1), 1.0);
        QCOMPARE(all.quantile(0.5), 0.2F);
        QCOMPARE(all.histogram(4), (std::vector<size_t>{3, 1, 0, 1}));
        const ScoreDistribution some({0.3F, 0.1F}, 1000);
        QVERIFY(some.sampled());
        QCOMPARE(some.countFrom(0.2F), size_t{500});
        QCOMPARE(ScoreDistribution({0.5F, 0.5F}, 2).histogram(3), (std::vector<size_t>{2, 0, 0}));
        QCOMPARE(ScoreDistribution().countFrom(0), size_t{0});
        QCOMPARE(ScoreDistribution().shareBelow(0), 0.0);
    }
};

QTEST_GUILESS_MAIN(TestVectorIndex)
#include "tst_vector_index.moc"
