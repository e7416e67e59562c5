// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/tasks/run_task.h"

#include <algorithm>

namespace diptych {

const Task* taskOf(const RunRecord& run) {
    const auto found =
        std::ranges::find_if(tasks(), [&](const Task& task) { return task.info.id == run.task; });
    return found == tasks().end() ? nullptr : &*found;
}

const Metric* headlineMetric(const RunRecord& run) {
    const Task* task = taskOf(run);
    if (const Metric* primary = task ? findMetric(run.metrics, task->info.primaryMetric) : nullptr)
        return primary;
    return run.metrics.empty() ? nullptr : &run.metrics.front();
}

} // namespace diptych
