// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/hash.h"
#include "core/tensor/matrix.h"

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace diptych {

/// Embeddings of one kind (one model, preprocessing, precision and feature): float32 rows of one width, found
/// by the hash of what was embedded (an image file's bytes, a text). Append-only; thread-safe.
///
/// Rows lie in memory-mapped shards. A row counts once its database entry is committed, which happens after
/// its bytes are on disk: whatever kills the program, at most the batch in flight is lost. Every row has a
/// checksum: a row whose bytes changed, or whose shard was cut, is dropped and reported as missing (so it is
/// encoded again), never returned.
class EmbeddingSpace {
public:
    virtual ~EmbeddingSpace() = default;
    virtual const std::string& key() const = 0;
    virtual size_t dimension() const = 0;
    virtual int64_t size() const = 0; ///< rows that can be found

    /// Row of every hash, -1 where there is none. Checks a row's bytes the first time it is found.
    virtual std::vector<int64_t> find(std::span<const Hash128> hashes) = 0;
    /// Adds rows [hashes.size(), dimension]; a hash already there keeps its old row.
    /// @throws Error DiskFull, Unreadable, InvalidArgument (shapes; workspace open for reading only). Nothing
    /// of the batch is kept then
    virtual void append(std::span<const Hash128> hashes, const Matrix& values) = 0;
    /// The values of @p rows (as find() gave them), [rows.size(), dimension].
    /// @throws Error Corrupt if a row is damaged or was removed since; find() reports it missing from then on
    virtual Matrix read(std::span<const int64_t> rows) = 0;
};

/// What people are told of a space, whose key is a hash.
struct EmbeddingLabel {
    std::string model;     ///< its name
    std::string precision; ///< "fp32"
    std::string content;   ///< "images", "texts", ...
    friend bool operator==(const EmbeddingLabel&, const EmbeddingLabel&) = default;
};

struct EmbeddingSpaceInfo {
    std::string key;
    EmbeddingLabel label; ///< empty for one that no model has used since labels are kept
    size_t dimension = 0; ///< 0 = no rows of one width
    int64_t rows = 0;
    uint64_t bytes = 0; ///< on disk
};

/// All embeddings of a workspace. Owned by it; thread-safe.
class EmbeddingStore {
public:
    virtual ~EmbeddingStore() = default;
    /// The space called @p key, made if there is none. The same object for the same key; it may outlive
    /// remove() (it is empty then) but not the workspace.
    /// @throws Error InvalidArgument if the space exists with another dimension
    virtual std::shared_ptr<EmbeddingSpace> space(const std::string& key, size_t dimension) = 0;
    /// Keeps what people are told of the space; it need not exist yet. Does nothing where nothing can be
    /// written.
    virtual void describe(const std::string& key, const EmbeddingLabel& label) = 0;
    virtual std::vector<EmbeddingSpaceInfo> spaces() = 0; ///< sorted by key
    /// Takes the space and its files away; no error if there is none.
    virtual void remove(const std::string& key) = 0;
    virtual uint64_t totalBytes() = 0;
};

} // namespace diptych
