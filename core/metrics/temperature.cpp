// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/metrics/temperature.h"

#include "core/metrics/check.h"

#include <algorithm>
#include <cmath>

namespace diptych {
namespace {

constexpr int kMaxSteps = 200;
constexpr double kTolerance = 1e-10; ///< relative, of 1 / T

/// The mean loss at an inverse temperature, and how it rises with it.
struct Loss {
    double value = 0, slope = 0;
};

/// The loss is convex in the inverse temperature: its slope changes sign once, and bisection of the logarithm
/// finds where.
template<class LossAt>
TemperatureFit minimise(LossAt&& lossAt) {
    double low = 1 / kHighestTemperature, high = 1 / kLowestTemperature;
    TemperatureFit fit;
    fit.before = lossAt(1.0).value;
    double inverse = low;
    if (lossAt(low).slope >= 0) {
        fit.atBorder = true;
    } else if (lossAt(high).slope <= 0) {
        inverse = high;
        fit.atBorder = true;
    } else {
        for (int step = 0; step < kMaxSteps && high - low > kTolerance * high; ++step) {
            inverse = std::sqrt(low * high);
            (lossAt(inverse).slope < 0 ? low : high) = inverse;
        }
    }
    fit.temperature = 1 / inverse;
    fit.after = lossAt(inverse).value;
    return fit;
}

} // namespace

TemperatureFit fitTemperature(const Matrix& logits, std::span<const int> labels) {
    requireNotEmpty(logits.rows(), "examples");
    requireSameLength(logits.rows(), "rows of logits", labels.size(), "labels");
    if (logits.cols() < 2)
        throw Error(ErrorCode::InvalidArgument, "Temperature needs at least two classes");
    requireFinite(logits, "Logit");
    requireLabels(labels, logits.cols());
    const auto n = static_cast<double>(logits.rows());
    return minimise([&](double inverse) {
        Loss loss;
        for (size_t i = 0; i < logits.rows(); ++i) {
            const auto row = logits.row(i);
            const double largest = static_cast<double>(*std::ranges::max_element(row));
            double sum = 0, weighted = 0; // of exp(inverse (z - largest)), and of that times (z - largest)
            for (const float value : row) {
                const double z = static_cast<double>(value) - largest;
                const double e = std::exp(inverse * z);
                sum += e;
                weighted += e * z;
            }
            const double right = static_cast<double>(row[static_cast<size_t>(labels[i])]) - largest;
            loss.value += (std::log(sum) - inverse * right) / n;
            loss.slope += (weighted / sum - right) / n;
        }
        return loss;
    });
}

TemperatureFit fitTemperature(std::span<const double> logits, std::span<const uint8_t> correct) {
    requireNotEmpty(logits.size(), "examples");
    requireSameLength(logits.size(), "logits", correct.size(), "outcomes");
    requireFinite(logits, "Logit");
    requireBinary(correct, "Outcome");
    const auto n = static_cast<double>(logits.size());
    return minimise([&](double inverse) {
        Loss loss;
        for (size_t i = 0; i < logits.size(); ++i) {
            const double z = correct[i] ? -logits[i] : logits[i]; // log(1 + exp(inverse z)) is its loss
            const double x = inverse * z;
            loss.value += (std::max(x, 0.0) + std::log1p(std::exp(-std::abs(x)))) / n;
            loss.slope += z / (1 + std::exp(-x)) / n;
        }
        return loss;
    });
}

} // namespace diptych
