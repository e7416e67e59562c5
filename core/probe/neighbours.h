// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/context.h"
#include "core/tensor/matrix.h"

#include <cstdint>
#include <span>
#include <vector>

namespace diptych {

/// A row of the candidates and its cosine similarity to the query.
struct Neighbour {
    uint32_t index = 0;
    float similarity = 0;
    friend bool operator==(const Neighbour&, const Neighbour&) = default;
};

/// The min(k, candidates) most similar candidates of every query, best first, equal ones by index: [n][k].
/// Queries are taken in chunks, so that memory stays at about 64 MiB beyond the matrices.
/// @param queries [n, d] @param candidates [m, d], normalised or not; a row of zeros has similarity 0 to all
/// @throws Error InvalidArgument: widths that differ, NaN, no candidates, k of 0; Cancelled
std::vector<std::vector<Neighbour>> nearestNeighbours(const Matrix& queries, const Matrix& candidates,
                                                      size_t k, const RunContext& context);

/// Each neighbour counts 1, or exp(similarity / temperature) as in DINO's evaluation (Caron et al. 2021;
/// after Wu et al. 2018).
enum class KnnVote { Majority, Weighted };
struct KnnOptions {
    size_t k = 20;
    KnnVote vote = KnnVote::Weighted;
    double temperature = 0.07;
};

/// A label and its share of the votes of one query.
struct LabelShare {
    int label = 0;
    double share = 0;
    friend bool operator==(const LabelShare&, const LabelShare&) = default;
};
/// All labels that got votes, for neighbours already found (k of them or more): most first, among equals the
/// lowest, shares adding up to 1: [n].
std::vector<std::vector<LabelShare>> knnShares(std::span<const std::vector<Neighbour>> neighbours,
                                               std::span<const int> labels, const KnnOptions& options);
/// The first of them: [n].
std::vector<int> knnVote(std::span<const std::vector<Neighbour>> neighbours, std::span<const int> labels,
                         const KnnOptions& options);

/// Cosine from which two images count as near-duplicates unless said otherwise: copies that were resized or
/// recompressed lie above it for the usual CLIP models, different pictures of one subject below.
inline constexpr double kNearDuplicateSimilarity = 0.98;

/// A test example with a training example too much like it.
struct NearDuplicate {
    size_t test = 0, train = 0;
    float similarity = 0;
};
/// Test examples whose most similar training example reaches the threshold, in order of test.
std::vector<NearDuplicate> findNearDuplicates(const Matrix& trainFeatures, const Matrix& testFeatures,
                                              double threshold, const RunContext& context);

} // namespace diptych
