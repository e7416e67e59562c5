// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utf8proc.h>

#include <atomic>
#include <cerrno>
#include <cstdlib>
#include <system_error>
#include <utility>

namespace diptych {
namespace {

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

tl::expected<size_t, Error> regularFileSize(int fd, const std::filesystem::path& path) {
    struct stat status {};
    if (::fstat(fd, &status) != 0)
        return tl::unexpected<Error>(errnoError(errno, "Cannot read", displayPath(path)));
    if (!S_ISREG(status.st_mode))
        return failure(ErrorCode::Unreadable,
                       fmt::format("Cannot read {}: it is not a regular file", displayPath(path)));
    return static_cast<size_t>(status.st_size);
}

void syncDirectory(const std::filesystem::path& directory) {
    const Descriptor fd(
        ::open(directory.empty() ? "." : directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (fd.get() >= 0)
        ::fsync(fd.get());
}

} // namespace

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

void writeFileAtomically(const std::filesystem::path& path, std::span<const std::byte> bytes) {
    static std::atomic<unsigned> counter{0};
    const std::filesystem::path temporary =
        path.native() + fmt::format(".tmp.{}.{}", ::getpid(), counter.fetch_add(1));
    const auto fail = [&](int error) {
        ::unlink(temporary.c_str());
        throw errnoError(error, "Cannot write", displayPath(path));
    };
    Descriptor fd(::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644));
    if (fd.get() < 0)
        throw errnoError(errno, "Cannot write", displayPath(path));
    size_t at = 0;
    while (at < bytes.size()) {
        const ssize_t wrote = ::write(fd.get(), bytes.data() + at, bytes.size() - at);
        if (wrote < 0 && errno == EINTR)
            continue;
        if (wrote < 0)
            fail(errno);
        at += static_cast<size_t>(wrote);
    }
    if (::fsync(fd.get()) != 0)
        fail(errno);
    if (::close(fd.release()) != 0)
        fail(errno);
    if (::rename(temporary.c_str(), path.c_str()) != 0)
        fail(errno);
    syncDirectory(path.parent_path());
}

void writeFileAtomically(const std::filesystem::path& path, std::string_view text) {
    writeFileAtomically(path, std::as_bytes(std::span(text.data(), text.size())));
}

MappedFile::MappedFile(const std::filesystem::path& path) : m_path(path) {
    const Descriptor fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    if (fd.get() < 0)
        throw errnoError(errno, "Cannot open", displayPath(path));
    const auto size = regularFileSize(fd.get(), path);
    if (!size)
        throw size.error();
    if (*size == 0)
        return;
    void* mapped = ::mmap(nullptr, *size, PROT_READ, MAP_PRIVATE, fd.get(), 0);
    if (mapped == MAP_FAILED)
        throw errnoError(errno, "Cannot map", displayPath(path));
    m_data = static_cast<const std::byte*>(mapped);
    m_size = *size;
}

MappedFile::~MappedFile() {
    if (m_data)
        ::munmap(const_cast<std::byte*>(m_data), m_size);
}

MappedFile::MappedFile(MappedFile&& other) noexcept
    : m_path(std::move(other.m_path)),
      m_data(std::exchange(other.m_data, nullptr)),
      m_size(std::exchange(other.m_size, 0)) {}

MappedFile& MappedFile::operator=(MappedFile&& other) noexcept {
    std::swap(m_path, other.m_path);
    std::swap(m_data, other.m_data);
    std::swap(m_size, other.m_size);
    return *this;
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
