// SPDX-License-Identifier: GPL-3.0-or-later
// Metrics of retrieval with extra matches: those of a run on data annotated so, or bounds around them.
#include "core/base/random.h"
#include "core/metrics/ranking.h"
#include "core/results/parts.h"
#include "core/tasks/corrected_retrieval.h"
#include "core/tasks/retrieval.h"
#include "tests/support/fake_embeddings.h"

#include <QTest>

#include <fmt/format.h>

#include <cmath>
#include <map>
#include <set>

using namespace diptych;
using diptych::test::FakeEmbeddings;

namespace {

constexpr size_t kImages = 30, kCaptions = 2, kWidth = 4;

/// Images and captions at random, some at the very same place so that scores tie.
struct World {
    TaskDataset dataset;
    FakeEmbeddings embeddings{kWidth};
    std::vector<std::vector<float>> images, texts;

    explicit World(uint64_t seed) {
        Random random(seed);
        const auto place = [&](const std::vector<std::vector<float>>& others) {
            if (!others.empty() && random.below(4) == 0)
                return others[random.below(others.size())];
            std::vector<float> row(kWidth);
            for (float& value : row)
                value = static_cast<float>(random.uniform(-1, 1));
            return row;
        };
        dataset.name = "random";
        for (size_t i = 0; i < kImages; ++i) {
            TaskSample sample;
            sample.id = SampleId{static_cast<int64_t>(i) + 1};
            images.push_back(place(images));
            embeddings.imageRows[sample.id.value] = images.back();
            for (size_t k = 0; k < kCaptions; ++k) {
                sample.captions.push_back(fmt::format("{}", texts.size()));
                texts.push_back(place(texts));
            }
            dataset.samples.push_back(std::move(sample));
        }
        embeddings.textRow = [this](const std::string& text) { return texts.at(std::stoul(text)); };
    }
    TaskOutput run(size_t keep) {
        const Task task = retrievalTask();
        const Json params = completeParams(task.info, {{"keep", keep}, {"resamples", 100}});
        return task.run({dataset, embeddings, params, false}, {});
    }
    double score(size_t image, size_t text) const {
        double dot = 0, a = 0, b = 0;
        for (size_t d = 0; d < kWidth; ++d) {
            dot += static_cast<double>(images[image][d]) * texts[text][d];
            a += static_cast<double>(images[image][d]) * images[image][d];
            b += static_cast<double>(texts[text][d]) * texts[text][d];
        }
        return dot / std::sqrt(a * b);
    }
};

using Pairs = std::set<std::pair<size_t, size_t>>; ///< image and caption that match

/// Computed the long way, on all scores: place of the best match and average precision at R.
struct Truth {
    std::vector<uint32_t> images, texts;
    double precision = 0;
};

Truth truthOf(const World& world, const Pairs& pairs) {
    constexpr double kTie = 1e-9;
    Truth truth;
    const auto rankOf = [&](size_t count, auto scoreOf, auto right, double* precision) {
        std::vector<std::pair<double, bool>> order;
        for (size_t i = 0; i < count; ++i)
            order.emplace_back(scoreOf(i), right(i));
        std::ranges::sort(order, [](const auto& a, const auto& b) {
            return std::abs(a.first - b.first) > kTie ? a.first > b.first : !a.second && b.second;
        });
        const auto first = std::ranges::find_if(order, [](const auto& one) { return one.second; });
        size_t all = 0, found = 0;
        for (const auto& one : order)
            all += one.second;
        double sum = 0;
        for (size_t place = 0; place < all; ++place)
            if (order[place].second)
                sum += static_cast<double>(++found) / static_cast<double>(place + 1);
        if (precision)
            *precision += sum / static_cast<double>(all) / static_cast<double>(kImages);
        return static_cast<uint32_t>(first - order.begin()) + 1;
    };
    for (size_t i = 0; i < kImages; ++i)
        truth.images.push_back(rankOf(
            kImages * kCaptions, [&](size_t t) { return world.score(i, t); },
            [&](size_t t) {
                return pairs.contains({i, t});
            },
            &truth.precision));
    for (size_t t = 0; t < kImages * kCaptions; ++t)
        truth.texts.push_back(rankOf(
            kImages, [&](size_t i) { return world.score(i, t); },
            [&](size_t i) {
                return pairs.contains({i, t});
            },
            nullptr));
    return truth;
}

Pairs annotated() {
    Pairs pairs;
    for (size_t t = 0; t < kImages * kCaptions; ++t)
        pairs.emplace(t / kCaptions, t);
    return pairs;
}

std::map<std::string, double> metricsOf(const Truth& truth) {
    std::map<std::string, double> all{{"map_at_r", truth.precision},
                                      {"text_to_image_median_rank", medianRank(truth.texts)},
                                      {"image_to_text_median_rank", medianRank(truth.images)}};
    for (const size_t k : {1, 5, 10}) {
        all[fmt::format("image_retrieval_recall@{}", k)] = recallAtK(truth.texts, k);
        all[fmt::format("text_retrieval_recall@{}", k)] = recallAtK(truth.images, k);
    }
    return all;
}

ExtraMatch matchOf(size_t image, size_t text) {
    return {{static_cast<int64_t>(image) + 1},
            {static_cast<int64_t>(text / kCaptions) + 1},
            static_cast<int>(text % kCaptions)};
}

} // namespace

