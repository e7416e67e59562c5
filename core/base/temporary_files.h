// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <filesystem>

namespace diptych {

/// Removes what writeFileAtomically() left in a folder when its process was killed: temporary files whose
/// process is gone and that nobody has touched for ten minutes (it may run on another machine). Looks at
/// every name in the folder. @return how many
size_t sweepTemporaryFiles(const std::filesystem::path& directory);

} // namespace diptych
