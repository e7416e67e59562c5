// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/context.h"
#include "core/models/similarity.h"
#include "core/results/example_result.h"
#include "core/tasks/classification_details.h"
#include "core/tensor/matrix.h"

#include <span>
#include <vector>

namespace diptych {

/// Images scored against classes, all [n]: what zero-shot classification and the prompt workbench have in
/// common, so that their numbers are the same.
struct ClassScores {
    std::vector<int> labels, predictions; ///< label -1 = none
    std::vector<size_t> ranks;            ///< of the right class; only where there is a label
    std::vector<double> confidences;
    std::vector<std::vector<ScoredIndex>> best; ///< with their probabilities

    /// @param row scores of the classes. @param keep how many of the best are kept; one at least
    void add(int label, std::span<const float> row, const std::vector<double>& probabilities, size_t keep);
    /// The part with labels, which metrics are about.
    ClassificationResults labelled() const;
};

/// By the cosine of image and class. @param images, classes [n, d] and [classes, d], rows of length 1
/// @throws Cancelled
ClassScores scoreImages(const Matrix& images, std::span<const int> labels, const Matrix& classes,
                        const Similarity& similarity, size_t keep, const RunContext& context);

} // namespace diptych
