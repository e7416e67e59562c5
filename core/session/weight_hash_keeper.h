// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/file_stamp.h"
#include "core/models/checkpoint.h"
#include "core/store/workspace.h"

#include <filesystem>
#include <utility>
#include <vector>

namespace diptych {

/// While it lives, hashes of a checkpoint's weight files come from the workspace, and those computed
/// meanwhile go there: reading many gigabytes once is enough.
class WeightHashKeeper {
public:
    WeightHashKeeper(Workspace& workspace, const Checkpoint& checkpoint);
    ~WeightHashKeeper();
    WeightHashKeeper(const WeightHashKeeper&) = delete;
    WeightHashKeeper& operator=(const WeightHashKeeper&) = delete;

private:
    Workspace& m_workspace;
    std::vector<std::pair<std::filesystem::path, FileStamp>> m_unknown; ///< with their stamps before
};

} // namespace diptych
