// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/metrics/multilabel.h"

#include "core/metrics/binary.h"
#include "core/metrics/check.h"

#include <algorithm>

namespace diptych {

namespace {

template<class T>
MeanAveragePrecision compute(std::span<const T> scores, std::span<const uint8_t> targets, size_t classCount,
                             PrecisionRule rule) {
    requireNotEmpty(classCount, "classes");
    requireNotEmpty(scores.size(), "examples");
    requireSameLength(scores.size(), "scores", targets.size(), "targets");
    DIPTYCH_ASSERT(scores.size() % classCount == 0);
    const size_t n = scores.size() / classCount;
    MeanAveragePrecision result;
    double sum = 0;
    std::vector<double> column(n);
    std::vector<uint8_t> labels(n);
    for (size_t c = 0; c < classCount; ++c) {
        for (size_t i = 0; i < n; ++i) {
            column[i] = scores[i * classCount + c];
            labels[i] = targets[i * classCount + c];
        }
        const BinaryRanking ranking(column, labels);
        result.byClass.push_back(rule == PrecisionRule::Area ? ranking.averagePrecision()
                                                             : ranking.elevenPointPrecision());
        sum += result.byClass.back().value_or(0);
        result.definedClasses += result.byClass.back().has_value();
    }
    if (result.definedClasses > 0)
        result.mean = sum / static_cast<double>(result.definedClasses);
    return result;
}

} // namespace

MeanAveragePrecision meanAveragePrecision(std::span<const double> scores, std::span<const uint8_t> targets,
                                          size_t classCount, PrecisionRule rule) {
    return compute(scores, targets, classCount, rule);
}

MeanAveragePrecision meanAveragePrecision(const Matrix& scores, std::span<const uint8_t> targets) {
    return compute(scores.values(), targets, scores.cols(), PrecisionRule::Area);
}

double labelRankingPrecision(std::span<const double> scores, std::span<const int> labels) {
    requireNotEmpty(labels.size(), "labels");
    requireLabels(labels, scores.size());
    requireFinite(scores, "Score");
    double sum = 0;
    for (const int label : labels) {
        const double own = scores[static_cast<size_t>(label)];
        const auto notBelow = [&](double score) { return score >= own; };
        const auto classes = std::ranges::count_if(scores, notBelow);
        const auto right = std::ranges::count_if(
            labels, [&](int other) { return notBelow(scores[static_cast<size_t>(other)]); });
        sum += static_cast<double>(right) / static_cast<double>(classes);
    }
    return sum / static_cast<double>(labels.size());
}

} // namespace diptych
