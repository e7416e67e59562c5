// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/random.h"
#include "core/tensor/half.h"
#include "core/tensor/matrix.h"

#include <QTest>

#include <cmath>

using namespace diptych;

namespace {

Matrix randomMatrix(size_t rows, size_t cols, uint64_t seed) {
    Random random(seed);
    Matrix matrix(rows, cols);
    for (float& value : matrix.values())
        value = static_cast<float>(random.uniform(-1, 1));
    return matrix;
}

} // namespace

class TestMatrix : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void productEqualsTheDefinition_data() {
        QTest::addColumn<int>("n");
        QTest::addColumn<int>("m");
        QTest::addColumn<int>("d");
        QTest::newRow("one") << 1 << 1 << 1;
        QTest::newRow("no tile is full") << 3 << 31 << 7;
        QTest::newRow("tiles just full") << 4 << 32 << 16;
        QTest::newRow("one over") << 33 << 65 << 130;
        QTest::newRow("threads") << 150 << 200 << 64;
    }
    void productEqualsTheDefinition() {
        QFETCH(int, n);
        QFETCH(int, m);
        QFETCH(int, d);
        const Matrix a = randomMatrix(static_cast<size_t>(n), static_cast<size_t>(d), 1);
        const Matrix b = randomMatrix(static_cast<size_t>(m), static_cast<size_t>(d), 2);
        const Matrix product = multiplyTransposed(a, b, 1);
        QCOMPARE(product.rows(), a.rows());
        QCOMPARE(product.cols(), b.rows());
        for (size_t i = 0; i < a.rows(); ++i)
            for (size_t j = 0; j < b.rows(); ++j) {
                double sum = 0;
                for (size_t k = 0; k < a.cols(); ++k)
                    sum += double{a(i, k)} * double{b(j, k)};
                QVERIFY(std::abs(product(i, j) - sum) < 1e-5);
            }
        // Bit for bit, whatever the threads.
        const Matrix threaded = multiplyTransposed(a, b, 3);
        QVERIFY(std::equal(product.values().begin(), product.values().end(), threaded.values().begin()));
    }

    void elementsDoNotDependOnTheirNeighbours() {
        const Matrix a = randomMatrix(37, 50, 3), b = randomMatrix(41, 50, 4);
        const Matrix all = multiplyTransposed(a, b);
        const Matrix one(1, 50, std::vector<float>(a.row(36).begin(), a.row(36).end()));
        const Matrix other(1, 50, std::vector<float>(b.row(40).begin(), b.row(40).end()));
        QCOMPARE(multiplyTransposed(one, other)(0, 0), all(36, 40));
    }

    void emptyProducts() {
        QVERIFY(multiplyTransposed(Matrix(0, 5), randomMatrix(3, 5, 1)).empty());
        QCOMPARE(multiplyTransposed(Matrix(0, 5), randomMatrix(3, 5, 1)).cols(), size_t{3});
        QCOMPARE(multiplyTransposed(Matrix(2, 0), Matrix(3, 0))(1, 2), 0.0f);
    }

    void rowsAreNormalised() {
        Matrix matrix(4, 2, {3, 4, 0, 0, 1e-30f, 0, 3e30f, 4e30f});
        normalizeRows(matrix);
        QCOMPARE(matrix(0, 0), 0.6f);
        QCOMPARE(matrix(0, 1), 0.8f);
        QCOMPARE(matrix(1, 0), 0.0f);
        QCOMPARE(matrix(2, 0), 1.0f); // its square underflows in float32
        QCOMPARE(matrix(3, 1), 0.8f); // and here it overflows
    }

    void halfPrecisionIsExact() {
        QCOMPARE(halfToFloat(0x3c00), 1.0f);
        QCOMPARE(halfToFloat(0xc000), -2.0f);
        QCOMPARE(halfToFloat(0x0001), 0x1p-24f); // smallest subnormal
        QCOMPARE(halfToFloat(0x83ff), -1023.0f * 0x1p-24f);
        QCOMPARE(halfToFloat(0x7bff), 65504.0f);
        QVERIFY(std::isinf(halfToFloat(0xfc00)) && halfToFloat(0xfc00) < 0);
        QVERIFY(std::isnan(halfToFloat(0x7e00)));
        QVERIFY(std::signbit(halfToFloat(0x8000)));
        QCOMPARE(bfloat16ToFloat(0x4049), 3.140625f);
    }
};

QTEST_GUILESS_MAIN(TestMatrix)
#include "tst_matrix.moc"
