// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/tensor/matrix.h"

#include <cstdint>
#include <span>

namespace diptych {

// Temperature scaling (Guo, Pleiss, Sun, Weinberger: On Calibration of Modern Neural Networks, ICML 2017,
// section 4.2): logits are divided by one number T > 0, chosen for the least negative log-likelihood. It
// moves confidences and no prediction.

/// The range that is searched; a fit that would leave it stays at its border.
inline constexpr double kLowestTemperature = 0.01, kHighestTemperature = 100;

struct TemperatureFit {
    double temperature = 1;
    double before = 0, after = 0; ///< mean negative log-likelihood, in nats, at T = 1 and at the fitted one
    bool atBorder = false;        ///< the likelihood still rises at the border of the range
};

/// Of softmax(logits / T). The likelihood is concave in 1 / T, so there is one optimum; found to 1e-10
/// relative.
/// @param logits [n, classes] @param labels the right class: [n]
/// @throws Error InvalidArgument: no examples, one class, lengths that differ, a logit that is not finite, a
/// label out of range
TemperatureFit fitTemperature(const Matrix& logits, std::span<const int> labels);

/// Of sigmoid(logit / T) as the chance that the prediction is right, for models whose probabilities are
/// sigmoids of each pair.
/// @param logits of the prediction made: [n] @param correct 1 where it was right: [n] @throws Error as above
TemperatureFit fitTemperature(std::span<const double> logits, std::span<const uint8_t> correct);

} // namespace diptych
