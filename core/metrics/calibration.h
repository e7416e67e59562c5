// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/tensor/matrix.h"

#include <cstdint>
#include <span>
#include <vector>

namespace diptych {

/// Bins of the expected calibration error where nothing else is said (Guo et al. 2017).
inline constexpr size_t kCalibrationBins = 15;

/// p_j = exp(scale x_j) / sum_i exp(scale x_i), with the maximum taken off first so that no scale overflows.
/// @param scale the model's logit scale where @p row holds cosines; 1 for logits
/// @throws Error InvalidArgument for an empty row, a value or scale that is not finite
std::vector<double> softmax(std::span<const float> row, double scale = 1);

/// Examples whose confidence lies in (low, high]; the first bin holds 0 too.
struct ReliabilityBin {
    double low = 0, high = 0;
    size_t count = 0;
    double meanConfidence = 0, accuracy = 0; ///< 0 in an empty bin
};

struct Calibration {
    std::vector<ReliabilityBin> bins; ///< equal width over [0, 1]
    double ece = 0;                   ///< sum over bins of count/n |accuracy - meanConfidence|
    double mce = 0;                   ///< the largest such gap of a bin that is not empty
};

/// Expected and maximum calibration error (Guo, Pleiss, Sun, Weinberger: On Calibration of Modern Neural
/// Networks, ICML 2017, eq. 3 and 5).
/// @param confidences of the predictions made, in [0, 1]: [n]
/// @param correct 1 where the prediction was right, else 0: [n]
/// @throws Error InvalidArgument: no examples, lengths that differ, a confidence that is NaN or outside [0,
/// 1], no bins
Calibration calibration(std::span<const double> confidences, std::span<const uint8_t> correct,
                        size_t bins = kCalibrationBins);

} // namespace diptych
