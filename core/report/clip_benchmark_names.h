// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <string_view>

// Private to core/report: what CLIP_benchmark's result files call what is known here by other names.
namespace diptych::clip_benchmark {

/// One metric's name here and in CLIP_benchmark's files.
struct Renamed {
    std::string_view ours, theirs;
};

/// A task's name here and there, and those of its metrics that are called otherwise there.
struct TaskNames {
    std::string_view ours, theirs;
    std::array<Renamed, 2> metrics;
};

inline constexpr std::array<TaskNames, 3> kTasks = {{
    {"zero-shot", "zeroshot_classification", {{{"top1", "acc1"}, {"top5", "acc5"}}}},
    {"linear-probe", "linear_probe", {}},
    {"retrieval", "zeroshot_retrieval", {}},
}};

} // namespace diptych::clip_benchmark
