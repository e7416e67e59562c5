// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/session/comparison.h"

#include "core/metrics/number_text.h"
#include "core/tasks/task.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <unordered_map>

namespace diptych {
namespace {

double mean(const std::vector<double>& values) {
    return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

/// As lists show it.
RunRecord withoutDetails(RunRecord run) {
    run.details = {};
    run.classNames.clear();
    return run;
}

bool keepScores(const std::vector<ExampleResult>& examples) {
    return std::ranges::any_of(examples,
                               [](const ExampleResult& example) { return example.score.has_value(); });
}

/// What one example counts; nothing where it is not judged.
std::optional<double> valueOf(const ExampleResult& example, bool byScore) {
    if (byScore)
        return example.score;
    return example.correct ? std::optional(*example.correct ? 1.0 : 0.0) : std::nullopt;
}

/// The examples both runs judge, in the first run's order.
struct CommonExamples {
    std::vector<SampleId> samples;
    std::vector<double> first, second;
    std::vector<int64_t> clusters;
};

CommonExamples commonOf(const std::vector<ExampleResult>& first, const std::vector<ExampleResult>& second,
                        bool byScore, RunComparison& out) {
    std::unordered_map<SampleId, double> others;
    for (const ExampleResult& example : second)
        if (const auto value = valueOf(example, byScore))
            others.emplace(example.sample, *value);
    CommonExamples common;
    for (const ExampleResult& example : first) {
        const auto value = valueOf(example, byScore);
        if (!value)
            continue;
        const auto found = others.find(example.sample);
        if (found == others.end()) {
            ++out.onlyInFirst;
            continue;
        }
        common.samples.push_back(example.sample);
        common.first.push_back(*value);
        common.second.push_back(found->second);
        common.clusters.push_back(example.cluster);
    }
    out.common = common.samples.size();
    out.onlyInSecond = others.size() - common.samples.size();
    return common;
}

/// Says what the scores are, unless every one is 0 or 1.
void nameScore(const CommonExamples& common, RunComparison& out) {
    const auto isVerdict = [](double value) { return value == 0 || value == 1; };
    if (std::ranges::all_of(common.first, isVerdict) && std::ranges::all_of(common.second, isVerdict))
        return;
    out.score = "Score"; // of a task this version does not know
    for (const Task& task : tasks())
        if (task.info.id == out.first.task && !task.info.score.empty()) {
            out.score = task.info.score;
            if (const Metric* metric = findMetric(out.first.metrics, task.info.primaryMetric))
                out.unit = metric->unit;
        }
}

} // namespace

std::string RunComparison::meanText(double mean) const {
    return unit == Unit::Share ? shareText(mean) : numberText(mean);
}

std::string RunComparison::differenceText(double difference) const {
    if (unit == Unit::Share)
        return pointsText(difference) + " points";
    return (difference > 0 ? "+" : "") + numberText(difference);
}

RunComparison compareRuns(const Workspace& workspace, RunId first, RunId second, size_t resamples,
                          const RunContext& context) {
    RunComparison out;
    out.first = withoutDetails(workspace.run(first));
    out.second = withoutDetails(workspace.run(second));
    context.begin("Comparing", 0);
    const std::vector<ExampleResult> ofFirst = workspace.examples(first),
                                     ofSecond = workspace.examples(second);
    const bool byScore = out.first.task == out.second.task && keepScores(ofFirst) && keepScores(ofSecond);
    const CommonExamples common = commonOf(ofFirst, ofSecond, byScore, out);
    if (common.samples.empty())
        throw Error(ErrorCode::InvalidArgument,
                    fmt::format("Runs {} and {} have no example in common that both judge; compare runs on "
                                "the same dataset, and of one task where it scores instead of telling right "
                                "from wrong",
                                first.value, second.value));
    context.throwIfCancelled();
    nameScore(common, out);
    out.firstMean = mean(common.first);
    out.secondMean = mean(common.second);
    BootstrapOptions options;
    options.resamples = resamples;
    options.clusters = common.clusters;
    out.difference = pairedBootstrap(common.first, common.second, options, context);
    for (size_t i = 0; i < common.samples.size(); ++i) {
        if (common.first[i] > common.second[i])
            out.firstHigher.push_back(common.samples[i]);
        else if (common.first[i] < common.second[i])
            out.secondHigher.push_back(common.samples[i]);
    }
    if (out.rightOrWrong())
        out.mcNemar = mcNemar(out.firstHigher.size(), out.secondHigher.size());
    context.end();
    return out;
}

} // namespace diptych
