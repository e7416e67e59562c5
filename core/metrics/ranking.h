// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/context.h"
#include "core/tensor/matrix.h"

#include <cstdint>
#include <span>
#include <vector>

namespace diptych {

// Image-text retrieval by cosine similarity, several captions an image: images find their captions
// (image -> text) and captions their image (text -> image).
//
// Ties count against the model unless asked otherwise: an item that does not match stands before a matching
// one of equal score. Scores are compared exactly (in double precision on the embeddings given), not as the
// float32 product happens to round them, so equal embeddings tie whatever the blocking of the product.

struct RankedItem {
    uint32_t index = 0;
    float score = 0;
    friend bool operator==(const RankedItem&, const RankedItem&) = default;
};

/// One direction, by query.
struct QueryRanks {
    /// 1-based place of the best match among all candidates: 1 + items that do not match and score as much
    /// (unless Ties::For) or more. 0 = nothing matches this query (an image without captions); such queries
    /// count nowhere.
    std::vector<uint32_t> ranks;
    /// Average precision over the first R places, R = number of matches: 1/R sum_{i=1..R} P(i) rel(i)
    /// (Musgrave, Belongie, Lim: A Metric Learning Reality Check, ECCV 2020, eq. 3). 0 where nothing matches.
    std::vector<double> averagePrecisionAtR;
    /// The best candidates, best first, equal scores by index; empty unless asked for. Scores are float32.
    std::vector<std::vector<RankedItem>> top;
};

struct RetrievalRanks {
    QueryRanks imageToText, textToImage;
};

/// Where an item that does not match stands beside a matching one of equal score. Programs that sort or take
/// the k largest leave it to the sort; their number lies between the two.
enum class Ties { Against, For };

struct RetrievalOptions {
    Ties ties = Ties::Against;
    size_t keepTop = 0; ///< candidates kept for every query
    /// Most memory for scores at a time. The whole takes about that, plus one copy of the image embeddings.
    size_t scoreBytes = size_t{64} << 20;
};

/// Captions scored at a time against all images: as many as options.scoreBytes holds, at least 1.
size_t retrievalChunkRows(size_t imageCount, size_t embeddingDim, const RetrievalOptions& options);

/// @param images [i, d] @param texts [t, d], normalised or not; neither is changed
/// @param textImage the image each caption belongs to: [t]
/// @throws Error InvalidArgument: nothing to rank, widths or lengths that differ, an index outside [0, i),
/// NaN, a vector of zeros; Cancelled
RetrievalRanks rankRetrieval(const Matrix& images, const Matrix& texts, std::span<const int> textImage,
                             const RetrievalOptions& options, const RunContext& context);

/// Share of queries with at least one match among the first k (recall as CLIP papers and CLIP_benchmark
/// count it). Queries of rank 0 are left out. @throws Error InvalidArgument if no query is left
double recallAtK(std::span<const uint32_t> ranks, size_t k);

/// Median of the 1-based ranks; of an even number the mean of the middle two (numpy.median). Older programs
/// print floor(median of 0-based ranks) + 1, which is this rounded down.
double medianRank(std::span<const uint32_t> ranks);

} // namespace diptych
