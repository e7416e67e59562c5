// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/context.h"
#include "core/metrics/comparison.h"
#include "core/store/workspace.h"

#include <array>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace diptych {

/// How two runs stand on one example. Where scores are compared the higher one is "right", and equal ones are
/// BothRight.
enum class PairOutcome { BothRight, FirstRight, SecondRight, BothWrong };

/// What two runs say of one example.
struct ComparedExample {
    SampleId sample;
    PairOutcome outcome = PairOutcome::BothRight;
    double first = 0, second = 0;            ///< what is compared: 1 = right, 0 = wrong, or the score
    int truth = -1;                          ///< by the first run; indexes RunComparison::names, -1 = none
    int firstAnswer = -1, secondAnswer = -1; ///< each run's first prediction, likewise
    /// Of those answers, as the run scores them; NaN = none.
    float firstScore = std::numeric_limits<float>::quiet_NaN();
    float secondScore = std::numeric_limits<float>::quiet_NaN();
    /// How far apart the runs are: the difference of their margins, where a margin is the score of the truth
    /// less the largest other (a class that a run did not keep scores 0); where there are none, of what is
    /// compared. 0 or more.
    double gap = 0;

    bool sameAnswer() const { return firstAnswer == secondAnswer; }
};

/// One class in two runs.
struct ClassDifference {
    std::string name;
    size_t n = 0;                 ///< its examples among those compared
    double first = 0, second = 0; ///< share of them that is right
    uint64_t onlyFirst = 0, onlySecond = 0;
    double pValue = 1;    ///< McNemar's test
    double adjustedP = 1; ///< by Holm over the classes
    bool differs = false; ///< at 5 % over all classes
    double difference() const { return first - second; }
};

/// Two runs on the examples both judge.
struct RunComparison {
    RunRecord first, second; ///< as in lists
    size_t common = 0;       ///< examples both judge
    size_t onlyInFirst = 0;  ///< judged by one run alone; left out
    size_t onlyInSecond = 0;
    /// What the examples are compared on, for people: "CLIPScore"; empty = every one is right or wrong.
    std::string score;
    Unit unit = Unit::Share; ///< of the scores
    double firstMean = 0;    ///< over the common ones: the share that is right, or the mean of the scores
    double secondMean = 0;
    PairedDifference difference;        ///< of the means, first less second, by paired bootstrap of clusters
    std::optional<McNemar> mcNemar;     ///< on the flips; none where scores are not right or wrong
    bool clustered = false;             ///< examples are not independent, which McNemar's test takes them for
    std::vector<SampleId> firstHigher;  ///< first right and second wrong, or of the higher score; in the
                                        ///< first run's order
    std::vector<SampleId> secondHigher; ///< likewise
    std::vector<ComparedExample> examples; ///< all, in the first run's order
    std::array<size_t, 4> counts = {};     ///< examples of each PairOutcome
    std::vector<std::string> names;        ///< classes of either run
    /// Of the truths, by name; empty where scores are compared or there are no classes.
    std::vector<ClassDifference> classes;
    std::vector<std::string> notes; ///< what keeps the comparison from being like with like, sentences

    bool rightOrWrong() const { return score.empty(); }
    size_t count(PairOutcome outcome) const { return counts[static_cast<size_t>(outcome)]; }
    std::string meanText(double mean) const;             ///< "93.4 %", "0.7421"
    std::string differenceText(double difference) const; ///< "+12.5 points", "-0.0031"
    std::string intervalText() const;                    ///< "-0.6 to +2.2"
    std::string nameOf(int index) const;                 ///< of names; empty for -1
};

/// Compares runs example by example: on the examples' scores where both are of one task and keep them, else
/// on what was right. Examples of one cluster (of the first run) are drawn together. The runs may be of
/// different tasks and models; it is the samples that must be the same.
/// @throws Error NotFound (no such run), InvalidArgument (no example that both judge); Cancelled
RunComparison compareRuns(const Workspace& workspace, RunId first, RunId second, size_t resamples,
                          const RunContext& context);

enum class Decision { Agree, FirstBetter, SecondBetter, Open };
/// A run is better where the interval leaves out 0 and, for independent examples that are right or wrong,
/// McNemar's p is below 5 %.
Decision decisionOf(const RunComparison& comparison);
/// A sentence: "Not decided: the difference of +0.8 points lies within -0.6 to +2.2."
/// @param first, second what the runs are called: "A", "the first"
std::string verdictText(const RunComparison& comparison, const std::string& first, const std::string& second);

/// Which examples to look at.
enum class PairKind {
    All,
    Flips, ///< right in one run alone
    BothRight,
    FirstRight, ///< and the second wrong, or lower
    SecondRight,
    BothWrong,
    BothWrongAgree, ///< with the same answer
    BothWrongDiffer
};
std::string_view pairKindName(PairKind kind); ///< "all", "flips", "both-right", ...
/// For people: "A right, B wrong".
std::string pairKindTitle(PairKind kind, const RunComparison& comparison, const std::string& first,
                          const std::string& second);
const std::vector<PairKind>& pairKinds(); ///< all of them
bool isOfKind(const ComparedExample& example, PairKind kind);

enum class PairOrder {
    Disagreement, ///< flips, then different answers, then the rest; in each the widest gap first
    Gap,          ///< the widest gap first
    Position      ///< as the first run has them
};
/// Places in RunComparison::examples.
std::vector<uint32_t> pairsOf(const RunComparison& comparison, PairKind kind, PairOrder order);

} // namespace diptych
