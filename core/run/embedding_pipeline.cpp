// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/run/embedding_pipeline.h"

#include "core/base/file.h"
#include "core/run/image_batches.h"
#include "core/run/pair_matching.h"
#include "core/run/transparency.h"
#include "core/store/embedding_store.h"
#include "core/video/media.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <exception>
#include <thread>
#include <unordered_set>
#include <utility>

namespace diptych {
namespace {

/// Text embeddings kept in memory for the preview; a prompt being typed is not worth a row on disk.
constexpr size_t kMaxTextsInMemory = 200'000;

std::vector<float> rowLengths(const Matrix& matrix) {
    std::vector<float> lengths(matrix.rows());
    for (size_t i = 0; i < matrix.rows(); ++i) {
        double square = 0;
        for (const float value : matrix.row(i))
            square += static_cast<double>(value) * static_cast<double>(value);
        lengths[i] = static_cast<float>(std::sqrt(square));
    }
    return lengths;
}

/// The mean of the rows of each slot. @param unit of rows of length 1: how embeddings of frames are joined
/// for comparing them by cosine (CLIP4Clip, Luo et al. 2021, "mean pooling"). A slot with one row keeps it as
/// it is.
Matrix meanBySlot(const Matrix& rows, std::span<const size_t> slots, bool unit) {
    std::vector<size_t> firsts;
    for (size_t i = 0; i < slots.size(); ++i)
        if (i == 0 || slots[i] != slots[i - 1])
            firsts.push_back(i);
    firsts.push_back(slots.size());
    const std::vector<float> lengths = rowLengths(rows);
    Matrix means(firsts.size() - 1, rows.cols());
    for (size_t m = 0; m + 1 < firsts.size(); ++m) {
        const size_t count = firsts[m + 1] - firsts[m];
        for (size_t i = firsts[m]; i < firsts[m + 1]; ++i) {
            const float length = unit && count > 1 && lengths[i] > 0 ? lengths[i] : 1;
            for (size_t c = 0; c < rows.cols(); ++c)
                means(m, c) += rows(i, c) / (length * static_cast<float>(count));
        }
    }
    return means;
}

} // namespace

struct EmbeddingPipeline::Private {
    /// Images that need no encoder, as covers() found them.
    struct Covered {
        std::vector<SampleId> samples;
        ImageFeature feature;
        std::vector<std::optional<Hash128>> hashes; ///< none = a failure
        std::vector<ItemFailure> failures;
    };

    Workspace& workspace;
    Model& model;
    bool cachedOnly = false;
    Counts counts;
    std::unordered_map<Hash128, std::vector<float>> textsInMemory;
    std::unordered_set<Hash128> undecodable; ///< content found to be no picture; spares cachedOnly the trial

    EmbeddingSpace& space(ImageFeature feature) {
        auto& slot = feature == ImageFeature::Projected ? projected : pooled;
        const int width =
            feature == ImageFeature::Projected ? model.info().embeddingDim : model.info().pooledDim;
        if (!slot)
            slot = openSpace(imageSpaceKey(model, feature), width,
                             feature == ImageFeature::Projected ? "images" : "images, before the projection");
        return *slot;
    }
    EmbeddingSpace& textSpace() {
        if (!texts)
            texts = openSpace(textSpaceKey(model), model.info().embeddingDim, "texts");
        return *texts;
    }
    std::shared_ptr<EmbeddingSpace> openSpace(const std::string& key, int width, const char* content) {
        EmbeddingStore& store = workspace.embeddings();
        auto space = store.space(key, static_cast<size_t>(width));
        store.describe(key,
                       {model.info().name, std::string(precisionName(model.compute().precision)), content});
        return space;
    }

    /// The contents that have transparent pixels: a row of 1 for each, nothing for the others.
    EmbeddingSpace& transparency() {
        if (!transparentContents)
            transparentContents = workspace.embeddings().space(kTransparencyKey, 1);
        return *transparentContents;
    }
    void keepTransparent(std::span<const Hash128> contents) {
        workspace.embeddings().describe(kTransparencyKey, {"any", "any", "which images have transparency"});
        transparency().append(contents, Matrix(contents.size(), 1, std::vector<float>(contents.size(), 1)));
    }

