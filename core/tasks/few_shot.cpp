// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/tasks/few_shot.h"

#include "core/metrics/classification.h"
#include "core/tasks/class_prompts.h"
#include "core/tasks/detail_tables.h"
#include "core/tasks/task_support.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>

namespace diptych {
namespace {

constexpr size_t kMostShots = 100000;

std::vector<double> accuraciesOf(const std::vector<ProbeOutcome>& outcomes) {
    std::vector<double> values;
    for (const ProbeOutcome& outcome : outcomes)
        values.push_back(outcome.accuracy);
    return values;
}

} // namespace

std::vector<size_t> parseShots(const std::string& text) {
    std::vector<size_t> shots;
    const char* at = text.data();
    const char* const end = at + text.size();
    const auto skipBlanks = [&] {
        while (at != end && *at == ' ')
            ++at;
    };
    for (skipBlanks(); at != end; skipBlanks()) {
        size_t value = 0;
        const auto parsed = std::from_chars(at, end, value);
        at = parsed.ptr;
        skipBlanks();
        const bool ended = at == end || (*at == ',' && at + 1 != end);
        if (parsed.ec != std::errc() || value < 1 || value > kMostShots || !ended)
            throw Error(ErrorCode::InvalidArgument,
                        fmt::format("Parameter 'shots' should be whole numbers from 1 to {} with commas "
                                    "between them, like 1,2,4,8,16; it is '{}'",
                                    kMostShots, text));
        shots.push_back(value);
        at += at != end;
    }
    std::ranges::sort(shots);
    shots.erase(std::ranges::unique(shots).begin(), shots.end());
    return shots;
}

std::vector<double> meanHits(const std::vector<ProbeOutcome>& outcomes, size_t k) {
    std::vector<double> hits(outcomes.front().results.ranks.size());
    for (const ProbeOutcome& outcome : outcomes)
        for (size_t i = 0; i < hits.size(); ++i)
            hits[i] += outcome.results.ranks[i] < k ? 1 : 0;
    for (double& hit : hits)
        hit /= static_cast<double>(outcomes.size());
    return hits;
}

double meanAccuracy(const std::vector<ProbeOutcome>& outcomes) {
    return meanOf(accuraciesOf(outcomes));
}

double accuracySpread(const std::vector<ProbeOutcome>& outcomes) {
    if (outcomes.size() < 2)
        return 0;
    const std::vector<double> values = accuraciesOf(outcomes);
    const double middle = meanOf(values);
    double squares = 0;
    for (const double value : values)
        squares += (value - middle) * (value - middle);
    return std::sqrt(squares / static_cast<double>(values.size() - 1));
}

std::vector<double> zeroShotHits(const TaskInput& input, const ProbePart& test, const RunContext& context) {
    const ImageEmbeddings images = input.outputs.images(test.ids, ImageFeature::Projected, context);
    const Matrix classes = classEmbeddings(input.outputs, input.dataset.classNames,
                                           promptSetOf(input.params["templates"]), context);
    std::vector<double> hits(test.size());
    for (size_t first = 0; first < images.ids.size(); first += kRowsPerChunk) {
        context.throwIfCancelled();
        const size_t count = std::min(kRowsPerChunk, images.ids.size() - first);
        const auto predictions = predictClasses(
            multiplyTransposed(rowsOf(images.rows, first, count), classes, context.threadCount()));
        for (size_t i = 0; i < count; ++i) {
            const size_t position = images.positions[first + i];
            hits[position] = predictions[i] == test.labels[position] ? 1 : 0;
        }
    }
    return hits;
}

std::vector<Metric> fewShotMetrics(const std::vector<FewShotPoint>& points, const BootstrapOptions& options,
                                   double chance, const RunContext& context) {
    std::vector<Metric> metrics;
    for (const FewShotPoint& point : points) {
        const std::vector<double> hits = meanHits(point.outcomes, 1);
        metrics.push_back({fmt::format("lp_acc1_{}_shots", point.shots), meanOf(hits),
                           bootstrapMean(hits, options, context), hits.size(), true, chance});
    }
    return metrics;
}

Json learningCurve(const std::vector<FewShotPoint>& points, double zeroShotAccuracy) {
    DetailSeries means{"Linear probe, mean and one standard deviation", {}};
    for (const FewShotPoint& point : points) {
        const auto shots = static_cast<double>(point.shots);
        const double middle = meanAccuracy(point.outcomes), spread = accuracySpread(point.outcomes);
        means.points.emplace_back(shots, middle);
        means.band.push_back({shots, std::max(0.0, middle - spread), std::min(1.0, middle + spread)});
    }
    const double fewest = means.points.front().first, most = means.points.back().first;
    const DetailSeries zeroShot{"Zero-shot", {{fewest, zeroShotAccuracy}, {most, zeroShotAccuracy}}, true};
    Json curve = detailCurve("few_shot", "Accuracy by training images of each class",
                             "Training images of each class", "Accuracy", {means, zeroShot});
    curve["x_log"] = true;
    return curve;
}

Json fewShotTable(const std::vector<FewShotPoint>& points) {
    Json rows = Json::array();
    for (const FewShotPoint& point : points) {
        const auto values = accuraciesOf(point.outcomes);
        rows.push_back({point.shots, point.outcomes.front().trainCount, values.size(),
                        meanAccuracy(point.outcomes), accuracySpread(point.outcomes),
                        std::ranges::min(values), std::ranges::max(values)});
    }
    return detailTable("Few-shot accuracy over draws",
                       {{"Images of each class", ColumnKind::Count},
                        {"Training images", ColumnKind::Count},
                        {"Draws", ColumnKind::Count},
                        {"Mean", ColumnKind::Share},
                        {"Standard deviation", ColumnKind::Share},
                        {"Lowest", ColumnKind::Share},
                        {"Highest", ColumnKind::Share}},
                       std::move(rows));
}

} // namespace diptych
