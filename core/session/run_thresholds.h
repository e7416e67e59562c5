// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/metrics/thresholds.h"
#include "core/store/workspace.h"

#include <optional>
#include <span>
#include <string>
#include <vector>

namespace diptych {

/// What a finished run's examples decide at any threshold.
struct RunThresholds {
    enum class Kind {
        Decision,  ///< between two classes, by the score of the positive one
        Confidence ///< whether to answer at all, by the confidence of the prediction; positive = it is right
    };
    Kind kind = Kind::Decision;
    RunRecord run; ///< as in lists
    std::string positive, negative;
    /// Examples that have a score and a label, in the run's order: [n] each.
    std::vector<SampleId> samples;
    std::vector<double> scores; ///< in [0, 1]
    std::vector<uint8_t> labels;
    std::vector<std::string> splits;
    std::optional<double> used; ///< the threshold that the run itself decided by, beside 0.5
    std::string usedOrigin;     ///< how that was chosen, for people

    Thresholds thresholds() const { return {scores, labels}; }
    /// Those of a split alone, or all but those.
    RunThresholds part(const std::string& split, bool inside) const;
    /// Those that are called positive at one threshold and negative at the other, in the run's order.
    std::vector<SampleId> changingSide(double from, double to) const;
    enum class Cell { TruePositive, FalsePositive, TrueNegative, FalseNegative };
    std::vector<SampleId> inCell(Cell cell, double threshold) const;
};

/// Whether a task's runs keep what this needs.
bool hasThresholds(const RunRecord& run);

/// Takes as long as reading the run's examples.
/// @throws Error NotFound (no such run), InvalidArgument (a run that keeps no scores with labels)
RunThresholds runThresholds(const Workspace& workspace, RunId run);

/// A threshold and how it was come by.
struct NamedThreshold {
    std::string id;         ///< "half", "used", "accuracy", "f1", "youden", "cost"
    std::string name;       ///< for people
    ThresholdCounts chosen; ///< on what it was chosen on
    ThresholdCounts judged; ///< on what it is judged on
};
/// 0.5, the run's own, and the best by each rule that is defined, chosen on @p chooseOn and judged on @p
/// judgeOn; give the same twice where no split was set apart, and say that this flatters.
std::vector<NamedThreshold> namedThresholds(const RunThresholds& chooseOn, const RunThresholds& judgeOn,
                                            MistakeCosts costs);

} // namespace diptych
