// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/random.h"
#include "core/metrics/slices.h"
#include "tests/core/metrics/metric_test_support.h"

#include <algorithm>
#include <limits>
#include <numeric>

using namespace diptych;
using namespace diptych::test;

namespace {

double meanAt(const std::vector<double>& values, std::span<const uint32_t> units) {
    double sum = 0;
    for (const uint32_t unit : units)
        sum += values[unit];
    return units.empty() ? std::nan("") : sum / double(units.size());
}

/// The mean, as a statistic that is not known to be one.
SubsetStatistic meanStatistic(const std::vector<double>& values) {
    return [&values](std::span<const uint32_t> units) -> Statistic {
        std::vector<double> mine;
        for (const uint32_t unit : units)
            mine.push_back(values[unit]);
        return [mine](std::span<const uint32_t> drawn) { return meanAt(mine, drawn); };
    };
}

SliceMembers units(size_t first, size_t end) {
    SliceMembers out(end - first);
    std::iota(out.begin(), out.end(), static_cast<uint32_t>(first));
    return out;
}

} // namespace

class TestSlices : public QObject {
    Q_OBJECT

private:
    Json m_expected = expectedValues("slices");

private Q_SLOTS:
    void fisherEqualsScipy() {
        for (const Json& entry : m_expected.at("fisher")) {
            const auto t = entry.at("table").get<std::vector<uint64_t>>();
            QCOMPARE_NEAR(fisherExact(t[0], t[1], t[2], t[3]), entry.at("p").get<double>(), 1e-9);
        }
    }

    void holmEqualsStatsmodels() {
        for (const Json& entry : m_expected.at("holm")) {
            const auto adjusted = holmAdjusted(entry.at("p").get<std::vector<double>>());
            const auto expected = entry.at("adjusted").get<std::vector<double>>();
            for (size_t i = 0; i < expected.size(); ++i)
                QCOMPARE_NEAR(adjusted[i], expected[i], kExact);
        }
        QVERIFY(holmAdjusted({}).empty());
    }

    /// Many slices at once give what one at a time gives, with clusters that reach into several slices.
    void meansOfAllSlicesAtOnceEqualTheSlowWay() {
        Random random(3);
        std::vector<double> values(120);
        std::vector<int64_t> clusters(120);
        for (size_t i = 0; i < values.size(); ++i) {
            values[i] = random.uniform();
            clusters[i] = int64_t(random.below(40));
        }
        const std::vector<SliceMembers> slices = {units(0, 30), units(20, 90), units(119, 120), {}};
        BootstrapOptions options;
        options.resamples = 200;
        options.clusters = clusters;
        RunContext context;
        context.seed = 9;
        const auto fast = sliceMeanDifferences(values, slices, options, context);
        QCOMPARE(fast.size(), slices.size());
        for (size_t s = 0; s < 2; ++s) {
            const auto slow =
                sliceDifference(values.size(), meanStatistic(values), slices[s], options, context);
            QCOMPARE_NEAR(fast[s].difference, slow.difference, kExact);
            QVERIFY(fast[s].interval && slow.interval);
            QCOMPARE_NEAR(fast[s].interval->low, slow.interval->low, kExact);
            QCOMPARE_NEAR(fast[s].interval->high, slow.interval->high, kExact);
            QCOMPARE_NEAR(fast[s].pValue, slow.pValue, kExact);
            QVERIFY(fast[s].interval->low < fast[s].difference &&
                    fast[s].difference < fast[s].interval->high);
        }
        QVERIFY(std::isnan(fast[3].difference) && !fast[3].interval && fast[3].pValue == 1);
    }

    void aSliceOfEverythingHasNoRest() {
        const std::vector<double> values = {1, 0, 1, 1};
        const std::vector<SliceMembers> slices = {units(0, 4)};
        const auto out = sliceMeanDifferences(values, slices, {}, {});
        QVERIFY(std::isnan(out[0].difference) && !out[0].interval);
        QCOMPARE(out[0].pValue, 1.0);
        QVERIFY(std::isnan(sliceDifference(4, meanStatistic(values), slices[0], {}, {}).difference));
    }

