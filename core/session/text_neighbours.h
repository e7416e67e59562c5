// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/session/evaluator.h"
#include "core/session/searcher.h"

#include <span>
#include <string>
#include <vector>

namespace diptych {

/// Which samples have texts like those of one.
struct TextNeighbourQuery {
    SampleId sample;
    std::string model; ///< name in the workspace, or a checkpoint folder (then added to it)
    size_t limit = 24;
    /// Waits for the model and encodes however many captions the dataset has, into the cache; else the answer
    /// may be Busy, or NotEncoded where there are more than kFewTexts of them.
    bool encodeMissing = true;
    Compute compute = {};
    static constexpr size_t kFewTexts = 2000;
};

/// A caption, or where the dataset has none a class name, near the sample's own.
struct TextNeighbour {
    SampleId sample; ///< whose caption it is; none for a class
    int label = -1;  ///< of a class
    std::string text;
    float cosine = 0; ///< of the two texts' embeddings: the largest over the sample's captions
};

struct TextNeighbours {
    Answer answer = Answer::Ready;
    std::vector<std::string> own;       ///< the sample's texts that were compared
    size_t texts = 0;                   ///< of the dataset that there are to compare with
    std::vector<TextNeighbour> nearest; ///< best first; of every other sample its best caption alone
};

/// Nearest texts in the model's text space. Thread-safe.
class TextFinder {
public:
    /// All outlive it.
    TextFinder(Workspace& workspace, Catalog& catalog, ModelPool& models)
        : m_workspace(workspace), m_catalog(catalog), m_models(models) {}
    /// @throws Error (NotFound: no such sample or model, or it has neither caption nor class; Unsupported),
    /// Cancelled
    TextNeighbours find(const TextNeighbourQuery& query, const RunContext& context);

private:
    Workspace& m_workspace;
    Catalog& m_catalog;
    ModelPool& m_models;
};

/// Where a sample stands among a dataset's images for a text.
struct TextScore {
    double cosine = 0;
    /// Of the other images those with a smaller cosine, and half of those with the same: 0 to 100; NaN where
    /// there is no other image.
    double percentile = 0;
    size_t rank = 0;            ///< from 1, by images with a larger cosine
    size_t count = 0;           ///< images compared
    double least = 0, most = 0; ///< of all images
};

/// @param hits of a search for the text that left out no image. @throws Error NotFound if @p sample is not
/// among them: its image cannot be read
TextScore scoreAmong(std::span<const SearchHit> hits, SampleId sample);

} // namespace diptych
