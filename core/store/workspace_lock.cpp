// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/store/workspace_lock.h"

#include "core/base/file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <string>

namespace diptych {
namespace {

std::string ownerOf(int fd) {
    char buffer[32] = {};
    const ssize_t got = ::pread(fd, buffer, sizeof(buffer) - 1, 0);
    std::string pid;
    for (ssize_t i = 0; i < got && buffer[i] >= '0' && buffer[i] <= '9'; ++i)
        pid += buffer[i];
    if (pid.empty())
        return "another process";
    return pid == std::to_string(::getpid()) ? "this program itself" : "process " + pid;
}

} // namespace

WorkspaceLock::WorkspaceLock(const std::filesystem::path& directory) : m_directory(directory) {
    const auto path = directory / "lock";
    m_fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
    if (m_fd < 0)
        throw errnoError(errno, "Cannot open for writing", displayPath(path));
    int failed = 0;
    while (::flock(m_fd, LOCK_EX | LOCK_NB) != 0) {
        failed = errno;
        if (failed != EINTR)
            break;
        failed = 0;
    }
    if (failed != 0) {
        const std::string owner = ownerOf(m_fd);
        ::close(m_fd);
        if (failed != EWOULDBLOCK)
            throw errnoError(failed, "Cannot lock", displayPath(path));
        throw Error(
            ErrorCode::Locked,
            fmt::format("The workspace {} is open in {}. Close it there, or use another workspace; listing "
                        "runs and writing reports work meanwhile",
                        displayPath(directory), owner));
    }
    // The number only serves the message above: a full disk is no reason to refuse.
    const std::string pid = std::to_string(::getpid()) + "\n";
    if (::ftruncate(m_fd, 0) != 0 || ::pwrite(m_fd, pid.data(), pid.size(), 0) < 0)
        return;
}

void WorkspaceLock::check() const {
    struct stat mine {
    }, there{};
    if (::fstat(m_fd, &mine) != 0)
        throw errnoError(errno, "Cannot look at", displayPath(m_directory / "lock"));
    if (::stat((m_directory / "lock").c_str(), &there) == 0) {
        if (mine.st_dev == there.st_dev && mine.st_ino == there.st_ino)
            return;
    } else if (errno != ENOENT && errno != ENOTDIR) {
        throw errnoError(errno, "Cannot look at", displayPath(m_directory / "lock"));
    } else if (::stat(m_directory.c_str(), &there) != 0) {
        throw movedWorkspace(m_directory);
    }
    throw Error(ErrorCode::Locked,
                fmt::format("The file 'lock' of the workspace {} was deleted or replaced while it was open, "
                            "so another program may write there by now. Nothing more was written; close the "
                            "workspace and open it again",
                            displayPath(m_directory)));
}

Error movedWorkspace(const std::filesystem::path& directory) {
    return Error(ErrorCode::Unreadable,
                 fmt::format("The workspace {} was moved or deleted while it was open. Nothing more was "
                             "written to it; open it where it is now",
                             displayPath(directory)));
}

WorkspaceLock::~WorkspaceLock() {
    // The file stays: removing it could take the lock from under a process that opened it just now.
    if (::ftruncate(m_fd, 0) == 0)
        ::flock(m_fd, LOCK_UN);
    ::close(m_fd);
}

} // namespace diptych
