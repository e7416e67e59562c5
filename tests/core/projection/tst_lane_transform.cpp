// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/random.h"
#include "core/projection/lane_transform.h"

#include <QTest>

#include <cmath>
#include <complex>
#include <numbers>
#include <vector>

using namespace diptych;

class TestLaneTransform : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void agreesWithTheSum_data() {
        QTest::addColumn<int>("size");
        for (const int size : {1, 2, 3, 4, 5, 6, 8, 15, 30, 50, 108, 240})
            QTest::newRow(qPrintable(QString::number(size))) << size;
    }
    void agreesWithTheSum() {
        QFETCH(int, size);
        const auto n = static_cast<size_t>(size);
        constexpr size_t kLanes = LaneTransform::kLanes;
        const LaneTransform transform(n);
        Random random(n);
        std::vector<float> real(n * kLanes), imaginary(real.size()), scratch(2 * real.size());
        for (size_t i = 0; i < real.size(); ++i) {
            real[i] = static_cast<float>(random.uniform(-1, 1));
            imaginary[i] = static_cast<float>(random.uniform(-1, 1));
        }
        const auto before = real, beforeImaginary = imaginary;
        transform.forward(real.data(), imaginary.data(), scratch.data());
        for (const size_t lane : {size_t{0}, size_t{7}, size_t{15}})
            for (size_t k = 0; k < n; ++k) {
                std::complex<double> sum;
                for (size_t j = 0; j < n; ++j)
                    sum +=
                        std::complex<double>(before[j * kLanes + lane], beforeImaginary[j * kLanes + lane]) *
                        std::polar(1.0, -2 * std::numbers::pi * static_cast<double>(j * k) / size);
                QVERIFY(std::abs(sum.real() - static_cast<double>(real[k * kLanes + lane])) <
                        1e-5 * size + 1e-5);
                QVERIFY(std::abs(sum.imag() - static_cast<double>(imaginary[k * kLanes + lane])) <
                        1e-5 * size + 1e-5);
            }
        transform.backward(real.data(), imaginary.data(), scratch.data());
        for (size_t i = 0; i < real.size(); ++i)
            QVERIFY(std::abs(real[i] / static_cast<float>(size) - before[i]) < 1e-5F);
    }

    void sizesAreRoundedUp() {
        QCOMPARE(LaneTransform::goodSize(0), size_t{1});
        QCOMPARE(LaneTransform::goodSize(7), size_t{8});
        QCOMPARE(LaneTransform::goodSize(13), size_t{15});
        QCOMPARE(LaneTransform::goodSize(648), size_t{648});
    }
};

QTEST_GUILESS_MAIN(TestLaneTransform)
#include "tst_lane_transform.moc"
