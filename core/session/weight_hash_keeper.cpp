// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/session/weight_hash_keeper.h"

#include "core/models/weight_hashes.h"

#include <set>

namespace diptych {

WeightHashKeeper::WeightHashKeeper(Workspace& workspace, const Checkpoint& checkpoint)
    : m_workspace(workspace) {
    std::set<std::filesystem::path> files;
    for (const std::string& tensor : checkpoint.tensorNames())
        files.insert(checkpoint.fileOf(tensor));
    for (const auto& file : files) {
        const auto stamp = fileStamp(file);
        if (const auto known = workspace.cachedWeightHash(file))
            rememberWeightHash(file, *known);
        else if (stamp)
            m_unknown.emplace_back(file, *stamp);
    }
}

WeightHashKeeper::~WeightHashKeeper() {
    for (const auto& [file, stamp] : m_unknown) {
        const auto hash = rememberedWeightHash(file);
        if (!hash || fileStamp(file) != stamp)
            continue;
        try {
            m_workspace.storeWeightHash({file, stamp, *hash});
        } catch (const Error&) { // it is computed again by the next process
        }
    }
}

} // namespace diptych
