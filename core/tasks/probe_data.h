// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/probe/neighbours.h"
#include "core/tasks/classification_details.h"
#include "core/tasks/task.h"

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace diptych {

// What the tasks that learn from labelled images have in common.

/// Which labelled samples a probe learns from and which it is tested on: positions in TaskDataset::samples,
/// ascending, disjoint.
struct ProbeSets {
    std::vector<size_t> train, validation, test;
    std::string origin; ///< where they come from, for people
};

/// The dataset's own split where labelled samples lie in both a training and a test split, by the names of
/// core/datasets/split_names.h. Where only a validation split stands beside
/// the training split, that is tested on, as is usual for ImageNet. Else @p testShare of every class, drawn
/// with the seed from all labelled samples.
ProbeSets chooseProbeSets(const TaskDataset& dataset, double testShare, uint64_t seed);

/// Why the dataset has nothing to learn from or to test on, for people; empty = it does.
std::string probeUnsuitable(const TaskDataset& dataset);

/// Readable samples of one set, in the dataset's order.
struct ProbePart {
    Matrix rows;             ///< [n, d]
    std::vector<int> labels; ///< [n]
    std::vector<SampleId> ids;
    size_t size() const { return ids.size(); }
};
ProbePart subset(const ProbePart& all, std::span<const size_t> positions);

struct ProbeData {
    ProbePart train, validation, test;
    std::string origin;
    std::vector<ItemFailure> testFailures;
    std::vector<ItemFailure> otherFailures;    ///< training and validation images that could not be read
    std::vector<NearDuplicate> nearDuplicates; ///< train: a row of train, then validation
    double duplicateSimilarity = 0;            ///< from which they count
};

/// Encodes the samples of all sets and hands each its rows, as the parameters below say. Copies of one file
/// are near-duplicates at any threshold: their embeddings are one and the same.
/// @param wantsValidation false: samples of a validation split take no part
/// @throws Error Unreadable if nothing is left to learn from or to test on; Cancelled
ProbeData loadProbeData(const TaskInput& input, bool wantsValidation, const RunContext& context);

/// One example a test image, in their order, then the unreadable ones.
std::vector<ExampleResult> probeExamples(const TaskInput& input, const ProbeData& data,
                                         const ClassificationResults& results,
                                         const std::vector<std::vector<ScoredIndex>>& best);

/// The parameters "feature", "unit_length", "test_share" and "near_duplicate" that loadProbeData() reads;
/// without "unit_length" rows have length 1.
std::vector<ParamSpec> probeDataParams();

/// What a person should know before believing the numbers of these sets, for details["warnings"]: a sentence
/// each, with the samples it is about.
/// @param train what was learned from
Json probeWarnings(const ProbeData& data, const ProbePart& train);

/// "split", "train", "validation", "test" and "near_duplicates" of the details' "probe".
Json probeSetsJson(const ProbeData& data, const ProbePart& train);

} // namespace diptych
