// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/tensor/matrix.h"

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace diptych {

/// Average precision of every class on its own, and their mean.
struct MeanAveragePrecision {
    /// [c]; nullopt where no example has the class, since its average precision is undefined.
    std::vector<std::optional<double>> byClass;
    /// Mean over the classes that have one; nullopt if none has. (scikit-learn 1.9, average_precision_score
    /// by class; its macro average counts classes without positives as 0 instead, which punishes small
    /// samples.)
    std::optional<double> mean;
    size_t definedClasses = 0;
};

/// How a class's average precision is read off its precision-recall curve.
enum class PrecisionRule { Area, ElevenPoint };

/// Several labels an example, e.g. the objects of a COCO image.
/// @param scores [n, c] row-major @param targets [n, c] row-major, 1 where the example has the class, else 0
/// @throws Error InvalidArgument: no examples or classes, lengths that differ, other targets, NaN
MeanAveragePrecision meanAveragePrecision(std::span<const double> scores, std::span<const uint8_t> targets,
                                          size_t classCount, PrecisionRule rule = PrecisionRule::Area);
MeanAveragePrecision meanAveragePrecision(const Matrix& scores, std::span<const uint8_t> targets);

/// Of one example, over its labels: the share of its labels among the classes that score at least as high as
/// the label. Ties count against it (scikit-learn 1.9, label_ranking_average_precision_score of one row).
/// @param scores [c] @param labels classes it has, each once
/// @throws Error InvalidArgument: no labels, a label that is no class, NaN
double labelRankingPrecision(std::span<const double> scores, std::span<const int> labels);

} // namespace diptych
