// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/session/slice_metrics.h"

#include "core/metrics/binary.h"
#include "core/metrics/calibration.h"
#include "core/metrics/ranking.h"
#include "core/results/json_read.h"
#include "core/results/parts.h"
#include "core/tasks/classification_details.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <map>
#include <memory>
#include <numeric>
#include <unordered_set>

namespace diptych {
namespace {

using Examples = std::span<const ExampleResult>;

constexpr const char* kNotKept = "what it is made of is not kept by example";

uint32_t placeOf(size_t i) {
    return static_cast<uint32_t>(i);
}

/// Adds the unit of one example, drawn together with the others of its cluster.
void addUnit(SliceableMetric& metric, Examples examples, size_t i) {
    metric.examples.push_back({placeOf(i), placeOf(i)});
    metric.clusters.push_back(examples[i].cluster != 0 ? examples[i].cluster : examples[i].sample.value);
}

void addUnit(SliceableMetric& metric, Examples examples, size_t i, double value) {
    addUnit(metric, examples, i);
    metric.values.push_back(value);
}

// Means

std::string readCorrect(SliceableMetric& metric, Examples examples) {
    for (size_t i = 0; i < examples.size(); ++i)
        if (examples[i].correct)
            addUnit(metric, examples, i, *examples[i].correct ? 1 : 0);
    return "no example is right or wrong";
}

/// What an example counts: the share of a probe's draws that are right; of older runs whether the first is.
std::optional<double> hitOf(const ExampleResult& example) {
    if (example.score || !example.correct)
        return example.score;
    return *example.correct ? 1 : 0;
}

std::string readHits(SliceableMetric& metric, Examples examples) {
    for (size_t i = 0; i < examples.size(); ++i)
        if (const auto hit = hitOf(examples[i]))
            addUnit(metric, examples, i, *hit);
    return "no example is right or wrong";
}

/// Whether the right class is among the first k.
std::string readTopK(SliceableMetric& metric, Examples examples, size_t k, size_t classCount) {
    for (size_t i = 0; i < examples.size(); ++i) {
        const ExampleResult& example = examples[i];
        if (example.target < 0 || !example.correct)
            continue;
        if (example.predictions.size() < std::min(k, classCount)) {
            metric.examples.clear();
            return fmt::format("the run kept {} predictions of an example (parameter 'keep'), it takes {}",
                               example.predictions.size(), k);
        }
        const auto end = example.predictions.begin() +
                         static_cast<std::ptrdiff_t>(std::min(k, example.predictions.size()));
        addUnit(metric, examples, i,
                std::any_of(example.predictions.begin(), end,
                            [&](const ScoredIndex& entry) { return entry.index == example.target; }));
    }
    return "no example has a class";
}

std::string readClipScore(SliceableMetric& metric, Examples examples, bool withReferences) {
    for (size_t i = 0; i < examples.size(); ++i)
        if (const auto part = CaptionScorePart::read(examples[i].parts))
            if (const auto score = withReferences ? part->refClipScore : std::optional(part->clipScore))
                addUnit(metric, examples, i, *score);
    return kNotKept;
}

/// One unit a pair, however many of its images are there.
std::string readPairs(SliceableMetric& metric, Examples examples, std::string_view score) {
    std::map<std::string, size_t> units;
    for (size_t i = 0; i < examples.size(); ++i) {
        const auto pair = PairPart::read(examples[i].parts);
        if (!pair)
            continue;
        const std::optional<bool> value = score == "text_score"    ? std::optional(pair->text)
                                          : score == "image_score" ? pair->image
                                                                   : pair->group;
        if (!value)
            continue;
        const auto [entry, fresh] = units.try_emplace(pair->id, metric.units());
        if (fresh)
            addUnit(metric, examples, i, *value ? 1 : 0);
        else
            metric.examples[entry->second][1] = placeOf(i);
    }
    return kNotKept;
}

// Ranks

struct Ranks {
    std::vector<uint32_t> ranks; ///< by unit
    SliceableMetric units;       ///< its examples and clusters
};

/// @param captions of the captions, one unit each; else of the images
Ranks ranksOf(Examples examples, bool captions) {
    Ranks out;
    const auto add = [&](size_t i, int64_t rank) {
        if (rank <= 0)
            return;
        out.ranks.push_back(static_cast<uint32_t>(rank));
        addUnit(out.units, examples, i);
    };
    for (size_t i = 0; i < examples.size(); ++i) {
        const auto part = RankingPart::read(examples[i].parts);
        if (!part)
            continue;
        if (!captions)
            add(i, part->rank);
        else
            for (const int64_t rank : part->captionRanks)
                add(i, rank);
    }
    return out;
}

template<class T>
std::vector<T> at(const std::vector<T>& values, std::span<const uint32_t> positions) {
    std::vector<T> out;
    out.reserve(positions.size());
    for (const uint32_t i : positions)
        out.push_back(values[i]);
    return out;
}

std::string readRecall(SliceableMetric& metric, Ranks ranks, size_t k) {
    metric.examples = std::move(ranks.units.examples);
    metric.clusters = std::move(ranks.units.clusters);
    for (const uint32_t rank : ranks.ranks)
        metric.values.push_back(rank <= k ? 1 : 0);
    return kNotKept;
}

std::string readMedian(SliceableMetric& metric, Ranks ranks) {
    metric.examples = std::move(ranks.units.examples);
    metric.clusters = std::move(ranks.units.clusters);
    metric.statistic = [all = std::move(ranks.ranks)](std::span<const uint32_t> units) -> Statistic {
        return
            [mine = at(all, units)](std::span<const uint32_t> drawn) { return medianRank(at(mine, drawn)); };
    };
    return kNotKept;
}

// Statistics of classes

/// Right or wrong, label and confidence of the examples that have them.
struct Verdicts {
    std::vector<double> hits, confidences;
    std::vector<uint8_t> correct;
    std::vector<int> labels;
    Verdicts of(std::span<const uint32_t> units) const {
        return {at(hits, units), at(confidences, units), at(correct, units), at(labels, units)};
    }
};

Verdicts readVerdicts(SliceableMetric& metric, Examples examples) {
    Verdicts out;
    for (size_t i = 0; i < examples.size(); ++i) {
        const ExampleResult& example = examples[i];
        if (example.target < 0 || !example.correct || example.predictions.empty())
            continue;
        addUnit(metric, examples, i);
        out.hits.push_back(*hitOf(example));
        out.correct.push_back(*example.correct);
        out.labels.push_back(example.target);
        out.confidences.push_back(static_cast<double>(example.predictions.front().score));
    }
    return out;
}

std::string readMeanRecall(SliceableMetric& metric, Examples examples, size_t classCount) {
    metric.statistic = [all = readVerdicts(metric, examples),
                        classCount](std::span<const uint32_t> units) -> Statistic {
        return [mine = all.of(units), classCount](std::span<const uint32_t> drawn) {
            return meanRecall(at(mine.hits, drawn), at(mine.labels, drawn), classCount);
        };
    };
    return "no example has a class";
}

std::string readCalibration(SliceableMetric& metric, Examples examples) {
    metric.statistic = [all = readVerdicts(metric, examples)](std::span<const uint32_t> units) -> Statistic {
        return [mine = all.of(units)](std::span<const uint32_t> drawn) {
            return calibration(at(mine.confidences, drawn), at(mine.correct, drawn)).ece;
        };
    };
    return "no example has a class and a confidence";
}

// Statistics of two classes

struct TwoClasses {
    std::vector<double> scores;
    std::vector<uint8_t> labels; ///< 1 = positive
};

/// The score of the positive class, as the tasks that decide between two keep it.
std::optional<double> positiveScore(const ExampleResult& example) {
    if (const auto part = ProbabilityPart::read(example.parts))
        return part->probability;
    const Json& score = memberOf(example.parts, "score");
    return score.is_number() ? std::optional(score.get<double>()) : std::nullopt;
}

int positiveClass(const RunRecord& run) {
    return textOf(memberOf(memberOf(run.spec, "params"), "positive_class")) == "first" ? 0 : 1;
}

TwoClasses readTwoClasses(SliceableMetric& metric, const RunRecord& run, Examples examples) {
    TwoClasses out;
    const int positive = positiveClass(run);
    for (size_t i = 0; i < examples.size(); ++i)
        if (const auto score = positiveScore(examples[i]); score && examples[i].target >= 0) {
            addUnit(metric, examples, i);
            out.scores.push_back(*score);
            out.labels.push_back(examples[i].target == positive);
        }
    return out;
}

using Area = std::optional<double> (BinaryRanking::*)(std::span<const uint32_t>) const;

std::string readArea(SliceableMetric& metric, const RunRecord& run, Examples examples, Area area) {
    metric.statistic = [all = readTwoClasses(metric, run, examples),
                        area](std::span<const uint32_t> units) -> Statistic {
        const auto ranking =
            std::make_shared<const BinaryRanking>(at(all.scores, units), at(all.labels, units));
        return [ranking, area](std::span<const uint32_t> drawn) {
            std::vector<uint32_t> weights(ranking->size());
            for (const uint32_t i : drawn)
                ++weights[i];
            return ((*ranking).*area)(weights).value_or(std::numeric_limits<double>::quiet_NaN());
        };
    };
    return kNotKept;
}

std::string readAccuracyAtThreshold(SliceableMetric& metric, const RunRecord& run, Examples examples) {
    const Json& threshold = memberOf(memberOf(run.details, "threshold"), "value");
    if (!threshold.is_number())
        return "the run did not keep its threshold";
    const auto limit = threshold.get<double>();
    const TwoClasses all = readTwoClasses(metric, run, examples);
    for (size_t i = 0; i < all.scores.size(); ++i)
        metric.values.push_back((all.scores[i] >= limit) == (all.labels[i] == 1) ? 1 : 0);
    return kNotKept;
}

// The table

/// The number after @p prefix, if @p name is that and a number.
std::optional<size_t> numberAfter(std::string_view name, std::string_view prefix) {
    if (!name.starts_with(prefix))
        return std::nullopt;
    size_t number = 0;
    const auto [end, error] = std::from_chars(name.data() + prefix.size(), name.data() + name.size(), number);
    return error == std::errc() && end == name.data() + name.size() ? std::optional(number) : std::nullopt;
}

/// Fills units, values and statistic. @return why that cannot be done, where no unit was found
std::string read(SliceableMetric& metric, const RunRecord& run, Examples examples) {
    const std::string& name = metric.whole.name;
    const size_t classes = run.classNames.size();
    if (name == "top1" || name == "lp_acc1")
        return readHits(metric, examples);
    if (name == "top1_among_labels" || name == "accuracy" || name == "accuracy_at_0.5")
        return readCorrect(metric, examples);
    if (name == "top5" || name == "lp_acc5")
        return readTopK(metric, examples, 5, classes);
    if (name == "mean_per_class_recall" || name == "lp_mean_per_class_recall")
        return readMeanRecall(metric, examples, classes);
    if (name == "ece")
        return readCalibration(metric, examples);
    if (name == "roc_auc")
        return readArea(metric, run, examples, &BinaryRanking::rocAuc);
    if (name == "average_precision")
        return readArea(metric, run, examples, &BinaryRanking::averagePrecision);
    if (name == "accuracy_at_threshold")
        return readAccuracyAtThreshold(metric, run, examples);
    if (name == "clipscore" || name == "refclipscore")
        return readClipScore(metric, examples, name == "refclipscore");
    if (name == "text_score" || name == "image_score" || name == "group_score")
        return readPairs(metric, examples, name);
    if (const auto k = numberAfter(name, "image_retrieval_recall@"))
        return readRecall(metric, ranksOf(examples, true), *k);
    if (const auto k = numberAfter(name, "text_retrieval_recall@"))
        return readRecall(metric, ranksOf(examples, false), *k);
    if (name == "text_to_image_median_rank")
        return readMedian(metric, ranksOf(examples, true));
    if (name == "image_to_text_median_rank")
        return readMedian(metric, ranksOf(examples, false));
    if (name == "map")
        return "it ranks the examples by the scores of every class, which are not kept";
    if (name == "lp_train_acc1" || name.starts_with("lp_acc1_"))
        return "it is about training images and draws, not about the examples measured";
    if (name == "groups_right")
        return "it is about groups of memes, which have no slice of their own";
    return kNotKept;
}

std::vector<uint32_t> allUnits(const SliceableMetric& metric) {
    std::vector<uint32_t> units(metric.units());
    std::iota(units.begin(), units.end(), 0U);
    return units;
}

/// Where no two units belong together, draws need no clusters.
void dropSingleClusters(SliceableMetric& metric) {
    const std::unordered_set<int64_t> different(metric.clusters.begin(), metric.clusters.end());
    if (different.size() == metric.clusters.size())
        metric.clusters.clear();
}

} // namespace

double valueOn(const SliceableMetric& metric, std::span<const uint32_t> units) {
    if (metric.isMean()) {
        double sum = 0;
        for (const uint32_t unit : units)
            sum += metric.values[unit];
        return sum / static_cast<double>(units.size());
    }
    std::vector<uint32_t> each(units.size());
    std::iota(each.begin(), each.end(), 0U);
    return metric.statistic(units)(each);
}

std::optional<Interval> intervalOn(const SliceableMetric& metric, std::span<const uint32_t> units,
                                   size_t resamples, const RunContext& context) {
    BootstrapOptions options;
    options.resamples = resamples;
    const std::vector<int64_t> clusters =
        metric.clusters.empty() ? std::vector<int64_t>() : at(metric.clusters, units);
    options.clusters = clusters;
    if (metric.isMean())
        return bootstrapMean(at(metric.values, units), options, context);
    return bootstrap(units.size(), metric.statistic(units), options, context);
}

SliceMetrics sliceMetrics(const RunRecord& run, std::span<const ExampleResult> examples) {
    SliceMetrics out;
    for (const Metric& stored : run.metrics) {
        SliceableMetric metric;
        metric.whole = stored;
        std::string why = read(metric, run, examples);
        dropSingleClusters(metric);
        if (metric.units() > 0) {
            const double value = valueOn(metric, allUnits(metric));
            const double tolerance = 1e-6 * std::max(1.0, std::abs(stored.value));
            if (std::abs(value - stored.value) <= tolerance) {
                out.metrics.push_back(std::move(metric));
                continue;
            }
            why = fmt::format("the examples kept give {:.6g} and the run {:.6g}: it is about more than they "
                              "hold (several draws, say)",
                              value, stored.value);
        }
        out.others.push_back({stored.name, std::move(why)});
    }
    return out;
}

} // namespace diptych
