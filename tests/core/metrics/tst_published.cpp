// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/metrics/published.h"
#include "tests/core/metrics/metric_test_support.h"

using namespace diptych;
using namespace diptych::test;

class TestPublished : public QObject {
    Q_OBJECT

private:
    Json m_expected = expectedValues("published");

private Q_SLOTS:
    void differencesOfSharesEqualTheReference() {
        for (const Json& expected : m_expected["shares"]) {
            const ShareDifference found =
                differenceOfShares(expected["first"], expected["n1"], expected["second"], expected["n2"]);
            QCOMPARE_NEAR(found.interval.low, expected["low"], kExact);
            QCOMPARE_NEAR(found.interval.high, expected["high"], kExact);
            QCOMPARE_NEAR(found.pValue, expected["p"], kExact);
            const Interval wilson = wilsonInterval(expected["first"], expected["n1"]);
            QCOMPARE_NEAR(wilson.low, expected["wilson"][0], kExact);
            QCOMPARE_NEAR(wilson.high, expected["wilson"][1], kExact);
        }
    }

    void smallestDifferencesEqualTheReference() {
        const Json& apart = m_expected["smallest_apart"];
        QCOMPARE_NEAR(smallestDifferenceApart(apart["share"], apart["n1"], apart["n2"]), apart["value"],
                      kExact);
        const Json& paired = m_expected["smallest_paired"];
        QCOMPARE_NEAR(smallestDifferencePaired(paired["flips"], paired["n"]), paired["value"], kExact);
        QCOMPARE_NEAR(smallestDifferenceAtAll(1000), m_expected["fewest_flips"].get<double>() / 1000, kExact);
        QCOMPARE(smallestDifferenceAtAll(3), 1.0);
    }

    /// With the interval of a share as its error, the same as by shares but for the pooling.
    void numbersAreComparedByTheirInterval() {
        const double error = std::sqrt(0.632 * 0.368 / 1000);
        const Interval own{0.632 - 1.959963984540054 * error, 0.632 + 1.959963984540054 * error};
        const NumberDifference found = differenceOfNumbers(0.632, own, 1000, 0.64, 1000);
        const ShareDifference shares = differenceOfShares(0.632, 1000, 0.64, 1000);
        QCOMPARE_NEAR(found.pValue, shares.pValue, 2e-3);
        QCOMPARE_NEAR(found.interval.low, shares.interval.low, 1e-3);
        // The more images the other was measured on, the less its error adds.
        const NumberDifference many = differenceOfNumbers(0.632, own, 1000, 0.64, 1000000);
        QCOMPARE_NEAR(many.interval.high - many.interval.low, own.high - own.low, 1e-3);
        QCOMPARE(differenceOfNumbers(2, {2, 2}, 10, 2, 10).pValue, 1.0);
        QCOMPARE(differenceOfNumbers(2, {2, 2}, 10, 3, 10).pValue, 0.0);
    }

    void badInputIsRefused() {
        ErrorCode code = ErrorCode::NotFound;
        QVERIFY(!errorOf([] { differenceOfShares(1.2, 10, 0.5, 10); }, &code).empty());
        QCOMPARE(code, ErrorCode::InvalidArgument);
        QVERIFY(!errorOf([] { differenceOfShares(0.2, 0, 0.5, 10); }).empty());
        QVERIFY(!errorOf([] { smallestDifferencePaired(0.1, 0); }).empty());
        QVERIFY(!errorOf([] { wilsonInterval(std::nan(""), 4); }).empty());
    }
};

QTEST_APPLESS_MAIN(TestPublished)
#include "tst_published.moc"
