// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <tl/expected.hpp>

#include <stdexcept>
#include <string>
#include <string_view>

namespace diptych {

/// What kind of thing went wrong; tests and the window decide on this, people read the message.
enum class ErrorCode {
    InvalidArgument, ///< the caller's or user's parameter is outside what is allowed
    NotFound,        ///< a file, tensor, dataset, model or run that was named does not exist
    Unreadable,      ///< it exists, the system refuses to read or write it
    Corrupt,         ///< it was read and its content contradicts its format
    Unsupported,     ///< well formed, but not something this program handles
    LimitExceeded,   ///< over a stated limit (pixels, header size, tensor size)
    NewerVersion,    ///< written by a newer version of this program
    Locked,          ///< in use by another process
    DiskFull,        ///< no space left to write
    OutOfMemory,     ///< host or device memory exhausted
    Internal         ///< a third-party library failed in a way we do not expect
};

/// Stable lower-case name of a code, e.g. "not_found"; used in JSON output.
std::string_view errorCodeName(ErrorCode code);

/// An operation that cannot go on, or (inside a Result) one item that failed.
/// The message names what failed, where (file, line, tensor), what was expected and what to do. Caught at two
/// seams only: the command line's main and the window's job runner.
class Error : public std::runtime_error {
public:
    Error(ErrorCode code, const std::string& message) : std::runtime_error(message), m_code(code) {}
    ErrorCode code() const { return m_code; }
    /// The same error with "context: " before its message.
    Error withContext(std::string_view context) const;

private:
    ErrorCode m_code;
};

/// Thrown by RunContext::throwIfCancelled; a status, not an error.
class Cancelled : public std::exception {
public:
    const char* what() const noexcept override { return "cancelled"; }
};

/// The value, or why this one item has none.
template<class T>
using Result = tl::expected<T, Error>;
inline tl::unexpected<Error> failure(ErrorCode code, const std::string& message) {
    return tl::unexpected<Error>(Error(code, message));
}

/// An Error from errno: DiskFull for ENOSPC/EDQUOT, Unreadable for EACCES, NotFound for ENOENT, ... ; the
/// text is
/// "<what> <path>: <strerror>".
Error errnoError(int errnoValue, std::string_view what, std::string_view path);

[[noreturn]] void assertionFailed(const char* expression, const char* file, int line);

} // namespace diptych

/// A bug in this program; never reachable from user input.
#define DIPTYCH_ASSERT(expression)                                                                           \
    (static_cast<bool>(expression) ? void(0) : ::diptych::assertionFailed(#expression, __FILE__, __LINE__))
