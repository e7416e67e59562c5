// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/results/example_result.h"
#include "core/tensor/matrix.h"

#include <cstdint>
#include <span>
#include <vector>

namespace diptych {

// Single-label classification from logits [n, c] and labels [n] in [0, c).
//
// Ties: classes are ordered by score, equal scores by index, lowest first. So the prediction is the lowest
// index among equal maxima (as numpy.argmax and torch.argmax on CPU), and top-k is the first k of
// numpy.argsort(-row, kind="stable").
// Refused with Error InvalidArgument: no examples, lengths that differ, labels out of range, scores that are
// NaN or infinite.

/// The best min(k, row.size()) classes of one example, best first. Scores are the row's own.
std::vector<ScoredIndex> topK(std::span<const float> row, size_t k);

/// Index of the best class of every row: [n].
std::vector<int> predictClasses(const Matrix& logits);

/// Place of the right class among all classes of its row, 0 = first: [n].
std::vector<size_t> labelRanks(const Matrix& logits, std::span<const int> labels);

/// Share of examples whose right class is among the first k: mean of [rank < k]. With k >= c it is 1
/// (scikit-learn 1.9, top_k_accuracy_score; its ties favour the highest index, ours the lowest).
double topKAccuracy(std::span<const size_t> ranks, size_t k);
double topKAccuracy(const Matrix& logits, std::span<const int> labels, size_t k);

/// Share of examples predicted right.
double accuracy(std::span<const int> predictions, std::span<const int> labels);

/// Mean over classes of (right in class / examples of class); classes without examples are left out
/// (scikit-learn 1.9, balanced_accuracy_score; CLIP_benchmark's mean_per_class_recall).
double meanPerClassRecall(std::span<const int> predictions, std::span<const int> labels, size_t classCount);

/// How one class fared (scikit-learn 1.9, precision_recall_fscore_support, zero_division=0).
struct ClassScore {
    uint64_t support = 0;   ///< examples of this class
    uint64_t predicted = 0; ///< examples predicted to be of it
    uint64_t correct = 0;   ///< both
    double recall = 0;      ///< correct / support; 0 if there is no such example
    double precision = 0;   ///< correct / predicted; 0 if never predicted
    double f1 = 0;          ///< 2 correct / (support + predicted); 0 if both are 0
};
/// One entry for every class, those without examples too: [classCount].
std::vector<ClassScore> perClassScores(std::span<const int> predictions, std::span<const int> labels,
                                       size_t classCount);

struct ConfusionCell {
    int target = 0, prediction = 0;
    uint64_t count = 0;
    friend bool operator==(const ConfusionCell&, const ConfusionCell&) = default;
};

/// How often each class was taken for each; rows are targets. Sparse, since most cells of a thousand classes
/// are empty. Immutable.
class ConfusionMatrix {
public:
    ConfusionMatrix(std::span<const int> predictions, std::span<const int> labels, size_t classCount);
    size_t classCount() const { return m_classCount; }
    uint64_t count(int target, int prediction) const;
    /// Cells that are not empty, by target, then prediction.
    const std::vector<ConfusionCell>& cells() const { return m_cells; }

private:
    size_t m_classCount;
    std::vector<ConfusionCell> m_cells;
};

} // namespace diptych
