// SPDX-License-Identifier: GPL-3.0-or-later
// What a comparison says in words, and which of its examples are looked at in which order.
#include "core/metrics/number_text.h"
#include "core/session/comparison.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

namespace diptych {
namespace {

constexpr double kLevel = 0.05;

std::string boundText(const RunComparison& c, double value) {
    if (c.unit == Unit::Share)
        return pointsText(value);
    return (value > 0 ? "+" : "") + numberText(value);
}

/// A sentence begins with a capital letter.
std::string capitalised(std::string text) {
    if (!text.empty() && text.front() >= 'a' && text.front() <= 'z')
        text.front() = static_cast<char>(text.front() - 'a' + 'A');
    return text;
}

/// The larger, the earlier the example comes where disagreement counts.
int disagreement(const ComparedExample& example) {
    if (isOfKind(example, PairKind::Flips))
        return 2;
    return example.sameAnswer() ? 0 : 1;
}

} // namespace

std::string RunComparison::meanText(double mean) const {
    return unit == Unit::Share ? shareText(mean) : numberText(mean);
}

std::string RunComparison::differenceText(double difference) const {
    return boundText(*this, difference) + (unit == Unit::Share ? " points" : "");
}

std::string RunComparison::intervalText() const {
    return fmt::format("{} to {}", boundText(*this, difference.interval.low),
                       boundText(*this, difference.interval.high));
}

std::string RunComparison::nameOf(int index) const {
    return index < 0 ? std::string() : names[static_cast<size_t>(index)];
}

Decision decisionOf(const RunComparison& c) {
    if (c.firstHigher.empty() && c.secondHigher.empty())
        return Decision::Agree;
    const Interval& interval = c.difference.interval;
    const bool open = interval.low <= 0 && interval.high >= 0;
    if (open || (c.mcNemar && !c.clustered && c.mcNemar->pValue >= kLevel))
        return Decision::Open;
    return c.difference.difference > 0 ? Decision::FirstBetter : Decision::SecondBetter;
}

std::string verdictText(const RunComparison& c, const std::string& first, const std::string& second) {
    const Interval& interval = c.difference.interval;
    const std::string difference = c.differenceText(c.difference.difference);
    switch (decisionOf(c)) {
    case Decision::Agree:
        return "The runs agree on every example.";
    case Decision::FirstBetter:
    case Decision::SecondBetter: {
        const bool firstBetter = c.difference.difference > 0;
        return capitalised(fmt::format("{} is better on such examples: {} less {} is {}, 95 % interval {}.",
                                       firstBetter ? first : second, first, second, difference,
                                       c.intervalText()));
    }
    case Decision::Open:
        break;
    }
    if (interval.low <= 0 && interval.high >= 0)
        return fmt::format("Not decided: the difference of {} lies within {}.", difference, c.intervalText());
    return fmt::format(
        "Not decided: the interval of the difference of {}, {}, leaves out 0, but by McNemar's "
        "test so many flips one way may be chance ({}).",
        difference, c.intervalText(), pValueText(c.mcNemar->pValue));
}

std::string_view pairKindName(PairKind kind) {
    switch (kind) {
    case PairKind::All:
        return "all";
    case PairKind::Flips:
        return "flips";
    case PairKind::BothRight:
        return "both-right";
    case PairKind::FirstRight:
        return "first-right";
    case PairKind::SecondRight:
        return "second-right";
    case PairKind::BothWrong:
        return "both-wrong";
    case PairKind::BothWrongAgree:
        return "both-wrong-agree";
    case PairKind::BothWrongDiffer:
        return "both-wrong-differ";
    }
    return "";
}

std::string pairKindTitle(PairKind kind, const RunComparison& comparison, const std::string& first,
                          const std::string& second) {
    const bool verdicts = comparison.rightOrWrong();
    switch (kind) {
    case PairKind::All:
        return "All examples";
    case PairKind::Flips:
        return verdicts ? "Right in one alone" : "Different scores";
    case PairKind::BothRight:
        return verdicts ? "Both right" : "Equal scores";
    case PairKind::FirstRight:
        return verdicts ? capitalised(fmt::format("{} right, {} wrong", first, second))
                        : "Higher in " + first;
    case PairKind::SecondRight:
        return verdicts ? capitalised(fmt::format("{} right, {} wrong", second, first))
                        : "Higher in " + second;
    case PairKind::BothWrong:
        return "Both wrong";
    case PairKind::BothWrongAgree:
        return "Both wrong, same answer";
    case PairKind::BothWrongDiffer:
        return "Both wrong, different answers";
    }
    return "";
}

const std::vector<PairKind>& pairKinds() {
    static const std::vector<PairKind> kinds{
        PairKind::All,       PairKind::Flips,          PairKind::FirstRight,      PairKind::SecondRight,
        PairKind::BothWrong, PairKind::BothWrongAgree, PairKind::BothWrongDiffer, PairKind::BothRight};
    return kinds;
}

bool isOfKind(const ComparedExample& example, PairKind kind) {
    const PairOutcome outcome = example.outcome;
    switch (kind) {
    case PairKind::All:
        return true;
    case PairKind::Flips:
        return outcome == PairOutcome::FirstRight || outcome == PairOutcome::SecondRight;
    case PairKind::BothRight:
        return outcome == PairOutcome::BothRight;
    case PairKind::FirstRight:
        return outcome == PairOutcome::FirstRight;
    case PairKind::SecondRight:
        return outcome == PairOutcome::SecondRight;
    case PairKind::BothWrong:
        return outcome == PairOutcome::BothWrong;
    case PairKind::BothWrongAgree:
        return outcome == PairOutcome::BothWrong && example.sameAnswer();
    case PairKind::BothWrongDiffer:
        return outcome == PairOutcome::BothWrong && !example.sameAnswer();
    }
    return false;
}

std::vector<uint32_t> pairsOf(const RunComparison& comparison, PairKind kind, PairOrder order) {
    const std::vector<ComparedExample>& examples = comparison.examples;
    std::vector<uint32_t> places;
    for (uint32_t i = 0; i < examples.size(); ++i)
        if (isOfKind(examples[i], kind))
            places.push_back(i);
    if (order == PairOrder::Position)
        return places;
    std::ranges::stable_sort(places, [&](uint32_t a, uint32_t b) {
        const int one = disagreement(examples[a]), other = disagreement(examples[b]);
        if (order == PairOrder::Disagreement && one != other)
            return one > other;
        return examples[a].gap > examples[b].gap;
    });
    return places;
}

} // namespace diptych
