// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/error.h"

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace diptych {

std::string_view errorCodeName(ErrorCode code) {
    switch (code) {
    case ErrorCode::InvalidArgument:
        return "invalid_argument";
    case ErrorCode::NotFound:
        return "not_found";
    case ErrorCode::Unreadable:
        return "unreadable";
    case ErrorCode::Corrupt:
        return "corrupt";
    case ErrorCode::Unsupported:
        return "unsupported";
    case ErrorCode::LimitExceeded:
        return "limit_exceeded";
    case ErrorCode::NewerVersion:
        return "newer_version";
    case ErrorCode::Locked:
        return "locked";
    case ErrorCode::DiskFull:
        return "disk_full";
    case ErrorCode::OutOfMemory:
        return "out_of_memory";
    case ErrorCode::Internal:
        return "internal";
    }
    return "internal";
}

Error Error::withContext(std::string_view context) const {
    return {m_code, std::string(context) + ": " + what()};
}

Error errnoError(int errnoValue, std::string_view what, std::string_view path) {
    ErrorCode code = ErrorCode::Unreadable;
    if (errnoValue == ENOSPC || errnoValue == EDQUOT)
        code = ErrorCode::DiskFull;
    else if (errnoValue == ENOENT || errnoValue == ENOTDIR)
        code = ErrorCode::NotFound;
    else if (errnoValue == ENOMEM)
        code = ErrorCode::OutOfMemory;
    return {code, std::string(what) + " " + std::string(path) + ": " + std::strerror(errnoValue)};
}

void assertionFailed(const char* expression, const char* file, int line) {
    std::fprintf(stderr, "diptych: internal error: %s (%s:%d)\n", expression, file, line);
    std::abort();
}

} // namespace diptych
