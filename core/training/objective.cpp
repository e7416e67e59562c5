// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/training/objective.h"

#include <fmt/format.h>

namespace diptych {

const std::vector<ObjectiveEntry>& trainingObjectives() {
    static const std::vector<ObjectiveEntry> kObjectives = {
        {"contrastive", "Contrastive (CLIP)", makeContrastive},
    };
    return kObjectives;
}

std::unique_ptr<Objective> makeObjective(const std::string& id) {
    std::string known;
    for (const ObjectiveEntry& entry : trainingObjectives()) {
        if (entry.id == id)
            return entry.make();
        known += (known.empty() ? "" : ", ") + entry.id;
    }
    throw Error(ErrorCode::NotFound,
                fmt::format("There is no training objective '{}'; there are: {}", id, known));
}

} // namespace diptych
