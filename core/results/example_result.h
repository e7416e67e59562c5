// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/json.h"
#include "core/results/ids.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace diptych {

enum class ExampleStatus { Ok, Unreadable, Skipped };
/// "ok", "unreadable", "skipped"
std::string_view exampleStatusName(ExampleStatus status);

/// A class (or other index of the task) and its score.
struct ScoredIndex {
    int index = -1;
    float score = 0;
    friend bool operator==(const ScoredIndex&, const ScoredIndex&) = default;
};

/// What a run found for one sample.
struct ExampleResult {
    SampleId sample;
    ExampleStatus status = ExampleStatus::Ok;
    std::string message;                  ///< why it is not ok
    int target = -1;                      ///< -1 = none
    std::vector<ScoredIndex> predictions; ///< best first
    std::optional<bool> correct;          ///< none where the task knows no right or wrong
    /// What runs are compared on, and what slices of a run are the mean of; higher is better. 1 for right and
    /// 0 for wrong, unless TaskInfo::score says something else. None where the example takes no part in that.
    std::optional<double> score;
    /// Equal for examples that are not independent (a pair's two, candidates of one picture): these are drawn
    /// together in every bootstrap. The id of the first sample of those. 0 = drawn by itself; what is stored
    /// then has the id of the example's own sample.
    int64_t cluster = 0;
    Json parts; ///< whatever else the task keeps, read as core/results/parts.h has it; null = nothing
};

/// To which a task adds what it found.
ExampleResult exampleOf(SampleId sample);

/// Right or wrong, which is the score as well.
void setVerdict(ExampleResult& example, bool correct);

} // namespace diptych
