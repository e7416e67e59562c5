// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/session/comparison.h"

#include "core/metrics/slices.h"
#include "core/tasks/run_task.h"
#include "core/tasks/task.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
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

/// The classes of both runs under common numbers.
class ClassNames {
public:
    explicit ClassNames(std::vector<std::string>& names) : m_names(names) {}
    /// By the run's own numbers.
    std::vector<int> numbersOf(const std::vector<std::string>& names) {
        std::vector<int> numbers;
        for (const std::string& name : names) {
            const auto [at, isNew] = m_number.try_emplace(name, static_cast<int>(m_names.size()));
            if (isNew)
                m_names.push_back(name);
            numbers.push_back(at->second);
        }
        return numbers;
    }

private:
    std::vector<std::string>& m_names;
    std::unordered_map<std::string, int> m_number;
};

/// One run as it is compared.
struct Side {
    std::vector<ExampleResult> examples;
    std::vector<int> numbers; ///< of its classes
    int number(int index) const {
        return index >= 0 && static_cast<size_t>(index) < numbers.size() ? numbers[static_cast<size_t>(index)]
                                                                         : -1;
    }
    int answer(const ExampleResult& example) const {
        return example.predictions.empty() ? -1 : number(example.predictions.front().index);
    }
};

float answerScore(const ExampleResult& example) {
    return example.predictions.empty() ? std::numeric_limits<float>::quiet_NaN()
                                       : example.predictions.front().score;
}

/// The score of the truth less the largest other; nothing where there is no truth or no prediction.
std::optional<double> marginOf(const ExampleResult& example) {
    if (example.target < 0 || example.predictions.empty())
        return std::nullopt;
    double truth = 0, other = 0;
    for (const ScoredIndex& prediction : example.predictions) {
        double& mine = prediction.index == example.target ? truth : other;
        mine = std::max(mine, static_cast<double>(prediction.score));
    }
    return truth - other;
}

PairOutcome outcomeOf(double first, double second, bool verdicts) {
    if (first != second)
        return first > second ? PairOutcome::FirstRight : PairOutcome::SecondRight;
    return verdicts && first == 0 ? PairOutcome::BothWrong : PairOutcome::BothRight;
}

ComparedExample comparedOf(const ExampleResult& first, const Side& firstSide, const ExampleResult& second,
                           const Side& secondSide, bool byScore) {
    ComparedExample out;
    out.sample = first.sample;
    out.first = *valueOf(first, byScore);
    out.second = *valueOf(second, byScore);
    out.truth = firstSide.number(first.target);
    out.firstAnswer = firstSide.answer(first);
    out.secondAnswer = secondSide.answer(second);
    out.firstScore = answerScore(first);
    out.secondScore = answerScore(second);
    const auto one = marginOf(first), other = marginOf(second);
    out.gap = one && other ? std::abs(*one - *other) : std::abs(out.first - out.second);
    return out;
}

/// The examples both runs judge, in the first run's order.
struct CommonExamples {
    std::vector<double> first, second;
    std::vector<int64_t> clusters;
    size_t otherTruths = 0; ///< examples whose truth is another in the second run
};

CommonExamples commonOf(const Side& first, const Side& second, bool byScore, RunComparison& out) {
    std::unordered_map<SampleId, const ExampleResult*> others;
    for (const ExampleResult& example : second.examples)
        if (valueOf(example, byScore))
            others.emplace(example.sample, &example);
    CommonExamples common;
    for (const ExampleResult& example : first.examples) {
        if (!valueOf(example, byScore))
            continue;
        const auto found = others.find(example.sample);
        if (found == others.end()) {
            ++out.onlyInFirst;
            continue;
        }
        const ExampleResult& other = *found->second;
        out.examples.push_back(comparedOf(example, first, other, second, byScore));
        common.first.push_back(out.examples.back().first);
        common.second.push_back(out.examples.back().second);
        common.clusters.push_back(example.cluster);
        common.otherTruths += out.examples.back().truth >= 0 && second.number(other.target) >= 0 &&
                              out.examples.back().truth != second.number(other.target);
    }
    out.common = out.examples.size();
    out.onlyInSecond = others.size() - out.common;
    return common;
}

