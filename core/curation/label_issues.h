// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/context.h"
#include "core/tensor/matrix.h"

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace diptych {

// Likely wrong labels by confident learning (Northcutt, Jiang, Chuang 2021, "Confident Learning: Estimating
// Uncertainty in Dataset Labels"), from probabilities of a model that has not learned the labels it judges.
//
// An example counts as class j with confidence where p(j) reaches the class's threshold: the mean of p(j)
// over the examples labelled j. Of several such classes the most probable one counts. The confident joint
// counts examples by given label and confident class; those off its diagonal are likely mislabelled.

/// How the examples are chosen. OffDiagonal: all that are off the diagonal of the confident joint. NoiseRate:
/// of every pair of classes as many as the joint, scaled to the labels' counts, expects to be wrong, by the
/// largest p(other) - p(given).
enum class IssueChoice { OffDiagonal, NoiseRate };

struct LabelIssue {
    size_t example = 0;
    int given = -1, suggested = -1; ///< suggested: the most probable class
    double selfConfidence = 0;      ///< p(given)
    double margin = 0;              ///< p(given) less the largest other p, below 0; ranks the issues
};

struct LabelIssues {
    std::vector<double> thresholds;      ///< [classes]; infinite for a class without examples
    std::vector<int64_t> confidentJoint; ///< [classes, classes]: given label x confident class
    std::vector<LabelIssue> issues;      ///< lowest margin first, equal ones by example
};

/// An example whose given label is the most probable one is never an issue. Equal to cleanlab 2.9's
/// find_label_issues with filter_by "confident_learning" and "prune_by_noise_rate".
/// @param probabilities [n, classes], two classes or more @param labels in [0, classes): [n]
/// @throws Error InvalidArgument for lengths that differ, no examples, NaN, labels outside
LabelIssues findLabelIssues(const Matrix& probabilities, std::span<const int> labels, IssueChoice choice);

struct CrossValidation {
    size_t folds = 5;
    double c = 0;      ///< inverse strength of the L2 penalty; 0 = searched by accuracy on the first fold
    uint64_t seed = 0; ///< of the folds
};

struct OutOfFold {
    Matrix probabilities; ///< [n, classes]; 0 for a class that the fold's probe has not seen
    double c = 0;         ///< used
    double accuracy = 0;  ///< of the most probable class
};

/// Which fold each example is in, [n]: every class is spread evenly, in an order drawn from the seed.
/// @throws Error InvalidArgument: no examples, fewer than 2 folds
std::vector<size_t> stratifiedFolds(std::span<const int> labels, size_t folds, uint64_t seed);

/// Probabilities of a linear probe fitted on the other folds (core/probe/linear_probe.h).
/// @param features [n, d] @param labels in [0, classCount): [n]
/// @throws Error InvalidArgument as fitProbe(), and for fewer than two classes with two examples; Cancelled
OutOfFold outOfFoldProbabilities(const Matrix& features, std::span<const int> labels, size_t classCount,
                                 const CrossValidation& options, const RunContext& context);

} // namespace diptych
