// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/tensor/matrix.h"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <span>

namespace diptych {

/// Private to core/store: the files of one embedding space, <number>.f32, each with the same number of
/// little-endian float32 rows, no header. Not thread-safe.
class EmbeddingShards {
public:
    EmbeddingShards(std::filesystem::path directory, size_t dimension, uint64_t shardBytes);
    ~EmbeddingShards();
    EmbeddingShards(const EmbeddingShards&) = delete;
    EmbeddingShards& operator=(const EmbeddingShards&) = delete;

    /// Writes rows from number @p first on, over whatever is there, and waits until they are on disk.
    /// @throws Error DiskFull, Unreadable
    void write(int64_t first, const Matrix& rows);
    /// The row in its mapped file, valid while this lives; empty if the file is not that long.
    std::span<const float> row(int64_t number);
    /// Whether the file is long enough to hold the row, as of the last refresh().
    bool available(int64_t number);
    /// Looks at the files' lengths again: reading past the end of a mapped file would kill the process.
    void refresh();

private:
    struct Shard {
        int fd = -1;
        const float* data = nullptr; ///< mapped over the shard's full length, whatever the file's is
        uint64_t bytes = 0;          ///< of the file, when last looked at
    };
    std::filesystem::path shardPath(int64_t shard) const;
    Shard* openForReading(int64_t number);
    void writeShard(int64_t shard, uint64_t offset, std::span<const std::byte> bytes);

    std::filesystem::path m_directory;
    size_t m_dimension, m_rowBytes;
    int64_t m_rowsPerShard;
    std::map<int64_t, Shard> m_shards;
};

/// Bytes of the files in a folder and the folders in it; 0 if there is none.
uint64_t directoryBytes(const std::filesystem::path& directory);

} // namespace diptych
