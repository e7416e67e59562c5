// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/context.h"
#include "core/base/hash.h"
#include "core/tensor/matrix.h"

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace diptych {

/// Two examples and how alike they are.
struct SimilarPair {
    uint32_t first = 0, second = 0; ///< first < second
    float similarity = 0;           ///< cosine, at most 1; 1 for copies of one file
    bool copy = false;              ///< the two files have the same bytes
    friend bool operator==(const SimilarPair&, const SimilarPair&) = default;
};

/// Which examples hang together at any similarity from @p floor on: of all pairs that reach it, those that a
/// maximum spanning forest keeps, most similar first, among equals copies, then by first and second. Cutting
/// it at a threshold leaves the connected components of all pairs that reach the threshold (single linkage),
/// and each example's most similar other one is among its links; so a threshold can be moved without looking
/// at features again, in memory of one pair an example however many pairs there are.
struct DuplicateLinks {
    size_t examples = 0;
    double floor = 0;
    std::vector<SimilarPair> links;
};

/// By cosine, exactly: n² d / 2 multiplications in float32, in blocks. Rows of the same content are copies.
/// @param rows [n, d], each of length 1 or 0 @param contents hash of each example's file [n]; empty = not
/// known @param floor in (0, 1]
/// @throws Error InvalidArgument for NaN, or a floor outside; Cancelled
DuplicateLinks findDuplicateLinks(const Matrix& rows, std::span<const Hash128> contents, double floor,
                                  const RunContext& context);
/// Copies alone: links of similarity 1 between examples of the same content.
DuplicateLinks findCopies(std::span<const Hash128> contents);

/// Examples that hang together at some threshold.
struct DuplicateGroup {
    std::vector<uint32_t> members; ///< ascending, two or more
    float similarity = 0;          ///< of the weakest link that holds it together
    bool copies = false;           ///< all are copies of one file
};
/// Groups at a threshold of links.floor or more: by falling similarity, then the larger, then by first
/// member.
std::vector<DuplicateGroup> duplicateGroups(const DuplicateLinks& links, double threshold);

/// How much hangs together at a threshold.
struct DuplicateCounts {
    size_t groups = 0, examples = 0;             ///< examples: in groups
    size_t acrossSplits = 0, examplesAcross = 0; ///< groups with more than one split, and what is in them
    size_t labelsDiffer = 0;                     ///< groups with more than one label
    size_t surplus() const { return examples - groups; } ///< all but one of each group
    friend bool operator==(const DuplicateCounts&, const DuplicateCounts&) = default;
};
/// Counts at each of @p thresholds, in one pass over the links.
/// @param thresholds falling, at least links.floor @param splits, labels of each example; -1 = none, which
/// differs from nothing; empty = not known
std::vector<DuplicateCounts> duplicateCounts(const DuplicateLinks& links, std::span<const int> splits,
                                             std::span<const int> labels, std::span<const double> thresholds);

} // namespace diptych
