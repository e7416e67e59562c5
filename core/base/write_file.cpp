// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/descriptor.h"
#include "core/base/file.h"
#include "core/base/temporary_files.h"

#include <fcntl.h>

#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <system_error>

namespace diptych {
namespace {

/// @return errno, 0 if all was written
int writeAll(int fd, std::span<const std::byte> bytes) {
    while (!bytes.empty()) {
        const ssize_t wrote = ::write(fd, bytes.data(), bytes.size());
        if (wrote < 0 && errno != EINTR)
            return errno;
        if (wrote > 0)
            bytes = bytes.subspan(static_cast<size_t>(wrote));
    }
    return 0;
}

/// What a path names once symbolic links are followed, whether that exists or not.
std::filesystem::path withoutLinks(std::filesystem::path path) {
    constexpr int kMostLinks = 40; // as Linux
    for (int i = 0; i < kMostLinks; ++i) {
        std::error_code none;
        if (std::filesystem::symlink_status(path, none).type() != std::filesystem::file_type::symlink)
            return path;
        const auto target = std::filesystem::read_symlink(path, none);
        if (none)
            throw errnoError(none.value(), "Cannot write", displayPath(path));
        path = target.is_absolute() ? target : path.parent_path() / target;
    }
    throw errnoError(ELOOP, "Cannot write", displayPath(path));
}

void syncDirectory(const std::filesystem::path& directory) {
    const Descriptor fd(
        ::open(directory.empty() ? "." : directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (fd.get() >= 0)
        ::fsync(fd.get());
}

/// A device or FIFO cannot be replaced, only written to.
void writeInPlace(const std::filesystem::path& path, std::span<const std::byte> bytes) {
    const Descriptor fd(::open(path.c_str(), O_WRONLY | O_NOCTTY | O_CLOEXEC));
    const int error = fd.get() < 0 ? errno : writeAll(fd.get(), bytes);
    if (error != 0)
        throw errnoError(error, "Cannot write", displayPath(path));
}

/// Names of temporary files: <name><this><process number>.<counter>
constexpr std::string_view kTemporaryMark = ".diptych-tmp.";

/// Writing one takes seconds.
constexpr std::chrono::minutes kNobodyWrites{10};

/// The process that made a temporary file; 0 if the name is no such file's.
pid_t makerOf(const std::string& name) {
    const size_t at = name.rfind(kTemporaryMark);
    if (at == std::string::npos)
        return 0;
    const std::string numbers = name.substr(at + kTemporaryMark.size());
    const size_t dot = numbers.find('.');
    const bool plain = dot != std::string::npos && dot > 0 && dot < 10 && dot + 1 < numbers.size() &&
                       numbers.find_first_not_of("0123456789.") == std::string::npos;
    return plain ? static_cast<pid_t>(std::strtol(numbers.c_str(), nullptr, 10)) : 0;
}

} // namespace

void writeFileAtomically(const std::filesystem::path& path, std::span<const std::byte> bytes) {
    static std::atomic<unsigned> counter{0};
    struct stat old {};
    const bool exists = ::stat(path.c_str(), &old) == 0;
    if (exists && S_ISDIR(old.st_mode))
        throw errnoError(EISDIR, "Cannot write", displayPath(path));
    if (exists && !S_ISREG(old.st_mode))
        return writeInPlace(path, bytes);
    if (exists && ::access(path.c_str(), W_OK) != 0)
        throw errnoError(errno, "Cannot write", displayPath(path));
    const auto target = withoutLinks(path);
    std::filesystem::path temporary = target;
    temporary += fmt::format("{}{}.{}", kTemporaryMark, ::getpid(), counter.fetch_add(1));
    const auto fail = [&](int error) {
        ::unlink(temporary.c_str());
        throw errnoError(error, "Cannot write", displayPath(path));
    };
    Descriptor fd(::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666));
    if (fd.get() < 0)
        throw errnoError(errno, "Cannot write", displayPath(path));
    if (exists) {
        // Giving a file away needs rights that few have; its mode and its content are what counts.
        if (::fchown(fd.get(), old.st_uid, old.st_gid) != 0 && errno != EPERM && errno != EINVAL)
            fail(errno);
        if (::fchmod(fd.get(), old.st_mode & 07777) != 0)
            fail(errno);
    }
    if (const int error = writeAll(fd.get(), bytes); error != 0)
        fail(error);
    if (::fsync(fd.get()) != 0)
        fail(errno);
    if (::close(fd.release()) != 0)
        fail(errno);
    if (::rename(temporary.c_str(), target.c_str()) != 0)
        fail(errno);
    syncDirectory(target.parent_path());
}

size_t sweepTemporaryFiles(const std::filesystem::path& directory) {
    size_t swept = 0;
    std::error_code failed;
    std::vector<std::filesystem::path> left;
    for (std::filesystem::directory_iterator entry(directory.empty() ? "." : directory, failed), end;
         !failed && entry != end; entry.increment(failed)) {
        const pid_t maker = makerOf(entry->path().filename().native());
        if (maker <= 0 || ::kill(maker, 0) == 0 || errno != ESRCH)
            continue;
        std::error_code gone;
        const auto changed = entry->last_write_time(gone);
        if (!gone && std::filesystem::file_time_type::clock::now() - changed > kNobodyWrites)
            left.push_back(entry->path());
    }
    for (const auto& path : left)
        swept += ::unlink(path.c_str()) == 0;
    return swept;
}

void writeFileAtomically(const std::filesystem::path& path, std::string_view text) {
    writeFileAtomically(path, std::as_bytes(std::span(text.data(), text.size())));
}

} // namespace diptych
