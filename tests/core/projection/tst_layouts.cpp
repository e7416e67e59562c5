// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/metrics/neighbourhood.h"
#include "core/projection/projection.h"
#include "core/projection/repulsion.h"
#include "core/projection/umap.h"
#include "tests/core/projection/projection_support.h"

#include <QTest>

#include <algorithm>
#include <cmath>
#include <limits>

using namespace diptych;
using namespace diptych::test;

Q_DECLARE_METATYPE(ProjectionMethod)

namespace {

RunContext contextOf(uint64_t seed, unsigned threads) {
    RunContext context;
    context.seed = seed;
    context.threads = threads;
    return context;
}

ProjectionOptions optionsOf(ProjectionMethod method, size_t iterations = 0) {
    ProjectionOptions options;
    options.method = method;
    options.iterations = iterations;
    return options;
}

bool allFinite(const Matrix& matrix) {
    return std::ranges::all_of(matrix.values(), [](float value) { return std::isfinite(value); });
}

bool equal(const Matrix& a, const Matrix& b) {
    return std::ranges::equal(a.values(), b.values());
}

double trustOf(const Matrix& features, const Matrix& positions, size_t k) {
    return trustworthiness(features, nearestRows(positions, k, {}).index, k, {});
}

/// Points spread over a square of this side.
Matrix scattered(size_t n, double side, uint64_t seed) {
    Random random(seed);
    Matrix positions(n, 2);
    for (float& value : positions.values())
        value = static_cast<float>(random.uniform(-side / 2, side / 2));
    return positions;
}

void bothMethods() {
    QTest::addColumn<ProjectionMethod>("method");
    QTest::newRow("t-SNE") << ProjectionMethod::Tsne;
    QTest::newRow("UMAP") << ProjectionMethod::Umap;
}

} // namespace

