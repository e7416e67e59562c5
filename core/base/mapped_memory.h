// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/error.h"

#include <cstddef>
#include <filesystem>
#include <span>

namespace diptych {

/// To be called after reading @p mapped, a part of a MappedFile: bytes that the system could not deliver (the
/// file was truncated meanwhile, its disk failed) were read as zeros. Does nothing for other memory.
/// @throws Error Unreadable that names @p path
void requireReadable(std::span<const std::byte> mapped, const std::filesystem::path& path);

} // namespace diptych
