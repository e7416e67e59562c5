// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/context.h"
#include "core/base/hash.h"
#include "core/models/model.h"
#include "core/results/ids.h"
#include "core/tensor/matrix.h"

#include <span>
#include <string>
#include <vector>

namespace diptych {

/// An image that could not be encoded, and why.
struct ItemFailure {
    SampleId sample;
    std::string reason;
};

/// Embeddings of those samples that could be read; row i of the matrix belongs to ids[i], in the order asked
/// for.
struct ImageEmbeddings {
    std::vector<SampleId> ids;
    std::vector<size_t> positions; ///< position of ids[i] in the list that was asked for
    Matrix rows;                   ///< [ids.size(), d], each row of length 1
    std::vector<float> lengths;    ///< by row: its length as the model gave it; the row times it is raw
    std::vector<Hash128> contents; ///< by row: hash of the image file's bytes; empty = not known
    std::vector<ItemFailure> failures;
};

/// Where tasks get embeddings from; they never see a model or a file. Implemented by EmbeddingPipeline and,
/// in tests, by a fake with known geometry. One thread at a time.
class EmbeddingSource {
public:
    virtual ~EmbeddingSource() = default;
    /// @throws Error, Cancelled
    virtual ImageEmbeddings images(std::span<const SampleId> samples, ImageFeature feature,
                                   const RunContext& context) = 0;
    /// [texts.size(), d], each row of length 1.
    virtual Matrix texts(std::span<const std::string> texts, const RunContext& context) = 0;
    virtual Similarity similarity() = 0; ///< what cosines mean to the model
};

} // namespace diptych
