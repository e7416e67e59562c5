// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/store/run_record.h"
#include "core/tasks/task.h"

namespace diptych {

/// The task that a run is of; null where this version does not know it (imported runs, later versions).
const Task* taskOf(const RunRecord& run);
/// The metric that stands for a run: its task's primary one, else its first; null where it has none.
const Metric* headlineMetric(const RunRecord& run);

} // namespace diptych