/// Says what the scores are, unless every one is 0 or 1.
void nameScore(const CommonExamples& common, RunComparison& out) {
    const auto isVerdict = [](double value) { return value == 0 || value == 1; };
    if (std::ranges::all_of(common.first, isVerdict) && std::ranges::all_of(common.second, isVerdict))
        return;
    out.score = "Score"; // of a task this version does not know
    const Task* task = taskOf(out.first);
    if (!task || task->info.score.empty())
        return;
    out.score = task->info.score;
    if (const Metric* metric = findMetric(out.first.metrics, task->info.primaryMetric))
        out.unit = metric->unit;
}

void countOutcomes(RunComparison& out) {
    for (ComparedExample& example : out.examples) {
        example.outcome = outcomeOf(example.first, example.second, out.rightOrWrong());
        ++out.counts[static_cast<size_t>(example.outcome)];
        if (example.outcome == PairOutcome::FirstRight)
            out.firstHigher.push_back(example.sample);
        else if (example.outcome == PairOutcome::SecondRight)
            out.secondHigher.push_back(example.sample);
    }
}

void compareClasses(RunComparison& out) {
    std::map<std::string, ClassDifference> byName;
    for (const ComparedExample& example : out.examples) {
        if (example.truth < 0)
            continue;
        ClassDifference& one = byName[out.nameOf(example.truth)];
        ++one.n;
        one.first += example.first;
        one.second += example.second;
        one.onlyFirst += example.outcome == PairOutcome::FirstRight;
        one.onlySecond += example.outcome == PairOutcome::SecondRight;
    }
    std::vector<double> pValues;
    for (auto& [name, one] : byName) {
        one.name = name;
        one.first /= static_cast<double>(one.n);
        one.second /= static_cast<double>(one.n);
        one.pValue = mcNemar(one.onlyFirst, one.onlySecond).pValue;
        pValues.push_back(one.pValue);
    }
    const std::vector<double> adjusted = holmAdjusted(pValues);
    for (auto& [name, one] : byName) {
        one.adjustedP = adjusted[out.classes.size()];
        one.differs = one.adjustedP < 0.05;
        out.classes.push_back(std::move(one));
    }
}

void addNotes(const CommonExamples& common, RunComparison& out) {
    if (out.first.datasetFingerprint != out.second.datasetFingerprint)
        out.notes.push_back("The dataset changed between the runs; only samples that are still the same ones "
                            "are compared.");
    if (common.otherTruths > 0)
        out.notes.push_back(fmt::format("{} of the examples have another truth in the second run; right and "
                                        "wrong go by each run's own.",
                                        common.otherTruths));
    if (out.clustered && out.mcNemar)
        out.notes.push_back("Examples belong together in groups, which the interval takes into account and "
                            "McNemar's test does not.");
}

bool hasClusters(std::vector<int64_t> clusters) {
    std::erase(clusters, 0);
    std::ranges::sort(clusters);
    return std::ranges::adjacent_find(clusters) != clusters.end();
}

} // namespace

RunComparison compareRuns(const Workspace& workspace, RunId first, RunId second, size_t resamples,
                          const RunContext& context) {
    RunComparison out;
    const RunRecord wholeFirst = workspace.run(first), wholeSecond = workspace.run(second);
    out.first = withoutDetails(wholeFirst);
    out.second = withoutDetails(wholeSecond);
    context.begin("Comparing", 0);
    ClassNames names(out.names);
    const Side ofFirst{workspace.examples(first), names.numbersOf(wholeFirst.classNames)};
    const Side ofSecond{workspace.examples(second), names.numbersOf(wholeSecond.classNames)};
    const bool byScore =
        out.first.task == out.second.task && keepScores(ofFirst.examples) && keepScores(ofSecond.examples);
    const CommonExamples common = commonOf(ofFirst, ofSecond, byScore, out);
    if (out.examples.empty())
        throw Error(ErrorCode::InvalidArgument,
                    fmt::format("Runs {} and {} have no example in common that both judge; compare runs on "
                                "the same dataset, and of one task where it scores instead of telling right "
                                "from wrong",
                                first.value, second.value));
    context.throwIfCancelled();
    nameScore(common, out);
    out.firstMean = mean(common.first);
    out.secondMean = mean(common.second);
    out.clustered = hasClusters(common.clusters);
    BootstrapOptions options;
    options.resamples = resamples;
    options.clusters = common.clusters;
    out.difference = pairedBootstrap(common.first, common.second, options, context);
    countOutcomes(out);
    if (out.rightOrWrong()) {
        out.mcNemar = mcNemar(out.firstHigher.size(), out.secondHigher.size());
        compareClasses(out);
    }
    addNotes(common, out);
    context.end();
    return out;
}

} // namespace diptych
