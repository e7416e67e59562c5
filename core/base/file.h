// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/error.h"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace diptych {

/// A path as text for messages and JSON: bytes that are not UTF-8 become U+FFFD. Never used to open a file.
std::string displayPath(const std::filesystem::path& path);
/// Replaces every ill-formed UTF-8 sequence by U+FFFD.
std::string toValidUtf8(std::string_view bytes);
bool isValidUtf8(std::string_view bytes);

/// The whole file. @param maxBytes refuse larger ones (LimitExceeded). Directories and devices are refused.
Result<std::vector<std::byte>> readFile(const std::filesystem::path& path, uint64_t maxBytes = UINT64_MAX);
/// The whole file as text, a UTF-8 byte order mark taken off. @throws Error
std::string readTextFile(const std::filesystem::path& path, uint64_t maxBytes = UINT64_MAX);

/// Writes beside the target, syncs, and renames over it: readers see the old content or the new, never half,
/// and a full disk leaves the old file as it was. @throws Error
void writeFileAtomically(const std::filesystem::path& path, std::span<const std::byte> bytes);
void writeFileAtomically(const std::filesystem::path& path, std::string_view text);

/// A whole file mapped read-only. Movable; unmaps when destroyed. An empty file maps to an empty span.
class MappedFile {
public:
    MappedFile() = default;
    /// @throws Error (NotFound, Unreadable; a directory is Unreadable)
    explicit MappedFile(const std::filesystem::path& path);
    ~MappedFile();
    MappedFile(MappedFile&& other) noexcept;
    MappedFile& operator=(MappedFile&& other) noexcept;

    std::span<const std::byte> bytes() const { return {m_data, m_size}; }
    const std::filesystem::path& path() const { return m_path; }

private:
    std::filesystem::path m_path;
    const std::byte* m_data = nullptr;
    size_t m_size = 0;
};

/// A folder under the system's temporary folder, removed with its content when destroyed.
class TemporaryDirectory {
public:
    TemporaryDirectory();
    ~TemporaryDirectory();
    TemporaryDirectory(const TemporaryDirectory&) = delete;
    TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;
    const std::filesystem::path& path() const { return m_path; }

private:
    std::filesystem::path m_path;
};

/// Folder with what the program ships (prompt sets, templates, demo model): $DIPTYCH_RESOURCES if set, else
/// ../share/diptych beside the executable. @throws Error NotFound that names both.
std::filesystem::path resourceDirectory();

} // namespace diptych