    void testsOfEqualSlicesAreRarelySignificant() {
        // Under the null p < 0.05 in about one of twenty, whatever the test: means of numbers, by cluster.
        int significant = 0;
        constexpr int kTrials = 200;
        for (int trial = 0; trial < kTrials; ++trial) {
            Random random(static_cast<uint64_t>(trial));
            std::vector<double> values(200);
            std::vector<int64_t> clusters(200);
            for (size_t i = 0; i < values.size(); ++i) {
                clusters[i] = int64_t(i / 4);
                values[i] = i % 4 == 0 ? random.uniform() : values[i - 1] + 0.1 * random.uniform();
            }
            BootstrapOptions options;
            options.resamples = 200;
            options.clusters = clusters;
            const std::vector<SliceMembers> slices = {units(0, 80)};
            significant += sliceMeanDifferences(values, slices, options, {})[0].pValue < 0.05;
        }
        QVERIFY2(significant >= 2 && significant <= 24, qPrintable(QString::number(significant)));
    }

    void membersOutsideAreRefused() {
        const std::vector<double> values = {1, 0};
        const std::vector<SliceMembers> slices = {{0, 2}};
        QVERIFY(errorOf([&] { sliceMeanDifferences(values, slices, {}, {}); }).find("unit 2") !=
                std::string::npos);
    }

    void quantileEdgesAreRoundAndBinsAboutEqual() {
        const Json expected = expectedValues("slices");
        const auto numbers = expected.at("numbers").get<std::vector<double>>();
        const auto quintiles = expected.at("quintiles").get<std::vector<double>>();
        const auto edges = quantileEdges(numbers, 5);
        QCOMPARE(edges.size(), size_t{4});
        std::vector<size_t> counts(5);
        for (const double number : numbers)
            ++counts[binOf(number, edges)];
        for (size_t i = 0; i < edges.size(); ++i) {
            const double below = i > 0 ? quintiles[i - 1] : 0;
            QCOMPARE_NEAR(edges[i], quintiles[i], (quintiles[i] - below) / 20);
            QVERIFY2(binTitle(i, edges).size() <= 14, binTitle(i, edges).c_str());
        }
        for (const size_t count : counts)
            QVERIFY2(count > 120 && count < 200, qPrintable(QString::number(count)));
    }

    void quantileEdgesOfOddNumbers() {
        using Numbers = std::vector<double>;
        QCOMPARE(quantileEdges(Numbers(50, 7.0), 5), Numbers());
        QCOMPARE(binTitle(0, Numbers()), std::string("any number"));
        Numbers mostlyZero(100, 0.0);
        for (size_t i = 80; i < 100; ++i)
            mostlyZero[i] = double(i);
        const Numbers edges = quantileEdges(mostlyZero, 5);
        for (size_t bin = 0; bin <= edges.size(); ++bin)
            QVERIFY(std::ranges::any_of(mostlyZero, [&](double v) { return binOf(v, edges) == bin; }));
        const Numbers hundred = [] {
            Numbers out(100);
            std::iota(out.begin(), out.end(), 1.0);
            return out;
        }();
        QCOMPARE(quantileEdges(hundred, 5), (Numbers{20, 40, 60, 80}));
        QCOMPARE(binTitle(0, Numbers{20, 40}), std::string("below 20"));
        QCOMPARE(binTitle(1, Numbers{20, 40}), std::string("20 to 40"));
        QCOMPARE(binTitle(2, Numbers{20, 40}), std::string("40 and more"));
        QCOMPARE(binOf(20, Numbers{20, 40}), size_t{1});
        for (const double scale : {1e-300, 1e-9, 1e9, 1e300}) {
            Numbers scaled = hundred;
            for (double& value : scaled)
                value *= scale;
            QCOMPARE(quantileEdges(scaled, 5).size(), size_t{4});
        }
        QVERIFY(!errorOf([] { quantileEdges(Numbers{1, std::nan("")}, 5); }).empty());
        QVERIFY(!errorOf([] { quantileEdges(Numbers{}, 5); }).empty());
    }
};

QTEST_GUILESS_MAIN(TestSlices)
#include "tst_slices.moc"
