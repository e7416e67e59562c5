// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

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

private:
    int m_fd = -1;
};

} // namespace diptych