class TestLayouts : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void trustworthinessIsScikitLearns() {
        const Matrix digits = readNpyMatrix(kFixtures + "/metrics/tsne/digits.npy");
        const Matrix map = readNpyMatrix(kFixtures + "/projection/digits_map.npy");
        const Json expected = readJsonFile(kFixtures + "/metrics/tsne/expected.json")["tsne"];
        for (const size_t k : {size_t{5}, size_t{10}, size_t{12}}) {
            const double theirs = expected["trustworthiness_" + std::to_string(k)].get<double>();
            // Points as far away as others are in another order there.
            QVERIFY(std::abs(trustOf(digits, map, k) - theirs) < 1e-5);
        }
        QVERIFY(errorOf([&] { trustworthiness(digits, std::vector<uint32_t>(600 * 300), 300, {}); }));
    }

    void mapsAreAsGoodAsTheirPeers_data() { bothMethods(); }
    void mapsAreAsGoodAsTheirPeers() {
        QFETCH(ProjectionMethod, method);
        const Matrix digits = readNpyMatrix(kFixtures + "/metrics/tsne/digits.npy");
        const Json expected = readJsonFile(kFixtures + "/metrics/tsne/expected.json");
        const Projection map = project(digits, optionsOf(method), {});
        QVERIFY(map.notes.empty());
        const double ours = trustOf(digits, map.positions, 10);
        const double theirs = expected[projectionMethodName(method)]["trustworthiness_10"].get<double>();
        QVERIFY2(ours > theirs - 0.01, qPrintable(QString("%1, peer %2").arg(ours).arg(theirs)));
    }

    void sameSeedSameMapWhateverTheThreads_data() { bothMethods(); }
    void sameSeedSameMapWhateverTheThreads() {
        QFETCH(ProjectionMethod, method);
        const Matrix features = clusteredPoints(700, 20, 6, 1);
        const ProjectionOptions options = optionsOf(method, 40);
        const Projection one = project(features, options, contextOf(5, 1));
        QVERIFY(equal(one.positions, project(features, options, contextOf(5, 3)).positions));
        QVERIFY(!equal(one.positions, project(features, options, contextOf(6, 1)).positions));
    }

    void theGridPushesAsThePairsDo_data() {
        QTest::addColumn<double>("side");
        QTest::newRow("start") << 1e-3;
        QTest::newRow("on its way") << 6.0;
        QTest::newRow("spread out") << 80.0;
    }
    void theGridPushesAsThePairsDo() {
        QFETCH(double, side);
        const Matrix positions = scattered(3000, side, 3);
        Matrix exact(3000, 2), grid(3000, 2), again(3000, 2);
        const double pairs = exactRepulsion()->compute(positions, exact, 2);
        const auto repulsion = gridRepulsion();
        const double approximate = repulsion->compute(positions, grid, 1);
        QVERIFY2(std::abs(approximate / pairs - 1) < 0.01, qPrintable(QString::number(approximate / pairs)));
        float largest = 0, error = 0;
        for (size_t i = 0; i < exact.values().size(); ++i) {
            largest = std::max(largest, std::abs(exact.values()[i]));
            error = std::max(error, std::abs(exact.values()[i] - grid.values()[i]));
        }
        QVERIFY2(error < 0.03F * largest, qPrintable(QString("%1 of %2").arg(error).arg(largest)));
        QCOMPARE(repulsion->compute(positions, again, 3), approximate);
        QVERIFY(equal(grid, again));
    }

    void framesComeAndACancelEndsIt_data() { bothMethods(); }
    void framesComeAndACancelEndsIt() {
        QFETCH(ProjectionMethod, method);
        const Matrix features = clusteredPoints(120, 8, 3, 4);
        std::stop_source stop;
        RunContext context;
        context.stop = stop.get_token();
        size_t frames = 0, last = 0;
        const auto onFrame = [&](const Matrix& positions, size_t iteration, size_t iterations) {
            QCOMPARE(positions.rows(), size_t{120});
            QVERIFY(iteration > last && iteration <= iterations);
            last = iteration;
            if (++frames == 4)
                stop.request_stop();
        };
        QVERIFY_EXCEPTION_THROWN(project(features, optionsOf(method), context, onFrame), Cancelled);
        QCOMPARE(frames, size_t{4});
    }

    void fewPoints_data() { bothMethods(); }
    void fewPoints() {
        QFETCH(ProjectionMethod, method);
        QVERIFY(errorOf([&] { project(Matrix(0, 3), optionsOf(method), {}); }));
        for (const size_t n : {1, 2, 3, 4, 9}) {
            const Projection map = project(clusteredPoints(n, 5, 2, n), optionsOf(method), {});
            QCOMPARE(map.positions.rows(), n);
            QVERIFY(allFinite(map.positions));
            for (size_t i = 1; i < n; ++i)
                QVERIFY(!std::ranges::equal(map.positions.row(0), map.positions.row(i)));
            QCOMPARE(map.notes.empty(), n == 1 && method == ProjectionMethod::Umap);
            for (const ProjectionNote note : map.notes)
                QVERIFY(projectionNoteText(note, optionsOf(method), n).size() > 20);
        }
    }

    void equalPointsStayTogether_data() { bothMethods(); }
    void equalPointsStayTogether() {
        QFETCH(ProjectionMethod, method);
        Matrix features(60, 3);
        for (size_t i = 0; i < 60; ++i)
            features(i, 0) = i < 30 ? 0.0F : 1.0F;
        QVERIFY(allFinite(project(features, optionsOf(method), {}).positions));
        QVERIFY(allFinite(project(Matrix(60, 3), optionsOf(method), {}).positions));
        // A pair of duplicates among others ends up side by side.
        Matrix others = clusteredPoints(200, 6, 1, 8);
        std::ranges::copy(others.row(3), others.row(150).begin());
        const Projection map = project(others, optionsOf(method), {});
        const NeighbourTable near = nearestRows(map.positions, 5, {});
        QVERIFY(std::ranges::find(near.indices(3), 150u) != near.indices(3).end());
    }

    void umapKnowsThreeDimensions() {
        const Matrix digits = readNpyMatrix(kFixtures + "/metrics/tsne/digits.npy");
        ProjectionOptions options = optionsOf(ProjectionMethod::Umap, 100);
        options.dimensions = 3;
        const Projection map = project(digits, options, {});
        QCOMPARE(map.positions.cols(), size_t{3});
        QVERIFY(trustOf(digits, map.positions, 10) > 0.98);
        options.method = ProjectionMethod::Tsne;
        QVERIFY(QString(errorOf([&] { project(digits, options, {}); })->what()).contains("2 dimensions"));
    }

    void theCurveIsUmapLearns() {
        // umap.umap_.find_ab_params(1, d) of umap-learn 0.5.12
        for (const auto& [distance, a, b] :
             {std::tuple{0.0, 1.93281, 0.790495}, std::tuple{0.1, 1.576943, 0.895061},
              std::tuple{0.5, 0.58303, 1.334167}}) {
            const UmapCurve curve = fitUmapCurve(distance);
            QVERIFY2(std::abs(curve.a - a) < 1e-3 && std::abs(curve.b - b) < 1e-3,
                     qPrintable(QString("%1 %2").arg(curve.a).arg(curve.b)));
        }
    }

    void optionsOutOfRangeAreNamed() {
        ProjectionOptions options = optionsOf(ProjectionMethod::Tsne);
        options.perplexity = 1;
        QVERIFY(QString(errorOf([&] { checkProjectionOptions(options); })->what()).contains("perplexity"));
        options.perplexity = std::numeric_limits<double>::quiet_NaN();
        QVERIFY(errorOf([&] { checkProjectionOptions(options); }));
        options = optionsOf(ProjectionMethod::Umap);
        options.neighbours = 1;
        QVERIFY(QString(errorOf([&] { checkProjectionOptions(options); })->what()).contains("neighbours"));
        options.neighbours = 15;
        options.minDistance = 1;
        QVERIFY(QString(errorOf([&] { checkProjectionOptions(options); })->what()).contains("distance"));
        options.minDistance = 0.1;
        options.iterations = 1'000'000;
        QVERIFY(QString(errorOf([&] { checkProjectionOptions(options); })->what()).contains("10,000"));
    }
};

QTEST_GUILESS_MAIN(TestLayouts)
#include "tst_layouts.moc"
