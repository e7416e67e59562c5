// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/session/run_thresholds.h"

#include "core/results/parts.h"

#include <fmt/format.h>

#include <unordered_map>

namespace diptych {
namespace {

/// The score of the positive class, where the task keeps one: {"score"} or a line of a predictions file.
std::optional<double> decisionScore(const ExampleResult& example) {
    if (const auto part = ProbabilityPart::read(example.parts))
        return part->probability;
    if (!example.parts.is_object())
        return std::nullopt;
    const auto score = example.parts.find("score");
    if (score == example.parts.end() || !score->is_number())
        return std::nullopt;
    return score->get<double>();
}

int positiveClass(const RunRecord& run) {
    const auto params = run.spec.find("params");
    const bool first = params != run.spec.end() && params->is_object() &&
                       params->value("positive_class", Json("second")) == "first";
    return first ? 0 : 1;
}

bool namesOneClass(const RunRecord& run) {
    return run.details.is_object() && run.details.contains("calibration");
}

/// What the run says of its own threshold.
void readUsed(RunThresholds& out, const RunRecord& whole) {
    if (!whole.details.is_object() || !whole.details.contains("threshold"))
        return;
    const Json& threshold = whole.details["threshold"];
    if (!threshold.is_object() || !threshold.contains("value") || !threshold["value"].is_number())
        return;
    if (threshold.contains("chosen_on")) { // of memes: the split, or null where there was none to choose on
        if (!threshold["chosen_on"].is_string())
            return;
        out.usedOrigin = "best accuracy on " + threshold["chosen_on"].get<std::string>();
    } else if (threshold.contains("origin") && threshold["origin"].is_string()) {
        out.usedOrigin = threshold["origin"].get<std::string>();
    }
    out.used = threshold["value"].get<double>();
}

std::string nameOf(const RunRecord& run, int index, const char* fallback) {
    const auto place = static_cast<size_t>(index);
    return place < run.classNames.size() ? run.classNames[place] : fallback;
}

void addScores(RunThresholds& out, const std::vector<ExampleResult>& examples, int positive) {
    for (const ExampleResult& example : examples) {
        if (example.status != ExampleStatus::Ok || example.target < 0)
            continue;
        std::optional<double> score;
        uint8_t label = 0;
        if (out.kind == RunThresholds::Kind::Decision) {
            score = decisionScore(example);
            label = example.target == positive;
        } else if (!example.predictions.empty() && example.correct) {
            score = static_cast<double>(example.predictions.front().score);
            label = *example.correct;
        }
        if (!score)
            continue;
        out.samples.push_back(example.sample);
        out.scores.push_back(*score);
        out.labels.push_back(label);
    }
}

void addSplits(RunThresholds& out, const Workspace& workspace) {
    std::unordered_map<SampleId, std::string> splits;
    for (Sample& sample : workspace.samples(out.samples, SampleDetail::Basic))
        splits.emplace(sample.id, std::move(sample.split));
    for (const SampleId id : out.samples)
        out.splits.push_back(splits[id]);
}

} // namespace

RunThresholds RunThresholds::part(const std::string& split, bool inside) const {
    RunThresholds out = *this;
    out.samples.clear();
    out.scores.clear();
    out.labels.clear();
    out.splits.clear();
    for (size_t i = 0; i < samples.size(); ++i) {
        if ((splits[i] == split) != inside)
            continue;
        out.samples.push_back(samples[i]);
        out.scores.push_back(scores[i]);
        out.labels.push_back(labels[i]);
        out.splits.push_back(splits[i]);
    }
    return out;
}

std::vector<SampleId> RunThresholds::changingSide(double from, double to) const {
    std::vector<SampleId> ids;
    for (size_t i = 0; i < samples.size(); ++i)
        if ((scores[i] >= from) != (scores[i] >= to))
            ids.push_back(samples[i]);
    return ids;
}

std::vector<SampleId> RunThresholds::inCell(Cell cell, double threshold) const {
    const bool called = cell == Cell::TruePositive || cell == Cell::FalsePositive;
    const bool positiveOnes = cell == Cell::TruePositive || cell == Cell::FalseNegative;
    std::vector<SampleId> ids;
    for (size_t i = 0; i < samples.size(); ++i)
        if ((scores[i] >= threshold) == called && (labels[i] == 1) == positiveOnes)
            ids.push_back(samples[i]);
    return ids;
}

bool hasThresholds(const RunRecord& run) {
    return (run.details.is_object() && run.details.contains("threshold")) || namesOneClass(run);
}

RunThresholds runThresholds(const Workspace& workspace, RunId id) {
    const RunRecord whole = workspace.run(id);
    if (!hasThresholds(whole))
        throw Error(ErrorCode::InvalidArgument,
                    fmt::format("Run {} ({}) decides nothing by a threshold: it needs two classes, or one "
                                "predicted class an image with a confidence",
                                id.value, whole.task));
    RunThresholds out;
    out.kind = namesOneClass(whole) ? RunThresholds::Kind::Confidence : RunThresholds::Kind::Decision;
    const int positive = positiveClass(whole);
    if (out.kind == RunThresholds::Kind::Decision) {
        out.positive = nameOf(whole, positive, "positive");
        out.negative = nameOf(whole, 1 - positive, "negative");
        readUsed(out, whole);
    } else {
        out.positive = "right";
        out.negative = "wrong";
    }
    addScores(out, workspace.examples(id), positive);
    if (out.samples.empty())
        throw Error(ErrorCode::InvalidArgument,
                    fmt::format("Run {} keeps no examples with a score and a label", id.value));
    addSplits(out, workspace);
    out.run = whole;
    out.run.details = {};
    return out;
}

std::vector<NamedThreshold> namedThresholds(const RunThresholds& chooseOn, const RunThresholds& judgeOn,
                                            MistakeCosts costs) {
    const Thresholds chosen = chooseOn.thresholds(), judged = judgeOn.thresholds();
    std::vector<NamedThreshold> out;
    const auto add = [&](const char* id, std::string name, double threshold) {
        out.push_back({id, std::move(name), chosen.at(threshold), judged.at(threshold)});
    };
    add("half", "0.5", 0.5);
    if (chooseOn.used)
        add("used", "the run's own (" + chooseOn.usedOrigin + ")", *chooseOn.used);
    const std::pair<ThresholdRule, std::pair<const char*, std::string>> rules[] = {
        {ThresholdRule::Accuracy, {"accuracy", "best accuracy"}},
        {ThresholdRule::F1, {"f1", "best F1"}},
        {ThresholdRule::Youden, {"youden", "best TPR - FPR (Youden)"}},
        {ThresholdRule::Cost,
         {"cost", fmt::format("least cost (missed {}, false alarm {})", costs.missed, costs.falseAlarm)}}};
    for (const auto& [rule, names] : rules) {
        const bool equalCosts = rule == ThresholdRule::Cost && costs.missed == costs.falseAlarm;
        if (const auto best = chosen.best(rule, costs); best && !equalCosts) // equal costs: accuracy again
            add(names.first, names.second, best->threshold);
    }
    return out;
}

} // namespace diptych
