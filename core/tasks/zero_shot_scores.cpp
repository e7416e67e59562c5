// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/tasks/zero_shot_scores.h"

#include "core/metrics/classification.h"
#include "core/tasks/task_support.h"

#include <algorithm>

namespace diptych {

void ClassScores::add(int label, std::span<const float> row, const std::vector<double>& probabilities,
                      size_t keep) {
    labels.push_back(label);
    std::vector<ScoredIndex> top = topK(row, std::max<size_t>(1, keep));
    predictions.push_back(top.front().index);
    confidences.push_back(probabilities[static_cast<size_t>(top.front().index)]);
    for (ScoredIndex& entry : top)
        entry.score = static_cast<float>(probabilities[static_cast<size_t>(entry.index)]);
    best.push_back(std::move(top));
    size_t rank = 0;
    if (label >= 0) {
        const float right = row[static_cast<size_t>(label)];
        for (size_t j = 0; j < row.size(); ++j)
            rank += row[j] > right || (row[j] == right && j < static_cast<size_t>(label));
    }
    ranks.push_back(rank);
}

ClassificationResults ClassScores::labelled() const {
    ClassificationResults out;
    for (size_t i = 0; i < labels.size(); ++i) {
        if (labels[i] < 0)
            continue;
        out.labels.push_back(labels[i]);
        out.predictions.push_back(predictions[i]);
        out.ranks.push_back(ranks[i]);
        out.confidences.push_back(confidences[i]);
        out.correct.push_back(ranks[i] == 0);
    }
    return out;
}

ClassScores scoreImages(const Matrix& images, std::span<const int> labels, const Matrix& classes,
                        const Similarity& similarity, size_t keep, const RunContext& context) {
    ClassScores out;
    for (size_t first = 0; first < images.rows(); first += kRowsPerChunk) {
        context.throwIfCancelled();
        const size_t count = std::min(kRowsPerChunk, images.rows() - first);
        const Matrix cosines = multiplyTransposed(rowsOf(images, first, count), classes, context.threads);
        for (size_t i = 0; i < count; ++i)
            out.add(labels[first + i], cosines.row(i), similarity.probabilities(cosines.row(i)), keep);
    }
    return out;
}

} // namespace diptych
