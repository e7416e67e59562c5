// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>

namespace diptych {

/// What a file looked like when it was read; if any of it changed, its content may have.
struct FileStamp {
    int64_t size = 0, mtimeNs = 0, inode = 0;
    int64_t ctimeNs = 0; ///< changes with every change of the file; no program can set it back
    friend bool operator==(const FileStamp&, const FileStamp&) = default;
};
/// nullopt if there is no such regular file.
std::optional<FileStamp> fileStamp(const std::filesystem::path& path);

} // namespace diptych