    std::vector<PendingImage> pendingImages(std::span<const SampleId> samples);
    void addKnownHashes(std::vector<PendingImage>& images) const;
    std::vector<PendingImage> dropCached(std::vector<PendingImage> all,
                                         std::vector<std::optional<Hash128>>& hashes, EmbeddingSpace& space,
                                         const RunContext& context);
    Result<std::vector<ItemFailure>> failuresAmong(std::span<const PendingImage> pending,
                                                   EmbeddingSpace& space,
                                                   std::vector<std::optional<Hash128>>& hashes,
                                                   const RunContext& context);
    void rememberHashes(std::span<const FileHash> fresh);
    void encodePending(std::span<const PendingImage> pending, ImageFeature feature,
                       std::vector<std::optional<Hash128>>& hashes, std::vector<ItemFailure>& failures,
                       const RunContext& context);
    void storeBatch(const PreparedBatch& batch, std::span<const PendingImage> pending, ImageFeature feature,
                    std::vector<std::optional<Hash128>>& hashes, std::vector<ItemFailure>& failures);

    std::shared_ptr<EmbeddingSpace> projected, pooled, texts, transparentContents;
    std::unordered_map<SampleId, Hash128> contents; ///< of the samples that images() has found
    std::optional<Covered> covered;                 ///< what covers() found last, until images() is called
};

namespace {

std::vector<SampleFiles> filesOfAll(std::span<const PendingImage> images) {
    std::vector<SampleFiles> files;
    files.reserve(images.size());
    for (const PendingImage& image : images)
        files.push_back(image.files);
    return files;
}

} // namespace

std::vector<PendingImage> EmbeddingPipeline::Private::pendingImages(std::span<const SampleId> samples) {
    std::unordered_map<SampleId, SampleFiles> files;
    for (const Sample& sample : workspace.samples(samples, SampleDetail::Basic))
        files.emplace(sample.id, filesOf(sample));
    std::vector<PendingImage> images;
    images.reserve(samples.size());
    for (size_t i = 0; i < samples.size(); ++i) {
        const auto found = files.find(samples[i]);
        if (found == files.end())
            throw Error(ErrorCode::NotFound,
                        fmt::format("Sample {} is no longer in the workspace", samples[i].value));
        images.push_back({i, samples[i], found->second, {}});
    }
    return images;
}

void EmbeddingPipeline::Private::addKnownHashes(std::vector<PendingImage>& images) const {
    const auto known = knownContents(workspace, filesOfAll(images));
    for (size_t i = 0; i < images.size(); ++i)
        images[i].hash = known[i];
}

std::vector<PendingImage> EmbeddingPipeline::Private::dropCached(std::vector<PendingImage> all,
                                                                 std::vector<std::optional<Hash128>>& hashes,
                                                                 EmbeddingSpace& space,
                                                                 const RunContext& context) {
    addKnownHashes(all);
    std::vector<Hash128> present;
    std::vector<size_t> owners;
    for (size_t i = 0; i < all.size(); ++i)
        if (all[i].hash) {
            present.push_back(*all[i].hash);
            owners.push_back(i);
        }
    context.throwIfCancelled();
    const auto rows = space.find(present);
    for (size_t i = 0; i < rows.size(); ++i)
        if (rows[i] >= 0)
            hashes[owners[i]] = present[i];
    std::erase_if(all, [&](const PendingImage& image) { return hashes[image.position].has_value(); });
    return all;
}

void EmbeddingPipeline::Private::storeBatch(const PreparedBatch& batch, std::span<const PendingImage> pending,
                                            ImageFeature feature, std::vector<std::optional<Hash128>>& hashes,
                                            std::vector<ItemFailure>& failures) {
    if (!batch.samples.empty()) {
        Matrix rows = model.embedder()->embedImages(batch.samples, feature);
        std::vector<size_t> slots = batch.sampleSlots;
        if (std::ranges::adjacent_find(slots) != slots.end()) {
            rows = meanBySlot(rows, slots, feature == ImageFeature::Projected);
            slots.erase(std::unique(slots.begin(), slots.end()), slots.end());
        }
        std::vector<Hash128> keys;
        std::vector<Hash128> transparent;
        for (const size_t i : slots) {
            keys.push_back(*batch.slots[i].hash);
            if (batch.slots[i].transparent)
                transparent.push_back(keys.back());
        }
        if (!transparent.empty()) // before the embeddings, or a stop between the two would lose it
            keepTransparent(transparent);
        space(feature).append(keys, rows);
        counts.encoded += keys.size();
    }
    std::vector<FileHash> fresh;
    for (const PreparedBatch::Slot& slot : batch.slots) {
        const PendingImage& image = pending[slot.pending];
        fresh.insert(fresh.end(), slot.fresh.begin(), slot.fresh.end());
        if (slot.failure && slot.hash)
            undecodable.insert(*slot.hash);
        if (slot.failure)
            failures.push_back({image.sample, *slot.failure});
        else
            hashes[image.position] = slot.hash;
    }
    workspace.storeContentHashes(fresh);
}

/// Without the encoder: images whose content is not known are read, for it may be in the cache; those that
/// cannot be decoded will never be there and are failures here too. An Error NotFound names the first that
/// can.
Result<std::vector<ItemFailure>>
EmbeddingPipeline::Private::failuresAmong(std::span<const PendingImage> pending, EmbeddingSpace& space,
                                          std::vector<std::optional<Hash128>>& hashes,
                                          const RunContext& context) {
    std::vector<ItemFailure> failures;
    std::vector<FileHash> fresh;
    for (const PendingImage& image : pending) {
        context.throwIfCancelled();
        if (!image.hash) {
            std::vector<FileHash> found;
            const auto hash = readContent(image.files, found);
            if (!hash) { // a clip may lack a frame while its still is there
                failures.push_back({image.sample, hash.error().what()});
                continue;
            }
            if (space.find(std::span(&*hash, 1)).front() >= 0) {
                hashes[image.position] = *hash;
                fresh.insert(fresh.end(), found.begin(), found.end());
                continue;
            }
        }
        std::string reason = "not an image";
        if (!image.hash || !undecodable.contains(*image.hash)) {
            const auto decoded = decodeStill(image.files.path);
            if (decoded)
                return failure(
                    ErrorCode::NotFound,
                    fmt::format("{} and maybe others of {} images have not been encoded with this model yet",
                                displayPath(image.files.path), pending.size()));
            reason = decoded.error().what();
            if (image.hash)
                undecodable.insert(*image.hash);
        }
        failures.push_back({image.sample, std::move(reason)});
    }
    rememberHashes(fresh);
    return failures;
}

/// Where they cannot be kept, files are read again.
void EmbeddingPipeline::Private::rememberHashes(std::span<const FileHash> fresh) {
    if (fresh.empty() || workspace.readOnly())
        return;
    try {
        workspace.storeContentHashes(fresh);
    } catch (const Error& error) {
        if (error.code() != ErrorCode::DiskFull)
            throw;
    }
}

void EmbeddingPipeline::Private::encodePending(std::span<const PendingImage> pending, ImageFeature feature,
                                               std::vector<std::optional<Hash128>>& hashes,
                                               std::vector<ItemFailure>& failures,
                                               const RunContext& context) {
    context.begin("Loading the model", 0);
    model.load();
    const size_t batchSize = std::max<size_t>(1, model.batchSize());
    EmbeddingSpace& target = space(feature);
    context.begin("Encoding images", static_cast<int64_t>(hashes.size()),
                  static_cast<int64_t>(hashes.size() - pending.size()));
    BatchQueue queue;
    std::jthread reader([&] {
        try {
            for (size_t first = 0; first < pending.size(); first += batchSize) {
                const size_t count = std::min(batchSize, pending.size() - first);
                if (!queue.push(prepareBatch(pending, first, count, target, model, context)))
                    return;
            }
            queue.finish(nullptr);
        } catch (...) {
            queue.finish(std::current_exception());
        }
    });
    // Joins before the queue goes, whichever way this function ends.
    struct CloseOnExit {
        BatchQueue& queue;
        ~CloseOnExit() { queue.close(); }
    } const closeOnExit{queue};
    while (auto batch = queue.pop()) {
        context.throwIfCancelled();
        storeBatch(*batch, pending, feature, hashes, failures);
        context.advance(static_cast<int64_t>(batch->slots.size()));
    }
    context.throwIfCancelled();
    context.end();
}

EmbeddingPipeline::EmbeddingPipeline(Workspace& workspace, Model& model)
    : m_d(new Private{workspace, model, false, {}, {}, {}, {}, {}, {}, {}, {}, {}}) {}

EmbeddingPipeline::~EmbeddingPipeline() = default;

void EmbeddingPipeline::setCachedOnly(bool cachedOnly) {
    m_d->cachedOnly = cachedOnly;
}

EmbeddingPipeline::Counts EmbeddingPipeline::lastCounts() const {
    return m_d->counts;
}

bool EmbeddingPipeline::covers(std::span<const SampleId> samples, ImageFeature feature,
                               const RunContext& context) {
    m_d->covered.reset();
    std::vector<std::optional<Hash128>> hashes(samples.size());
    EmbeddingSpace& space = m_d->space(feature);
    const auto pending = m_d->dropCached(m_d->pendingImages(samples), hashes, space, context);
    auto failures = m_d->failuresAmong(pending, space, hashes, context);
    if (!failures)
        return false;
    m_d->covered.emplace(
        Private::Covered{{samples.begin(), samples.end()}, feature, std::move(hashes), std::move(*failures)});
    return true;
}

size_t EmbeddingPipeline::countTransparent(std::span<const SampleId> samples) {
    std::vector<Hash128> present;
    std::vector<SampleId> others;
    for (const SampleId sample : samples) {
        if (const auto found = m_d->contents.find(sample); found != m_d->contents.end())
            present.push_back(found->second);
        else
            others.push_back(sample);
    }
    for (const auto& hash : knownContents(m_d->workspace, filesOfAll(m_d->pendingImages(others))))
        if (hash)
            present.push_back(*hash);
    const auto rows = m_d->transparency().find(present);
    return static_cast<size_t>(std::count_if(rows.begin(), rows.end(), [](int64_t row) { return row >= 0; }));
}

Similarity EmbeddingPipeline::similarity() {
    return m_d->model.info().similarity;
}

PairMatches EmbeddingPipeline::match(std::span<const SampleId> samples,
                                     std::span<const std::vector<std::string>> texts,
                                     const RunContext& context) {
    DIPTYCH_ASSERT(samples.size() == texts.size());
    if (!m_d->model.matcher())
        return Outputs::match(samples, texts, context);
    std::vector<PendingImage> pending = m_d->pendingImages(samples);
    m_d->addKnownHashes(pending);
    const Findings findings{[this](std::span<const FileHash> fresh) { m_d->rememberHashes(fresh); },
                            [this](std::span<const Hash128> contents) { m_d->keepTransparent(contents); }};
    return matchPairs(m_d->workspace, m_d->model, std::move(pending), texts, !m_d->cachedOnly, findings,
                      context);
}

ImageEmbeddings EmbeddingPipeline::images(std::span<const SampleId> samples, ImageFeature feature,
                                          const RunContext& context) {
    if (!m_d->model.embedder())
        return Outputs::images(samples, feature, context);
    m_d->counts = {};
    EmbeddingSpace& space = m_d->space(feature);
    std::vector<std::optional<Hash128>> hashes(samples.size());
    ImageEmbeddings result;
    auto covered = std::exchange(m_d->covered, std::nullopt);
    if (covered && covered->feature == feature && std::ranges::equal(covered->samples, samples)) {
        hashes = std::move(covered->hashes);
        result.failures = std::move(covered->failures);
        m_d->counts.cached = samples.size() - result.failures.size();
    } else {
        const auto pending = m_d->dropCached(m_d->pendingImages(samples), hashes, space, context);
        m_d->counts.cached = samples.size() - pending.size();
        if (!pending.empty() && !m_d->cachedOnly)
            m_d->encodePending(pending, feature, hashes, result.failures, context);
        else if (auto failures = m_d->failuresAmong(pending, space, hashes, context))
            result.failures = std::move(*failures);
        else
            throw failures.error();
    }
    std::vector<Hash128> wanted;
    for (size_t i = 0; i < samples.size(); ++i) {
        if (!hashes[i])
            continue;
        wanted.push_back(*hashes[i]);
        m_d->contents.insert_or_assign(samples[i], *hashes[i]);
        result.ids.push_back(samples[i]);
        result.positions.push_back(i);
    }
    result.rows = space.read(space.find(wanted));
    result.contents = std::move(wanted);
    result.lengths = rowLengths(result.rows);
    normalizeRows(result.rows);
    return result;
}

Matrix EmbeddingPipeline::texts(std::span<const std::string> texts, const RunContext& context) {
    if (!m_d->model.embedder())
        return Outputs::texts(texts, context);
    const size_t dim = static_cast<size_t>(m_d->model.info().embeddingDim);
    std::vector<Hash128> hashes;
    hashes.reserve(texts.size());
    for (const std::string& text : texts)
        hashes.push_back(hashText(text));
    EmbeddingSpace& space = m_d->textSpace();
    auto& memory = m_d->textsInMemory;
    const auto rows = space.find(hashes);

    std::vector<size_t> missing;
    std::unordered_set<Hash128> seen;
    for (size_t i = 0; i < texts.size(); ++i)
        if (rows[i] < 0 && !memory.contains(hashes[i]) && seen.insert(hashes[i]).second)
            missing.push_back(i);
    if (!missing.empty()) {
        if (memory.size() + missing.size() > kMaxTextsInMemory)
            memory.clear();
        Embedder& embedder = *m_d->model.embedder();
        const size_t batchSize = std::max<size_t>(1, m_d->model.batchSize());
        context.begin("Encoding texts", static_cast<int64_t>(missing.size()));
        for (size_t first = 0; first < missing.size(); first += batchSize) {
            context.throwIfCancelled();
            const size_t count = std::min(batchSize, missing.size() - first);
            std::vector<std::string> batch;
            std::vector<Hash128> keys;
            for (size_t i = first; i < first + count; ++i) {
                batch.push_back(texts[missing[i]]);
                keys.push_back(hashes[missing[i]]);
            }
            const Matrix encoded = embedder.embedTexts(batch);
            for (size_t i = 0; i < count; ++i)
                memory[keys[i]].assign(encoded.row(i).begin(), encoded.row(i).end());
            if (!m_d->cachedOnly)
                space.append(keys, encoded);
            context.advance(static_cast<int64_t>(count));
        }
        context.end();
    }

    Matrix out(texts.size(), dim);
    std::vector<int64_t> stored;
    std::vector<size_t> storedAt;
    for (size_t i = 0; i < texts.size(); ++i) {
        const auto found = memory.find(hashes[i]);
        if (found != memory.end()) {
            std::copy(found->second.begin(), found->second.end(), out.row(i).begin());
        } else {
            stored.push_back(rows[i]);
            storedAt.push_back(i);
        }
    }
    const Matrix read = space.read(stored);
    for (size_t i = 0; i < stored.size(); ++i)
        std::copy(read.row(i).begin(), read.row(i).end(), out.row(storedAt[i]).begin());
    normalizeRows(out);
    return out;
}

} // namespace diptych
