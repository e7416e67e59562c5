// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/file.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <utility>

namespace diptych {

/// Owns a POSIX descriptor.
class Descriptor {
public:
    explicit Descriptor(int fd) : m_fd(fd) {}
    ~Descriptor() {
        if (m_fd >= 0)
            ::close(m_fd);
    }
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    int get() const { return m_fd; }
    int release() { return std::exchange(m_fd, -1); }

private:
    int m_fd;
};

/// Bytes of an open file; an Error if it is a device, a FIFO or a folder.
inline Result<size_t> regularFileSize(int fd, const std::filesystem::path& path) {
    struct stat status {};
    if (::fstat(fd, &status) != 0)
        return tl::unexpected<Error>(errnoError(errno, "Cannot read", displayPath(path)));
    if (!S_ISREG(status.st_mode))
        return failure(ErrorCode::Unreadable,
                       fmt::format("Cannot read {}: it is not a regular file", displayPath(path)));
    return static_cast<size_t>(status.st_size);
}

} // namespace diptych
