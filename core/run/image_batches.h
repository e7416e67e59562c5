// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/models/model.h"
#include "core/run/sample_files.h"
#include "core/store/embedding_store.h"
#include "core/store/workspace.h"

#include <condition_variable>
#include <deque>
#include <exception>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <vector>

// Private to core/run: from files to what a model takes, a batch ahead of it.
namespace diptych {

/// An image that is wanted and not yet known to be in the cache.
struct PendingImage {
    size_t position; ///< in the list that was asked for
    SampleId sample;
    SampleFiles files;
    std::optional<Hash128> hash;
};

/// One batch as the readers leave it: for every pending image its hash or failure; pixels of those to encode.
struct PreparedBatch {
    struct Slot {
        size_t pending; ///< index into the list of pending images
        std::optional<Hash128> hash;
        std::vector<FileHash> fresh; ///< to be remembered: read and hashed now
        std::optional<std::string> failure;
        bool encode = false, transparent = false;
    };
    std::vector<Slot> slots;
    /// Of the slots with encode, each content once; several of a clip for a model of single pictures.
    std::vector<Prepared> samples;
    std::vector<size_t> sampleSlots; ///< slot of each sample, ascending
};

/// Hands prepared batches from the reader thread to the encoder, in order, and errors and stops both ways.
class BatchQueue {
public:
    /// Waits while kBatchesAhead are there. @return false if nobody will take it any more
    bool push(PreparedBatch batch);
    /// No more will come. @param error what pop() throws once the batches before it are taken; may be null
    void finish(std::exception_ptr error);
    /// Waits for the next; nothing at the end.
    std::optional<PreparedBatch> pop();
    /// Nobody will take any more.
    void close();

private:
    /// More would only hold memory.
    static constexpr size_t kBatchesAhead = 2;

    std::mutex m_mutex;
    std::condition_variable m_changed;
    std::deque<PreparedBatch> m_batches;
    bool m_finished = false, m_closed = false;
    std::exception_ptr m_error;
};

/// The batch of @p count images from @p first on: read, hashed and, unless @p space has them, decoded and
/// preprocessed, on context's threads. A content that is in the batch twice is prepared for encoding once.
/// @throws Cancelled
PreparedBatch prepareBatch(std::span<const PendingImage> pending, size_t first, size_t count,
                           EmbeddingSpace& space, const Model& model, const RunContext& context);

} // namespace diptych
