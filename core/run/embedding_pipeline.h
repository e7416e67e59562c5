// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/run/outputs.h"
#include "core/store/workspace.h"

#include <memory>

namespace diptych {

/// Embeddings and matches from the cache, and from the model where the cache has none: decode and preprocess
/// on a pool of threads, one batch ahead of the model; every finished batch is stored before the next counts
/// as done, so a stopped or killed run goes on where it was. An unreadable image is a failure of that item
/// only.
class EmbeddingPipeline : public Outputs {
public:
    /// @param workspace and model must outlive this
    EmbeddingPipeline(Workspace& workspace, Model& model);
    ~EmbeddingPipeline() override;

    /// With cachedOnly nothing is encoded, texts are kept in memory alone, and images() and match() throw
    /// Error NotFound if an image that can be decoded, or a pair, is missing; covers() asks before.
    void setCachedOnly(bool cachedOnly);
    /// Whether images() needs no encoder for these: each is in the cache or cannot be decoded. images() asked
    /// for the same next does not look them up again. @throws Error, Cancelled
    bool covers(std::span<const SampleId> samples, ImageFeature feature, const RunContext& context);

    ImageEmbeddings images(std::span<const SampleId> samples, ImageFeature feature,
                           const RunContext& context) override;
    Matrix texts(std::span<const std::string> texts, const RunContext& context) override;
    Similarity similarity() override;
    PairMatches match(std::span<const SampleId> samples, std::span<const std::vector<std::string>> texts,
                      const RunContext& context) override;

    /// How many images the last images() call found in the cache and how many it encoded.
    struct Counts {
        size_t cached = 0, encoded = 0;
    };
    Counts lastCounts() const;
    /// How many of the samples are pictures with transparent pixels. Known of every picture that this version
    /// encoded with any model; files that images() has looked at are not looked at again.
    size_t countTransparent(std::span<const SampleId> samples);

private:
    struct Private;
    std::unique_ptr<Private> m_d;
};

} // namespace diptych
