// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/session/run_positives.h"

#include "core/metrics/metric_text.h"
#include "core/metrics/number_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <unordered_map>

namespace diptych {
namespace {

/// The marked captions by their numbers now. Words that a sample no longer has are nobody's; words that it
/// has twice are both.
std::vector<ExtraMatch> numbered(const Workspace& workspace, const std::vector<PositivePair>& pairs) {
    std::vector<SampleId> owners;
    for (const PositivePair& pair : pairs)
        owners.push_back(pair.captionOf);
    std::ranges::sort(owners);
    owners.erase(std::unique(owners.begin(), owners.end()), owners.end());
    std::unordered_map<SampleId, std::vector<std::string>> captions;
    for (Sample& sample : workspace.samples(owners))
        captions.emplace(sample.id, std::move(sample.captions));
    std::vector<ExtraMatch> matches;
    for (const PositivePair& pair : pairs) {
        const std::vector<std::string>& words = captions[pair.captionOf];
        for (size_t number = 0; number < words.size(); ++number)
            if (words[number] == pair.caption)
                matches.push_back({pair.image, pair.captionOf, static_cast<int>(number)});
    }
    return matches;
}

std::string noteOn(const Workspace& workspace, const RunPositives& out) {
    const RunRecord& run = out.run;
    if (run.datasetFingerprint != workspace.dataset(run.datasetId).fingerprint &&
        run.spec.value("labels", "") != "corrected")
        return "The dataset has changed since this run: marked captions count where they stand now.";
    if (std::ranges::all_of(out.retrieval.metrics, &CorrectedMetric::exact))
        return {};
    return "Where two numbers stand, the run kept too few candidates to tell: with marks the metric lies "
           "between them. A run with a higher 'Captions kept' (--keep) tells.";
}

} // namespace

RunPositives runWithPositives(const Workspace& workspace, RunId id) {
    RunPositives out;
    out.run = workspace.run(id);
    if (out.run.task != "retrieval")
        throw Error(ErrorCode::InvalidArgument,
                    fmt::format("Run {} is of the task '{}'; captions are marked as right for retrieval runs",
                                id.value, out.run.task));
    if (!out.run.datasetId)
        throw Error(ErrorCode::InvalidArgument,
                    fmt::format("The dataset '{}' of run {} was removed, and the marks with it",
                                out.run.datasetName, id.value));
    const std::vector<ExampleResult> examples = workspace.examples(id);
    if (examples.empty())
        throw Error(ErrorCode::InvalidArgument,
                    fmt::format("Run {} keeps no examples to recompute its metrics from", id.value));
    const std::vector<PositivePair> pairs = workspace.positives(out.run.datasetId);
    out.marked = pairs.size();
    out.retrieval = correctRetrieval(examples, out.run.metrics, numbered(workspace, pairs));
    out.note = noteOn(workspace, out);
    return out;
}

std::string correctedText(const CorrectedMetric& metric) {
    Metric shown = metric.stored;
    shown.value = metric.low;
    if (metric.exact())
        return metricValueText(shown);
    shown.interval = Interval{metric.low, metric.high};
    return metricIntervalText(shown);
}

std::string correctedChangeText(const CorrectedMetric& metric) {
    if (!metric.exact() || metric.low == metric.stored.value)
        return {};
    const double change = metric.low - metric.stored.value;
    if (metric.stored.unit == Unit::Share)
        return pointsText(change) + " points";
    return (change > 0 ? "+" : "") + numberText(change);
}

} // namespace diptych