class TestCorrectedRetrieval : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void withoutMatchesTheMetricsStay() {
        World world(1);
        const TaskOutput output = world.run(5);
        const auto corrected = correctRetrieval(output.examples, output.metrics, {});
        QCOMPARE(corrected.metrics.size(), output.metrics.size());
        for (size_t i = 0; i < output.metrics.size(); ++i) {
            QVERIFY(corrected.metrics[i].exact());
            QVERIFY(std::abs(corrected.metrics[i].low - output.metrics[i].value) < 1e-12);
            QCOMPARE(corrected.metrics[i].changed + corrected.metrics[i].open, size_t{0});
        }
    }

    void whereEverythingIsKeptTheyAreThoseOfAnotherAnnotation() { compare(100, true); }

    void whereLittleIsKeptTheyLieWithinTheBounds() { compare(3, false); }

    void aMarkedHitCountsBothWays() {
        World world(2);
        const TaskOutput output = world.run(5);
        // A caption that finds another image first, and that image.
        for (const ExampleResult& example : output.examples) {
            const auto part = RankingPart::read(example.parts);
            if (part->captionRanks[0] < 2 || part->imagesBefore[0].empty())
                continue;
            const ExtraMatch match{part->imagesBefore[0][0].sample, example.sample, 0};
            const auto corrected = correctRetrieval(output.examples, output.metrics, std::vector{match});
            QCOMPARE(corrected.used, size_t{1});
            const CorrectedMetric& five = corrected.metrics[1];
            QCOMPARE(five.stored.name, std::string("image_retrieval_recall@5"));
            QVERIFY(five.low >= five.stored.value && five.exact());
            return;
        }
        QFAIL("every caption finds its image first");
    }

    void matchesThatTookNoPartAreLeftOut() {
        World world(3);
        const TaskOutput output = world.run(5);
        const std::vector<ExtraMatch> extra{{{1}, {1}, 0}, {{1}, {2}, 7}, {{99}, {2}, 0}, {{1}, {99}, 0}};
        QCOMPARE(correctRetrieval(output.examples, output.metrics, extra).used, size_t{0});
    }

private:
    static void compare(size_t keep, bool exact) {
        size_t open = 0, moved = 0;
        for (uint64_t seed = 1; seed <= 25; ++seed) {
            World world(seed);
            const TaskOutput output = world.run(keep);
            Random random(seed + 100);
            Pairs pairs = annotated();
            std::vector<ExtraMatch> extra;
            for (int i = 0; i < 12; ++i) {
                const size_t image = random.below(kImages), text = random.below(kImages * kCaptions);
                if (pairs.emplace(image, text).second)
                    extra.push_back(matchOf(image, text));
            }
            const auto truth = metricsOf(truthOf(world, pairs));
            const auto corrected = correctRetrieval(output.examples, output.metrics, extra);
            QCOMPARE(corrected.used, extra.size());
            for (const CorrectedMetric& metric : corrected.metrics) {
                const double right = truth.at(metric.stored.name);
                const auto words = fmt::format("{} keep {} seed {}: {} in [{}, {}]", metric.stored.name, keep,
                                               seed, right, metric.low, metric.high);
                QVERIFY2(right > metric.low - 1e-9 && right < metric.high + 1e-9, words.c_str());
                QVERIFY2(!exact || metric.high - metric.low < 1e-9, words.c_str());
                open += metric.open;
                moved += std::abs(right - metric.stored.value) > 1e-9;
            }
        }
        QVERIFY(exact == (open == 0));
        QVERIFY(moved > 50); // else nothing was tried
    }
};

QTEST_APPLESS_MAIN(TestCorrectedRetrieval)
#include "tst_corrected_retrieval.moc"
