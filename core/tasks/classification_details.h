// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/json.h"
#include "core/metrics/bootstrap.h"
#include "core/metrics/calibration.h"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace diptych {

// What the tasks that name one class for each image have in common.

/// Labelled images and what was predicted for them, all [n].
struct ClassificationResults {
    std::vector<int> labels, predictions;
    std::vector<size_t> ranks;       ///< of the right class, 0 = first
    std::vector<double> confidences; ///< of the predictions; empty where the method gives no probabilities
    std::vector<uint8_t> correct;    ///< 1 where the prediction was right
};

/// "top1", "top5" (of more than five classes), "mean_per_class_recall" and, where there are confidences,
/// "ece".
/// @param preview leaves out the intervals
std::vector<Metric> classificationMetrics(const ClassificationResults& results, size_t classCount,
                                          const BootstrapOptions& options, bool preview,
                                          const RunContext& context);

/// "classes", "confusion" and, where there are confidences, "calibration", as docs/file-formats.md has them.
Json classificationDetails(const ClassificationResults& results, std::span<const std::string> classNames);

/// The bins of a reliability diagram as "calibration" has them.
Json reliabilityJson(const Calibration& calibration);

/// 1 where the right class is among the first k, else 0: [n].
std::vector<double> hitsAtK(std::span<const size_t> ranks, size_t k);

/// Mean over classes of the mean of @p hits (1 = right; shares of several fits are taken too); classes
/// without examples are left out.
double meanRecall(std::span<const double> hits, std::span<const int> labels, size_t classCount);
/// Of meanRecall(); classes that a draw does not hold are left out of it.
std::optional<Interval> meanRecallInterval(std::span<const double> hits, std::span<const int> labels,
                                           size_t classCount, const BootstrapOptions& options,
                                           const RunContext& context);
/// Of the expected calibration error. @pre there are confidences
std::optional<Interval> eceInterval(const ClassificationResults& results, const BootstrapOptions& options,
                                    const RunContext& context);

} // namespace diptych
