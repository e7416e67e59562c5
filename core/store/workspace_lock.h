// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/error.h"

#include <filesystem>

namespace diptych {

/// The right to write a workspace, held as an advisory lock on its file `lock` as long as this object (or the
/// process) lives; the kernel gives it back however the process ends. The file holds the process' number.
class WorkspaceLock {
public:
    /// @throws Error Locked naming the process that has it, Unreadable
    explicit WorkspaceLock(const std::filesystem::path& directory);
    ~WorkspaceLock();
    WorkspaceLock(const WorkspaceLock&) = delete;
    WorkspaceLock& operator=(const WorkspaceLock&) = delete;

    /// @throws Error Unreadable if the folder was moved or deleted since, Locked if the file was: another
    /// process may have made and locked a new one
    void check() const;

private:
    std::filesystem::path m_directory;
    int m_fd = -1;
};

/// The folder that was opened is not there any more.
Error movedWorkspace(const std::filesystem::path& directory);

} // namespace diptych
