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

/// An image that could not be used, and why.
struct ItemFailure {
    SampleId sample;
    std::string reason;
};

/// The samples that could be read, in the order asked for, and those that could not.
struct ReadSamples {
    std::vector<SampleId> ids;
    std::vector<size_t> positions; ///< position of ids[i] in the list that was asked for
    std::vector<Hash128> contents; ///< of ids[i]: hash of the image file's bytes; empty = not known
    std::vector<ItemFailure> failures;
};

struct ImageEmbeddings : ReadSamples {
    Matrix rows;                ///< [ids.size(), d], each row of length 1
    std::vector<float> lengths; ///< by row: its length as the model gave it; the row times it is raw
};

/// What a model that looks at image and text together says.
struct PairMatches : ReadSamples {
    /// Of ids[i] with each of its texts how well it fits, higher is better, to be compared among the pairs of
    /// one model: matchScore() of the logits.
    std::vector<std::vector<double>> scores;
};

/// One number of a pair's logits: the log-odds of "matches" where there are two (their difference), else the
/// logit.
double matchScore(std::span<const float> logits);

/// Where tasks get what models make of samples and texts; they never see a model or a file. Implemented by
/// EmbeddingPipeline and, in tests, by fakes that override what their task asks for: everything else throws
/// Error Unsupported. One thread at a time.
class Outputs {
public:
    virtual ~Outputs() = default;
    /// @throws Error, Cancelled
    virtual ImageEmbeddings images(std::span<const SampleId> samples, ImageFeature feature,
                                   const RunContext& context);
    /// [texts.size(), d], each row of length 1.
    virtual Matrix texts(std::span<const std::string> texts, const RunContext& context);
    virtual Similarity similarity(); ///< what cosines mean to the model
    /// @param texts those of each sample, none or more
    virtual PairMatches match(std::span<const SampleId> samples,
                              std::span<const std::vector<std::string>> texts, const RunContext& context);
};

} // namespace diptych
