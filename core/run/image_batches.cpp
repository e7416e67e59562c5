// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/run/image_batches.h"

#include "core/base/file.h"
#include "core/base/parallel.h"

#include <unordered_set>
#include <utility>

namespace diptych {
namespace {

constexpr uint64_t kMaxImageFileBytes = uint64_t{1} << 30;

/// What a model of single pictures sees of a clip: their embeddings' mean stands for it.
constexpr int kFramesOfClip = 8;

/// Notes what was read. @return whether it has to be encoded: @p space does not have it
bool isNew(const Hash128& hash, EmbeddingSpace& space, PreparedBatch::Slot& slot) {
    slot.hash = hash;
    return space.find(std::span(&hash, 1)).front() < 0;
}

/// As prepareImage(), of a clip.
void prepareClip(const PendingImage& clip, EmbeddingSpace& space, const Model& model,
                 PreparedBatch::Slot& slot, std::vector<Prepared>& samples, const RunContext& context) {
    const auto hash = readContent(clip.files, slot.fresh);
    if (!hash) {
        slot.failure = hash.error().what();
        return;
    }
    if (!isNew(*hash, space, slot))
        return;
    try {
        const bool whole = model.info().frames > 1;
        const auto frames = framesOfClip(
            clip.files, static_cast<size_t>(whole ? model.info().frames : kFramesOfClip), context);
        if (whole)
            samples.push_back(model.prepare(frames));
        else
            for (const Image& frame : frames)
                samples.push_back(model.prepare({&frame, 1}));
        slot.encode = true;
    } catch (const Error& error) {
        slot.failure = error.what();
    }
}

/// Reads, hashes and, unless the space has it, decodes and preprocesses one image into @p samples.
void prepareImage(const PendingImage& image, EmbeddingSpace& space, const Model& model,
                  PreparedBatch::Slot& slot, std::vector<Prepared>& samples) {
    const std::filesystem::path& path = image.files.path;
    const auto stamp = fileStamp(path);
    const auto bytes = readFile(path, kMaxImageFileBytes);
    if (!bytes) {
        slot.failure = bytes.error().what();
        return;
    }
    const Hash128 hash = hashBytes(*bytes);
    if (stamp)
        slot.fresh.push_back({path, *stamp, hash});
    if (!isNew(hash, space, slot))
        return;
    const auto prepared = withDecodedImage(*bytes, displayPath(path), [&](const Image& decoded) {
        samples.push_back(model.prepare({&decoded, 1}));
        slot.transparent = hasTransparency(decoded);
    });
    if (!prepared) {
        slot.failure = prepared.error().what();
        return;
    }
    slot.encode = true;
}

} // namespace

bool BatchQueue::push(PreparedBatch batch) {
    std::unique_lock lock(m_mutex);
    m_changed.wait(lock, [&] { return m_batches.size() < kBatchesAhead || m_closed; });
    if (m_closed)
        return false;
    m_batches.push_back(std::move(batch));
    m_changed.notify_all();
    return true;
}

void BatchQueue::finish(std::exception_ptr error) {
    const std::lock_guard lock(m_mutex);
    m_finished = true;
    m_error = std::move(error);
    m_changed.notify_all();
}

std::optional<PreparedBatch> BatchQueue::pop() {
    std::unique_lock lock(m_mutex);
    m_changed.wait(lock, [&] { return !m_batches.empty() || m_finished; });
    if (m_batches.empty()) {
        if (m_error)
            std::rethrow_exception(m_error);
        return std::nullopt;
    }
    PreparedBatch batch = std::move(m_batches.front());
    m_batches.pop_front();
    m_changed.notify_all();
    return batch;
}

void BatchQueue::close() {
    const std::lock_guard lock(m_mutex);
    m_closed = true;
    m_changed.notify_all();
}

PreparedBatch prepareBatch(std::span<const PendingImage> pending, size_t first, size_t count,
                           EmbeddingSpace& space, const Model& model, const RunContext& context) {
    PreparedBatch batch;
    batch.slots.resize(count);
    std::vector<std::vector<Prepared>> samples(count);
    parallelFor(
        count, context.threadCount(),
        [&](size_t i) {
            batch.slots[i].pending = first + i;
            const PendingImage& image = pending[first + i];
            if (image.files.isClip())
                prepareClip(image, space, model, batch.slots[i], samples[i], context);
            else
                prepareImage(image, space, model, batch.slots[i], samples[i]);
        },
        context.stop);
    context.throwIfCancelled();
    // The same picture twice in one batch is encoded once.
    std::unordered_set<Hash128> seen;
    for (size_t i = 0; i < count; ++i)
        if (batch.slots[i].encode && seen.insert(*batch.slots[i].hash).second)
            for (Prepared& sample : samples[i]) {
                batch.samples.push_back(std::move(sample));
                batch.sampleSlots.push_back(i);
            }
    return batch;
}

} // namespace diptych
