// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/store/embedding_shards.h"

#include "core/base/file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

namespace diptych {
namespace fs = std::filesystem;
namespace {

/// @throws Error if the descriptor is not that of a regular file
uint64_t regularFileBytes(int fd, const fs::path& path) {
    struct stat status {};
    if (::fstat(fd, &status) != 0)
        throw errnoError(errno, "Cannot look at the embeddings", displayPath(path));
    if (!S_ISREG(status.st_mode))
        throw Error(ErrorCode::Unreadable,
                    fmt::format("Cannot use the embeddings {}: it is not a regular file", displayPath(path)));
    return static_cast<uint64_t>(status.st_size);
}

/// Never NotFound, which callers take for "not encoded yet".
Error openingError(int error, const char* what, const fs::path& path) {
    if (error == ENOENT || error == ENOTDIR)
        return Error(ErrorCode::Unreadable,
                     fmt::format("The embeddings {} are missing. If they lie on a disk that is not mounted, "
                                 "mount it; if they are gone, empty the embedding cache (diptych cache "
                                 "clear), and they are computed anew",
                                 displayPath(path)));
    return errnoError(error, what, displayPath(path));
}

} // namespace

EmbeddingShards::EmbeddingShards(fs::path directory, size_t dimension, uint64_t shardBytes)
    : m_directory(std::move(directory)),
      m_rowBytes(dimension * sizeof(float)),
      m_rowsPerShard(std::max<int64_t>(1, static_cast<int64_t>(shardBytes / m_rowBytes))) {}

EmbeddingShards::~EmbeddingShards() {
    for (const auto& [number, shard] : m_shards)
        ::close(shard.fd);
}

fs::path EmbeddingShards::shardPath(int64_t shard) const {
    return m_directory / (std::to_string(shard) + ".f32");
}

template<class Piece>
void EmbeddingShards::forEachShard(int64_t first, int64_t count, Piece piece) const {
    for (int64_t done = 0; done < count;) {
        const int64_t number = first + done, inShard = number % m_rowsPerShard;
        const int64_t rows = std::min(count - done, m_rowsPerShard - inShard);
        piece(number / m_rowsPerShard, static_cast<uint64_t>(inShard) * m_rowBytes, done, rows);
        done += rows;
    }
}

void EmbeddingShards::write(int64_t first, const Matrix& rows) {
    if (first == 0) {
        std::error_code failed;
        fs::create_directories(m_directory, failed);
        if (failed)
            throw errnoError(failed.value(), "Cannot make the folder", displayPath(m_directory));
    }
    const auto bytes = std::as_bytes(rows.values());
    forEachShard(first, static_cast<int64_t>(rows.rows()),
                 [&](int64_t shard, uint64_t offset, int64_t from, int64_t count) {
                     writeShard(shard, offset,
                                bytes.subspan(static_cast<size_t>(from) * m_rowBytes,
                                              static_cast<size_t>(count) * m_rowBytes));
                 });
}

void EmbeddingShards::writeShard(int64_t shard, uint64_t offset, std::span<const std::byte> bytes) {
    const auto path = shardPath(shard);
    // Without O_CREAT where earlier rows should be: below an unmounted disk's folder a new file would look
    // like theirs. O_NONBLOCK: a FIFO in its place is refused, not waited for.
    const int fd =
        ::open(path.c_str(), O_WRONLY | O_CLOEXEC | O_NONBLOCK | (offset == 0 ? O_CREAT : 0), 0666);
    if (fd < 0)
        throw openingError(errno, "Cannot write the embeddings", path);
    int error = 0;
    try {
        regularFileBytes(fd, path);
    } catch (const Error&) {
        ::close(fd);
        throw;
    }
    size_t at = 0;
    while (at < bytes.size() && error == 0) {
        const ssize_t wrote =
            ::pwrite(fd, bytes.data() + at, bytes.size() - at, static_cast<off_t>(offset + at));
        if (wrote < 0)
            error = errno == EINTR ? 0 : errno;
        else
            at += static_cast<size_t>(wrote);
    }
    if (error == 0 && ::fdatasync(fd) != 0)
        error = errno;
    if (error != 0 && ::ftruncate(fd, static_cast<off_t>(offset)) != 0)
        error = error ? error : errno; // the first reason is the one to tell
    ::close(fd);
    if (error != 0)
        throw errnoError(error, "Cannot write the embeddings", displayPath(path));
}

EmbeddingShards::Shard& EmbeddingShards::openForReading(int64_t number) {
    const auto known = m_shards.find(number);
    if (known != m_shards.end())
        return known->second;
    const auto path = shardPath(number);
    const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0)
        throw openingError(errno, "Cannot read the embeddings", path);
    try {
        return m_shards.emplace(number, Shard{fd, regularFileBytes(fd, path)}).first->second;
    } catch (...) {
        ::close(fd);
        throw;
    }
}

void EmbeddingShards::refresh() {
    for (auto& [number, shard] : m_shards)
        shard.bytes = regularFileBytes(shard.fd, shardPath(number));
}

bool EmbeddingShards::holds(int64_t number) {
    const int64_t file = number / m_rowsPerShard;
    Shard& shard = openForReading(file);
    const uint64_t needed = (static_cast<uint64_t>(number % m_rowsPerShard) + 1) * m_rowBytes;
    if (shard.bytes < needed) // it may have grown
        shard.bytes = regularFileBytes(shard.fd, shardPath(file));
    return shard.bytes >= needed;
}

void EmbeddingShards::read(int64_t first, std::span<float> out) {
    const auto bytes = std::as_writable_bytes(out);
    forEachShard(first, static_cast<int64_t>(bytes.size() / m_rowBytes),
                 [&](int64_t shard, uint64_t offset, int64_t from, int64_t count) {
                     readShard(shard, offset,
                               bytes.subspan(static_cast<size_t>(from) * m_rowBytes,
                                             static_cast<size_t>(count) * m_rowBytes));
                 });
}

void EmbeddingShards::readShard(int64_t shard, uint64_t offset, std::span<std::byte> out) {
    const int fd = openForReading(shard).fd;
    size_t at = 0;
    while (at < out.size()) {
        const ssize_t got = ::pread(fd, out.data() + at, out.size() - at, static_cast<off_t>(offset + at));
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            throw errnoError(errno, "Cannot read the embeddings", displayPath(shardPath(shard)));
        if (got == 0)
            break;
        at += static_cast<size_t>(got);
    }
    std::fill(out.begin() + static_cast<std::ptrdiff_t>(at), out.end(), std::byte{0});
}

uint64_t directoryBytes(const fs::path& directory) {
    uint64_t total = 0;
    std::error_code failed;
    for (fs::recursive_directory_iterator entry(directory, failed), end; !failed && entry != end;
         entry.increment(failed)) {
        std::error_code unreadable;
        if (entry->is_regular_file(unreadable))
            total += entry->file_size(unreadable);
    }
    return total;
}

} // namespace diptych
