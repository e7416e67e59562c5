// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/random.h"
#include "core/metrics/bootstrap.h"
#include "core/metrics/comparison.h"
#include "tests/core/metrics/metric_test_support.h"

#include <algorithm>
#include <map>
#include <numeric>
#include <set>

using namespace diptych;
using namespace diptych::test;

namespace {

std::vector<double> bernoulli(size_t n, double p, uint64_t seed) {
    Random random(seed);
    std::vector<double> values(n);
    for (double& value : values)
        value = random.uniform() < p;
    return values;
}

RunContext seeded(uint64_t seed, unsigned threads = 1) {
    RunContext context;
    context.seed = seed;
    context.threads = threads;
    return context;
}

double meanOf(const std::vector<double>& values) {
    return std::accumulate(values.begin(), values.end(), 0.0) / double(values.size());
}

} // namespace

class TestBootstrap : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void meanEqualsTheSlowWayOnTheSameDraws_data() {
        QTest::addColumn<bool>("clustered");
        QTest::newRow("by example") << false;
        QTest::newRow("by cluster") << true;
    }
    void meanEqualsTheSlowWayOnTheSameDraws() {
        QFETCH(bool, clustered);
        const size_t n = 97;
        Random random(5);
        std::vector<double> values(n);
        std::vector<int64_t> clusters(n);
        for (size_t i = 0; i < n; ++i) {
            values[i] = random.uniform();
            clusters[i] = int64_t(random.below(20)) - 7;
        }
        BootstrapOptions options;
        options.resamples = 301;
        if (clustered)
            options.clusters = clusters;
        const Resampler resampler(n, options.clusters, 11);
        std::vector<double> means;
        for (size_t r = 0; r < options.resamples; ++r) {
            std::vector<uint32_t> drawn;
            resampler.draw(r, drawn);
            double sum = 0;
            for (const uint32_t i : drawn)
                sum += values[i];
            means.push_back(sum / double(drawn.size()));
        }
        std::ranges::sort(means);
        // 300 gaps between 301 values: the quantiles fall at 7.5 and 292.5.
        const double low = (means[7] + means[8]) / 2, high = (means[292] + means[293]) / 2;
        const Interval interval = bootstrapMean(values, options, seeded(11));
        QCOMPARE_NEAR(interval.low, low, 1e-12);
        QCOMPARE_NEAR(interval.high, high, 1e-12);

        const Statistic statistic = [&](std::span<const uint32_t> examples) {
            double sum = 0;
            for (const uint32_t i : examples)
                sum += values[i];
            return sum / double(examples.size());
        };
        const auto general = bootstrap(n, statistic, options, seeded(11));
        QCOMPARE_NEAR(general->low, low, 1e-12);
        QCOMPARE_NEAR(general->high, high, 1e-12);
    }

    void drawsAreUniformAndDifferByResample() {
        const Resampler resampler(10, {}, 3);
        std::vector<int> counts(10);
        std::set<std::vector<uint32_t>> seen;
        for (size_t r = 0; r < 2000; ++r) {
            std::vector<uint32_t> drawn;
            resampler.draw(r, drawn);
            QCOMPARE(drawn.size(), size_t(10));
            for (const uint32_t i : drawn)
                ++counts.at(i);
            seen.insert(drawn);
        }
        QCOMPARE(seen.size(), size_t(2000));
        for (const int count : counts) // 2000 +- 5 standard deviations of 42
            QVERIFY2(std::abs(count - 2000) < 212, qPrintable(QString::number(count)));
    }

    void clustersAreDrawnWhole() {
        const std::vector<int64_t> clusters{5, 9, 5, 2, 9, 5};
        const Resampler resampler(6, clusters, 1);
        QCOMPARE(resampler.clusterCount(), size_t(3));
        const auto first = resampler.members(0);
        QCOMPARE(std::vector<uint32_t>(first.begin(), first.end()), (std::vector<uint32_t>{0, 2, 5}));
        for (size_t r = 0; r < 50; ++r) {
            std::vector<uint32_t> drawn;
            resampler.draw(r, drawn);
            std::map<uint32_t, int> times;
            for (const uint32_t i : drawn)
                ++times[i];
            QCOMPARE(times[0], times[2]);
            QCOMPARE(times[0], times[5]);
            QCOMPARE(times[1], times[4]);
            QCOMPARE(times[0] + times[1] + times[3], 3);
        }
    }

    void sameSeedSameIntervalOnAnyNumberOfThreads() {
        const auto values = bernoulli(500, 0.6, 1);
        const Interval one = bootstrapMean(values, {}, seeded(7, 1));
        QVERIFY(one == bootstrapMean(values, {}, seeded(7, 4)));
        QVERIFY(!(one == bootstrapMean(values, {}, seeded(8, 1))));
    }

    void coversTheTruthAboutAsOftenAsItSays() {
        // 400 samples of 80 Bernoulli(0.3) values: the share of 95 % intervals that hold 0.3 has a standard
        // deviation of 1.1 points; the percentile interval of so small a sample covers a point or two less.
        int covered = 0;
        for (uint64_t seed = 0; seed < 400; ++seed) {
            const Interval interval =
                bootstrapMean(bernoulli(80, 0.3, seed * 7919 + 1), {.resamples = 400}, seeded(seed));
            covered += interval.low <= 0.3 && 0.3 <= interval.high;
        }
        QVERIFY2(covered >= 364 && covered <= 392, qPrintable(QString::number(covered)));
    }

    void clusteringWidensTheIntervalOfDependentExamples() {
        // Ten copies of each value: by example the data look ten times as many as they are.
        const auto base = bernoulli(60, 0.5, 4);
        std::vector<double> values;
        std::vector<int64_t> clusters;
        for (size_t i = 0; i < base.size() * 10; ++i) {
            values.push_back(base[i / 10]);
            clusters.push_back(int64_t(i / 10));
        }
        const Interval naive = bootstrapMean(values, {}, seeded(1));
        BootstrapOptions options;
        options.clusters = clusters;
        const Interval byCluster = bootstrapMean(values, options, seeded(1));
        const double ratio = (byCluster.high - byCluster.low) / (naive.high - naive.low);
        QVERIFY2(ratio > 2.6 && ratio < 3.8, qPrintable(QString::number(ratio))); // sqrt(10) = 3.16
    }

    void drawsThatDoNotDefineTheStatisticAreLeftOut() {
        const auto rarely = [](std::span<const uint32_t> examples) {
            return std::ranges::count(examples, 0u) == 0 ? NAN : 1.0;
        };
        const auto interval = bootstrap(30, rarely, {}, seeded(2)); // defined in 64 % of the draws
        QVERIFY(interval && interval->low == 1 && interval->high == 1);
        QVERIFY(!bootstrap(
            30, [](auto) { return NAN; }, {}, seeded(2)));
        QVERIFY(!bootstrap(
            30, [](auto examples) { return examples[0] < 10 ? 1.0 : NAN; }, {}, seeded(2)));
    }

    void quantilesEqualTheReference() {
        const Json expected = expectedValues("comparison");
        for (size_t i = 0; i < expected["quantiles"].size(); ++i) {
            auto values = expected["values"].get<std::vector<double>>();
            QCOMPARE_NEAR(quantile(values, expected["quantiles"][i]), expected["quantile_values"][i], 1e-12);
        }
    }

    void badInputIsRefused() {
        const std::vector<double> values{0, 1, 1};
        QVERIFY(!errorOf([&] { bootstrapMean({}, {}, {}); }).empty());
        QVERIFY(!errorOf([&] { bootstrapMean(std::vector<double>{0, NAN}, {}, {}); }).empty());
        QVERIFY(!errorOf([&] { bootstrapMean(values, {.resamples = 1}, {}); }).empty());
        QVERIFY(!errorOf([&] { bootstrapMean(values, {.level = 1}, {}); }).empty());
        const std::vector<int64_t> clusters{1, 2};
        BootstrapOptions options;
        options.clusters = clusters;
        QVERIFY(!errorOf([&] { bootstrapMean(values, options, {}); }).empty());
        std::stop_source source;
        source.request_stop();
        RunContext stopped;
        stopped.stop = source.get_token();
        QVERIFY_EXCEPTION_THROWN(bootstrapMean(values, {}, stopped), Cancelled);
    }

    void pairedIntervalIsTighterThanUnpaired() {
        // The second run is the first with 20 of 1000 examples flipped to wrong.
        const auto first = bernoulli(1000, 0.7, 6);
        auto second = first;
        int flipped = 0;
        for (size_t i = 0; i < second.size() && flipped < 20; ++i)
            if (second[i] == 1) {
                second[i] = 0;
                ++flipped;
            }
        const PairedDifference result = pairedBootstrap(first, second, {}, seeded(3));
        QCOMPARE_NEAR(result.difference, 0.02, 1e-12);
        QVERIFY(result.interval.low > 0.005 && result.interval.high < 0.035);
        QCOMPARE_NEAR(result.pValue, 2.0 / 1001, 1e-12);
        QCOMPARE_NEAR(meanOf(first) - meanOf(second), result.difference, 1e-12);
        const PairedDifference reverse = pairedBootstrap(second, first, {}, seeded(3));
        QCOMPARE_NEAR(reverse.difference, -0.02, 1e-12);
        QCOMPARE_NEAR(reverse.interval.low, -result.interval.high, 1e-12);
        const PairedDifference same = pairedBootstrap(first, first, {}, seeded(3));
        QCOMPARE(same.pValue, 1.0);
        QVERIFY(!errorOf([&] { pairedBootstrap(first, bernoulli(3, 0.5, 1), {}, {}); }).empty());
    }

    void mcNemarEqualsTheReference() {
        const Json expected = expectedValues("comparison");
        QVERIFY(expected["mcnemar"].size() > 5);
        for (const Json& item : expected["mcnemar"]) {
            const McNemar result = mcNemar(item["only_first"], item["only_second"]);
            QCOMPARE(result.exact, item["exact"].get<bool>());
            QCOMPARE_NEAR(result.pValue, item["p"], kExact);
            if (!result.exact)
                QCOMPARE_NEAR(result.statistic, item["statistic"], kExact);
        }
    }
};

QTEST_GUILESS_MAIN(TestBootstrap)
#include "tst_bootstrap.moc"
