// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/store/embedding_shards.h"

#include "core/base/file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

namespace diptych {
namespace fs = std::filesystem;
namespace {

uint64_t fileBytes(int fd) {
    struct stat status {};
    return ::fstat(fd, &status) == 0 ? static_cast<uint64_t>(status.st_size) : 0;
}

} // namespace

EmbeddingShards::EmbeddingShards(fs::path directory, size_t dimension, uint64_t shardBytes)
    : m_directory(std::move(directory)),
      m_dimension(dimension),
      m_rowBytes(dimension * sizeof(float)),
      m_rowsPerShard(std::max<int64_t>(1, static_cast<int64_t>(shardBytes / m_rowBytes))) {}

EmbeddingShards::~EmbeddingShards() {
    for (const auto& [number, shard] : m_shards) {
        ::munmap(const_cast<float*>(shard.data), static_cast<size_t>(m_rowsPerShard) * m_rowBytes);
        ::close(shard.fd);
    }
}

fs::path EmbeddingShards::shardPath(int64_t shard) const {
    return m_directory / (std::to_string(shard) + ".f32");
}

void EmbeddingShards::write(int64_t first, const Matrix& rows) {
    std::error_code failed;
    fs::create_directories(m_directory, failed);
    if (failed)
        throw errnoError(failed.value(), "Cannot make the folder", displayPath(m_directory));
    const auto bytes = std::as_bytes(rows.values());
    const auto count = static_cast<int64_t>(rows.rows());
    for (int64_t done = 0; done < count;) {
        const int64_t number = first + done, inShard = number % m_rowsPerShard;
        const int64_t piece = std::min(count - done, m_rowsPerShard - inShard);
        writeShard(
            number / m_rowsPerShard, static_cast<uint64_t>(inShard) * m_rowBytes,
            bytes.subspan(static_cast<size_t>(done) * m_rowBytes, static_cast<size_t>(piece) * m_rowBytes));
        done += piece;
    }
}

void EmbeddingShards::writeShard(int64_t shard, uint64_t offset, std::span<const std::byte> bytes) {
    const auto path = shardPath(shard);
    const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
    if (fd < 0)
        throw errnoError(errno, "Cannot write the embeddings", displayPath(path));
    int error = 0;
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

EmbeddingShards::Shard* EmbeddingShards::openForReading(int64_t number) {
    const auto known = m_shards.find(number);
    if (known != m_shards.end())
        return &known->second;
    Shard shard;
    shard.fd = ::open(shardPath(number).c_str(), O_RDONLY | O_CLOEXEC);
    if (shard.fd < 0)
        return nullptr;
    // Mapped once over its final length: the pages come to life as the file grows.
    void* mapped =
        ::mmap(nullptr, static_cast<size_t>(m_rowsPerShard) * m_rowBytes, PROT_READ, MAP_SHARED, shard.fd, 0);
    if (mapped == MAP_FAILED) {
        const int error = errno;
        ::close(shard.fd);
        throw errnoError(error, "Cannot map the embeddings", displayPath(shardPath(number)));
    }
    shard.data = static_cast<const float*>(mapped);
    shard.bytes = fileBytes(shard.fd);
    return &m_shards.emplace(number, shard).first->second;
}

void EmbeddingShards::refresh() {
    for (auto& [number, shard] : m_shards)
        shard.bytes = fileBytes(shard.fd);
}

bool EmbeddingShards::available(int64_t number) {
    Shard* shard = number < 0 ? nullptr : openForReading(number / m_rowsPerShard);
    if (!shard)
        return false;
    const uint64_t needed = (static_cast<uint64_t>(number % m_rowsPerShard) + 1) * m_rowBytes;
    if (shard->bytes < needed) // it may have grown
        shard->bytes = fileBytes(shard->fd);
    return shard->bytes >= needed;
}

std::span<const float> EmbeddingShards::row(int64_t number) {
    if (!available(number))
        return {};
    const Shard& shard = m_shards.at(number / m_rowsPerShard);
    return {shard.data + static_cast<size_t>(number % m_rowsPerShard) * m_dimension, m_dimension};
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
