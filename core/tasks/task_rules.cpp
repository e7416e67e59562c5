// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/tasks/task_rules.h"

namespace diptych {

Json rulesJson(const TaskRules& rules) {
    Json differs = Json::array();
    for (const Deviation& each : rules.deviations)
        differs.push_back({{"what", each.what}, {"here", each.here}, {"there", each.there}});
    return {{"features", rules.features},
            {"ties", rules.ties},
            {"counting", rules.counting},
            {"clip_benchmark", {{"task", rules.clipBenchmark}, {"differs", std::move(differs)}}}};
}

} // namespace diptych
