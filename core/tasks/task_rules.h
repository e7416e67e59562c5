// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/json.h"
#include "core/results/deviation.h"

#include <string>
#include <vector>

namespace diptych {

/// How a task turns scores into its numbers, in words: what a run's protocol card says of it.
struct TaskRules {
    std::string features;                  ///< what is compared, and how it is scaled
    std::string ties;                      ///< what becomes of equal scores
    std::string counting;                  ///< what counts, and what is left out
    std::vector<std::string> prompts = {}; ///< templates or texts, as this run's parameters name them
    /// The parameter that names the prompts; empty where there are none to name.
    std::string promptParam = {};
    /// The task of CLIP_benchmark (48de38c, June 2025) that reports the same numbers; empty = it has none.
    std::string clipBenchmark = {};
    /// Where CLIP_benchmark's published code does otherwise, with these parameters.
    std::vector<Deviation> deviations = {};
};

/// {"features", "ties", "counting", "clip_benchmark": {"task", "differs": [{"what", "here", "there"}]}}
Json rulesJson(const TaskRules& rules);

} // namespace diptych
