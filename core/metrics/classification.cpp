// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/metrics/classification.h"

#include "core/metrics/check.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

namespace diptych {

namespace {

double ratio(uint64_t part, uint64_t whole) {
    return whole == 0 ? 0 : static_cast<double>(part) / static_cast<double>(whole);
}

void checkPredictions(std::span<const int> predictions, std::span<const int> labels, size_t classCount) {
    requireNotEmpty(labels.size(), "examples");
    requireSameLength(predictions.size(), "predictions", labels.size(), "labels");
    requireLabels(labels, classCount);
    requireLabels(predictions, classCount);
}

void checkLogits(const Matrix& logits) {
    requireNotEmpty(logits.rows(), "examples");
    requireNotEmpty(logits.cols(), "classes");
    requireFinite(logits, "Logits");
}

} // namespace

std::vector<ScoredIndex> topK(std::span<const float> row, size_t k) {
    requireFinite(row, "Score");
    std::vector<int> order(row.size());
    std::iota(order.begin(), order.end(), 0);
    const auto better = [&](int a, int b) {
        const float left = row[static_cast<size_t>(a)], right = row[static_cast<size_t>(b)];
        return left > right || (left == right && a < b);
    };
    const size_t kept = std::min(k, row.size());
    std::partial_sort(order.begin(), order.begin() + static_cast<ptrdiff_t>(kept), order.end(), better);
    std::vector<ScoredIndex> best;
    best.reserve(kept);
    for (size_t i = 0; i < kept; ++i)
        best.push_back({order[i], row[static_cast<size_t>(order[i])]});
    return best;
}

std::vector<int> predictClasses(const Matrix& logits) {
    checkLogits(logits);
    std::vector<int> predictions(logits.rows());
    for (size_t i = 0; i < logits.rows(); ++i) {
        const auto row = logits.row(i);
        predictions[i] = static_cast<int>(std::max_element(row.begin(), row.end()) - row.begin());
    }
    return predictions;
}

std::vector<size_t> labelRanks(const Matrix& logits, std::span<const int> labels) {
    checkLogits(logits);
    requireSameLength(logits.rows(), "rows of logits", labels.size(), "labels");
    requireLabels(labels, logits.cols());
    std::vector<size_t> ranks(labels.size());
    for (size_t i = 0; i < labels.size(); ++i) {
        const auto row = logits.row(i);
        const auto label = static_cast<size_t>(labels[i]);
        const float score = row[label];
        size_t before = 0;
        for (size_t j = 0; j < label; ++j)
            before += row[j] >= score;
        for (size_t j = label + 1; j < row.size(); ++j)
            before += row[j] > score;
        ranks[i] = before;
    }
    return ranks;
}

double topKAccuracy(std::span<const size_t> ranks, size_t k) {
    requireNotEmpty(ranks.size(), "examples");
    if (k == 0)
        throw Error(ErrorCode::InvalidArgument, "Top-k accuracy needs k of at least 1");
    return ratio(static_cast<uint64_t>(std::ranges::count_if(ranks, [&](size_t rank) { return rank < k; })),
                 ranks.size());
}

double topKAccuracy(const Matrix& logits, std::span<const int> labels, size_t k) {
    return topKAccuracy(labelRanks(logits, labels), k);
}

double accuracy(std::span<const int> predictions, std::span<const int> labels) {
    requireNotEmpty(labels.size(), "examples");
    requireSameLength(predictions.size(), "predictions", labels.size(), "labels");
    uint64_t right = 0;
    for (size_t i = 0; i < labels.size(); ++i)
        right += predictions[i] == labels[i];
    return ratio(right, labels.size());
}

std::vector<ClassScore> perClassScores(std::span<const int> predictions, std::span<const int> labels,
                                       size_t classCount) {
    checkPredictions(predictions, labels, classCount);
    std::vector<ClassScore> scores(classCount);
    for (size_t i = 0; i < labels.size(); ++i) {
        ++scores[static_cast<size_t>(labels[i])].support;
        ++scores[static_cast<size_t>(predictions[i])].predicted;
        if (predictions[i] == labels[i])
            ++scores[static_cast<size_t>(labels[i])].correct;
    }
    for (ClassScore& score : scores) {
        score.recall = ratio(score.correct, score.support);
        score.precision = ratio(score.correct, score.predicted);
        score.f1 = ratio(2 * score.correct, score.support + score.predicted);
    }
    return scores;
}

double meanPerClassRecall(std::span<const int> predictions, std::span<const int> labels, size_t classCount) {
    double sum = 0;
    size_t present = 0;
    for (const ClassScore& score : perClassScores(predictions, labels, classCount)) {
        sum += score.recall;
        present += score.support > 0;
    }
    return sum / static_cast<double>(present);
}

ConfusionMatrix::ConfusionMatrix(std::span<const int> predictions, std::span<const int> labels,
                                 size_t classCount)
    : m_classCount(classCount) {
    checkPredictions(predictions, labels, classCount);
    std::vector<std::pair<int, int>> pairs(labels.size());
    for (size_t i = 0; i < labels.size(); ++i)
        pairs[i] = {labels[i], predictions[i]};
    std::ranges::sort(pairs);
    for (const auto& [target, prediction] : pairs) {
        if (m_cells.empty() || m_cells.back().target != target || m_cells.back().prediction != prediction)
            m_cells.push_back({target, prediction, 0});
        ++m_cells.back().count;
    }
}

uint64_t ConfusionMatrix::count(int target, int prediction) const {
    const auto key = std::pair(target, prediction);
    const auto cellKey = [](const ConfusionCell& cell) { return std::pair(cell.target, cell.prediction); };
    const auto found = std::ranges::lower_bound(m_cells, key, {}, cellKey);
    return found != m_cells.end() && cellKey(*found) == key ? found->count : 0;
}

} // namespace diptych
