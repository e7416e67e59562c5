// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/file_stamp.h"

#include <sys/stat.h>

namespace diptych {

std::optional<FileStamp> fileStamp(const std::filesystem::path& path) {
    struct stat status {};
    if (::stat(path.c_str(), &status) != 0 || !S_ISREG(status.st_mode))
        return std::nullopt;
    const auto nanoseconds = [](const timespec& time) {
        return static_cast<int64_t>(time.tv_sec) * 1'000'000'000 + time.tv_nsec;
    };
    return FileStamp{static_cast<int64_t>(status.st_size), nanoseconds(status.st_mtim),
                     static_cast<int64_t>(status.st_ino), nanoseconds(status.st_ctim)};
}

} // namespace diptych
