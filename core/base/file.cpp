// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/file.h"

#include "core/base/descriptor.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>
#include <utf8proc.h>

#include <cerrno>
#include <cstdlib>
#include <system_error>

namespace diptych {

std::string toValidUtf8(std::string_view bytes) {
    std::string out;
    out.reserve(bytes.size());
    const auto* data = reinterpret_cast<const utf8proc_uint8_t*>(bytes.data());
    size_t at = 0;
    while (at < bytes.size()) {
        utf8proc_int32_t codepoint = -1;
        const auto length =
            utf8proc_iterate(data + at, static_cast<utf8proc_ssize_t>(bytes.size() - at), &codepoint);
        if (length > 0) {
            out.append(bytes.substr(at, static_cast<size_t>(length)));
            at += static_cast<size_t>(length);
        } else {
            out.append("\xEF\xBF\xBD");
            ++at;
        }
    }
    return out;
}

bool isValidUtf8(std::string_view bytes) {
    const auto* data = reinterpret_cast<const utf8proc_uint8_t*>(bytes.data());
    size_t at = 0;
    while (at < bytes.size()) {
        utf8proc_int32_t codepoint = -1;
        const auto length =
            utf8proc_iterate(data + at, static_cast<utf8proc_ssize_t>(bytes.size() - at), &codepoint);
        if (length <= 0)
            return false;
        at += static_cast<size_t>(length);
    }
    return true;
}

std::string displayPath(const std::filesystem::path& path) {
    return toValidUtf8(path.native());
}

Result<std::vector<std::byte>> readFile(const std::filesystem::path& path, uint64_t maxBytes) {
    // O_NONBLOCK: a FIFO must be refused below, not waited for.
    const Descriptor fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    if (fd.get() < 0)
        return tl::unexpected<Error>(errnoError(errno, "Cannot open", displayPath(path)));
    const auto size = regularFileSize(fd.get(), path);
    if (!size)
        return tl::unexpected<Error>(size.error());
    if (*size > maxBytes)
        return failure(ErrorCode::LimitExceeded, fmt::format("{} has {} bytes; at most {} are read",
                                                             displayPath(path), *size, maxBytes));
    std::vector<std::byte> bytes(*size);
    size_t at = 0;
    while (at < bytes.size()) {
        const ssize_t got = ::read(fd.get(), bytes.data() + at, bytes.size() - at);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return tl::unexpected<Error>(errnoError(errno, "Cannot read", displayPath(path)));
        if (got == 0)
            break;
        at += static_cast<size_t>(got);
    }
    bytes.resize(at);
    return bytes;
}

std::string readTextFile(const std::filesystem::path& path, uint64_t maxBytes) {
    auto bytes = readFile(path, maxBytes);
    if (!bytes)
        throw bytes.error();
    std::string text(reinterpret_cast<const char*>(bytes->data()), bytes->size());
    if (text.starts_with("\xEF\xBB\xBF"))
        text.erase(0, 3);
    return text;
}

TemporaryDirectory::TemporaryDirectory() {
    std::string pattern = (std::filesystem::temp_directory_path() / "diptych-XXXXXX").native();
    if (!::mkdtemp(pattern.data()))
        throw errnoError(errno, "Cannot make a temporary folder", pattern);
    m_path = pattern;
}

TemporaryDirectory::~TemporaryDirectory() {
    std::error_code ignored;
    std::filesystem::remove_all(m_path, ignored);
}

std::filesystem::path resourceDirectory() {
    if (const char* chosen = std::getenv("DIPTYCH_RESOURCES"); chosen && *chosen) {
        if (std::filesystem::is_directory(chosen))
            return chosen;
        throw Error(ErrorCode::NotFound,
                    fmt::format("DIPTYCH_RESOURCES names {}, which is not a folder", toValidUtf8(chosen)));
    }
    std::error_code error;
    const auto executable = std::filesystem::read_symlink("/proc/self/exe", error);
    auto beside = executable.parent_path().parent_path() / "share" / "diptych";
    if (std::filesystem::is_directory(beside, error))
        return beside;
    throw Error(
        ErrorCode::NotFound,
        fmt::format(
            "The program's resources are missing: {} does not exist. Install the program whole, or set "
            "DIPTYCH_RESOURCES to the resources folder of its source",
            displayPath(beside)));
}

} // namespace diptych
