// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/error.h"
#include "core/metrics/confusion_order.h"
#include "core/metrics/number_text.h"
#include "tests/support/error_code.h"

#include <QTest>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <random>

using namespace diptych;

/// How numbers are written, and the order that puts confused classes together.
class TestNumberText : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void numbersAreWrittenOneWay() {
        QCOMPARE(shareText(0.934), std::string("93.4 %"));
        QCOMPARE(shareText(1), std::string("100.0 %"));
        QCOMPARE(shareText(std::nan("")), std::string("–"));
        QCOMPARE(cosineText(0.24314), std::string("0.2431"));
        QCOMPARE(cosineText(-0.031), std::string("-0.0310"));
        QCOMPARE(cosineText(INFINITY), std::string("–"));
        QCOMPARE(numberText(0.04213), std::string("0.04213"));
        QCOMPARE(numberText(1.0246), std::string("1.025"));
        QCOMPARE(numberText(12), std::string("12"));
        QCOMPARE(numberText(123456.7), std::string("123457"));
        QCOMPARE(numberText(1e-7), std::string("1e-07"));
        QCOMPARE(numberText(std::nan("")), std::string("–"));
        QCOMPARE(pointsText(0.125), std::string("+12.5"));
        QCOMPARE(pointsText(-0.03), std::string("-3.0"));
        QCOMPARE(pointsText(-0.0001), std::string("0.0")); // not "-0.0"
        QCOMPARE(pointsText(std::nan("")), std::string("–"));
        QCOMPARE(pValueText(0.0123), std::string("p = 0.012"));
        QCOMPARE(pValueText(1), std::string("p = 1.000"));
        QCOMPARE(pValueText(0.0004), std::string("p < 0.001"));
    }

    void confusedClassesStandTogether() {
        // 0 and 3 are taken for each other, 1 and 4 too; 2 never is.
        std::vector<int> counts(25, 0);
        const auto set = [&](int row, int column, int count) { counts[size_t(row * 5 + column)] = count; };
        for (int i = 0; i < 5; ++i)
            set(i, i, 6);
        set(0, 3, 3);
        set(3, 0, 2);
        set(1, 4, 4);
        QCOMPARE(confusionClusterOrder(counts, 5), (std::vector<int>{0, 3, 1, 4, 2}));
        set(3, 1, 1); // now the two pairs are one block, and 2 is still alone
        const std::vector<int> order = confusionClusterOrder(counts, 5);
        QCOMPARE(order.back(), 2);
        QVERIFY(order == (std::vector<int>{0, 3, 1, 4, 2}) || order == (std::vector<int>{4, 1, 3, 0, 2}));
    }

    void blocksAreFoundWhateverTheOrder() {
        // Ten blocks of ten classes that are confused with each other alone, dealt out at random.
        constexpr size_t kClasses = 100;
        std::vector<int> block(kClasses);
        for (size_t i = 0; i < kClasses; ++i)
            block[i] = static_cast<int>(i % 10);
        std::mt19937 random(7);
        std::shuffle(block.begin(), block.end(), random);
        std::vector<int> counts(kClasses * kClasses, 0);
        for (size_t a = 0; a < kClasses; ++a)
            for (size_t b = 0; b < kClasses; ++b)
                if (block[a] == block[b])
                    counts[a * kClasses + b] = a == b ? 40 : 1 + static_cast<int>(random() % 5);
        const std::vector<int> order = confusionClusterOrder(counts, kClasses);
        std::vector<int> sorted = order;
        std::ranges::sort(sorted);
        for (size_t i = 0; i < kClasses; ++i)
            QCOMPARE(sorted[i], static_cast<int>(i)); // each class once
        int changes = 0;
        for (size_t i = 1; i < kClasses; ++i)
            changes += block[size_t(order[i])] != block[size_t(order[i - 1])];
        QCOMPARE(changes, 9);
    }

    void emptyAndUnusualMatrices() {
        QVERIFY(confusionClusterOrder({}, 0).empty());
        const std::vector<int> none(9, 0);
        QCOMPARE(confusionClusterOrder(none, 3), (std::vector<int>{0, 1, 2}));
        const std::vector<int> all(9, 5); // everything alike
        QCOMPARE(confusionClusterOrder(all, 3).size(), size_t{3});
        QCOMPARE(test::errorCodeOf([&] { (void)confusionClusterOrder(none, 2); }),
                 ErrorCode::InvalidArgument);
    }
};

QTEST_GUILESS_MAIN(TestNumberText)
#include "tst_number_text.moc"
