// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/metrics/comparison.h"
#include "core/metrics/representation.h"
#include "core/metrics/slices.h"
#include "tests/core/metrics/metric_test_support.h"

#include <algorithm>

using namespace diptych;
using namespace diptych::test;

namespace {

Matrix matrixOf(const Json& values, size_t rows) {
    auto numbers = values.get<std::vector<float>>();
    const size_t cols = numbers.size() / rows;
    return {rows, cols, std::move(numbers)};
}

/// Every second number.
std::vector<float> column(const Json& values, size_t axis) {
    std::vector<float> out;
    for (size_t i = axis; i < values.size(); i += 2)
        out.push_back(values.at(i).get<float>());
    return out;
}

} // namespace

/// Two spaces of the same examples.
class TestRepresentation : public QObject {
    Q_OBJECT

private:
    Json m_expected = expectedValues("spaces");

private Q_SLOTS:
    void ckaEqualsWholeGramMatrices() {
        for (const Json& entry : m_expected.at("spaces")) {
            const auto n = entry.at("n").get<size_t>();
            const Cka cka = linearCka(matrixOf(entry.at("x"), n), matrixOf(entry.at("y"), n), {});
            QCOMPARE(cka.n, n);
            QCOMPARE_NEAR(cka.debiased, entry.at("cka").at("debiased").get<double>(), 2e-6);
            QCOMPARE_NEAR(cka.biased, entry.at("cka").at("biased").get<double>(), 2e-6);
        }
    }

    /// Longer than one chunk of rows; a turned, scaled and shifted space is the same space.
    void ckaIsBlindToTurnsAndScales() {
        const size_t n = 5000;
        Matrix x(n, 2), y(n, 2), other(n, 2);
        uint32_t state = 1;
        const auto next = [&] {
            state = state * 1664525U + 1013904223U;
            return static_cast<float>(state >> 8) / float(1 << 24) - 0.5F;
        };
        for (size_t i = 0; i < n; ++i) {
            x(i, 0) = next() * 3;
            x(i, 1) = next();
            y(i, 0) = 7 - 4 * x(i, 1);
            y(i, 1) = 2 + 4 * x(i, 0);
            other(i, 0) = next();
            other(i, 1) = next();
        }
        QCOMPARE_NEAR(linearCka(x, y, {}).debiased, 1, 1e-6);
        QCOMPARE_NEAR(linearCka(x, y, {}).biased, 1, 1e-6);
        QVERIFY(std::abs(linearCka(x, other, {}).debiased) < 0.01);
    }

    void whatHasNoAnswerIsNotANumber() {
        const Matrix still(5, 2, std::vector<float>(10, 1.0F));
        const Matrix three(3, 2, {0, 1, 2, 3, 5, 4});
        QVERIFY(std::isnan(linearCka(still, still, {}).debiased) &&
                std::isnan(linearCka(still, still, {}).biased));
        QVERIFY(std::isnan(linearCka(three, three, {}).debiased));
        QCOMPARE_NEAR(linearCka(three, three, {}).biased, 1, 1e-6);
        QVERIFY(errorOf([&] { linearCka(still, three, {}); }).find("5") != std::string::npos);
        Matrix broken = three;
        broken(1, 1) = std::nanf("");
        QVERIFY(!errorOf([&] { linearCka(three, broken, {}); }).empty());
    }

    void overlapEqualsBruteForce() {
        for (const Json& entry : m_expected.at("spaces")) {
            const auto first = entry.at("first").get<std::vector<uint32_t>>(),
                       second = entry.at("second").get<std::vector<uint32_t>>();
            const auto k = entry.at("k").get<size_t>();
            const NeighbourOverlap overlap = neighbourOverlap(first, second, k);
            QCOMPARE_NEAR(overlap.common, entry.at("overlap").at("common").get<double>(), kExact);
            QCOMPARE_NEAR(overlap.jaccard, entry.at("overlap").at("jaccard").get<double>(), kExact);
            QCOMPARE(overlap.commonOf.size(), entry.at("n").get<size_t>());
            QCOMPARE_NEAR(overlap.chance, double(k) / (entry.at("n").get<double>() - 1), kExact);
        }
        const std::vector<uint32_t> some{1, 2, 0, 2, 0};
        QVERIFY(!errorOf([&] { neighbourOverlap(some, some, 2); }).empty());
        QVERIFY(!errorOf([&] { neighbourOverlap({}, {}, 2); }).empty());
    }

    void planesAlignAsInScipy() {
        for (const Json& entry : m_expected.at("planes")) {
            std::vector<float> x = column(entry.at("moved"), 0), y = column(entry.at("moved"), 1);
            const double disparity =
                alignPlane(x, y, column(entry.at("onto"), 0), column(entry.at("onto"), 1));
            QCOMPARE_NEAR(disparity, entry.at("disparity").get<double>(), 1e-6);
            for (size_t i = 0; i < x.size(); ++i) {
                QCOMPARE_NEAR(x[i], entry.at("aligned").at(2 * i).get<double>(), 1e-5);
                QCOMPARE_NEAR(y[i], entry.at("aligned").at(2 * i + 1).get<double>(), 1e-5);
            }
        }
        std::vector<float> x{3, 3}, y{1, 1};
        QCOMPARE(alignPlane(x, y, std::vector<float>{0, 2}, std::vector<float>{0, 0}), 1.0);
        QCOMPARE(x, (std::vector<float>{1, 1})); // all in one place: the middle of where they belong
    }

    /// McNemar of every class, and Holm over them: as statsmodels has both.
    void flipsByClassEqualStatsmodels() {
        const Json flips = m_expected.at("flips");
        std::vector<double> pValues;
        for (const Json& counts : flips.at("counts"))
            pValues.push_back(mcNemar(counts.at(0).get<uint64_t>(), counts.at(1).get<uint64_t>()).pValue);
        const std::vector<double> adjusted = holmAdjusted(pValues);
        for (size_t i = 0; i < pValues.size(); ++i) {
            QCOMPARE_NEAR(pValues[i], flips.at("p").at(i).get<double>(), kExact);
            QCOMPARE_NEAR(adjusted[i], flips.at("adjusted").at(i).get<double>(), kExact);
        }
    }
};

QTEST_GUILESS_MAIN(TestRepresentation)
#include "tst_representation.moc"
