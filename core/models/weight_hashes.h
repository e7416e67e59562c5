// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/hash.h"

#include <filesystem>
#include <optional>

namespace diptych {

/// Hashes of the tensors in weight files, as Checkpoint::fingerprint() needs them, are remembered in this
/// process as long as a file's stamp (core/base/file_stamp.h) stays. Whoever keeps them for longer brings
/// them here and takes them from here.

/// The hash of a file that has been hashed, or brought here, and looks unchanged since.
std::optional<Hash128> rememberedWeightHash(const std::filesystem::path& file);
/// Has the file not read: @p hash is that of the file as it is now.
void rememberWeightHash(const std::filesystem::path& file, const Hash128& hash);

} // namespace diptych
