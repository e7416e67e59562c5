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
///
/// Files are read, not mapped: a disk that fails or a file cut while it is read is an error here, where a
/// mapped one would end the process.
class EmbeddingShards {
public:
    EmbeddingShards(std::filesystem::path directory, size_t dimension, uint64_t shardBytes);
    ~EmbeddingShards();
    EmbeddingShards(const EmbeddingShards&) = delete;
    EmbeddingShards& operator=(const EmbeddingShards&) = delete;

    /// Writes rows from number @p first on, over whatever is there, and waits until they are on disk. A file
    /// that should hold earlier rows is never made anew.
    /// @throws Error DiskFull, Unreadable
    void write(int64_t first, const Matrix& rows);
    /// Rows from number @p first on, [out.size() / dimension]; what lies beyond a file's end reads as zeros.
    /// @throws Error Unreadable if a file is missing, is no regular file, or cannot be read
    void read(int64_t first, std::span<float> out);
    /// Whether the file is long enough to hold the row, as of the last refresh(). @throws Error as read()
    bool holds(int64_t number);
    /// Looks at the files' lengths again.
    void refresh();

private:
    struct Shard {
        int fd = -1;
        uint64_t bytes = 0; ///< when last looked at
    };
    /// Calls @p piece(shard, byte offset in it, first row, rows) for each file that rows lie in.
    template<class Piece>
    void forEachShard(int64_t first, int64_t count, Piece piece) const;
    std::filesystem::path shardPath(int64_t shard) const;
    Shard& openForReading(int64_t shard);
    void readShard(int64_t shard, uint64_t offset, std::span<std::byte> out);
    void writeShard(int64_t shard, uint64_t offset, std::span<const std::byte> bytes);

    std::filesystem::path m_directory;
    size_t m_rowBytes;
    int64_t m_rowsPerShard;
    std::map<int64_t, Shard> m_shards;
};

/// Bytes of the files in a folder and the folders in it; 0 if there is none.
uint64_t directoryBytes(const std::filesystem::path& directory);

} // namespace diptych
