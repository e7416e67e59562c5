// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/metrics/calibration.h"

#include "core/metrics/check.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace diptych {

namespace {

/// The scaled row less its maximum, so that the largest is 0.
std::vector<double> shifted(std::span<const float> row, double scale) {
    requireNotEmpty(row.size(), "classes");
    if (!std::isfinite(scale))
        throw Error(ErrorCode::InvalidArgument,
                    fmt::format("The logit scale is {}; it must be finite", scale));
    std::vector<double> values(row.size());
    double largest = -INFINITY;
    for (size_t j = 0; j < row.size(); ++j) {
        values[j] = scale * static_cast<double>(row[j]);
        largest = std::max(largest, values[j]);
    }
    for (double& value : values)
        value -= largest;
    return values;
}

double sumOfExponentials(std::span<const double> values) {
    double sum = 0;
    for (const double value : values)
        sum += std::exp(value);
    return sum;
}

/// The bin (low, high] a confidence falls into; the first also takes 0.
size_t binOf(double confidence, size_t bins) {
    const auto width = static_cast<double>(bins);
    auto bin = static_cast<size_t>(std::max(0.0, std::ceil(confidence * width) - 1));
    // The product is rounded; the borders m / bins decide.
    while (bin + 1 < bins && confidence > static_cast<double>(bin + 1) / width)
        ++bin;
    while (bin > 0 && confidence <= static_cast<double>(bin) / width)
        --bin;
    return bin;
}

} // namespace

std::vector<double> softmax(std::span<const float> row, double scale) {
    requireFinite(row, "Logit");
    std::vector<double> probabilities = shifted(row, scale);
    const double sum = sumOfExponentials(probabilities);
    for (double& value : probabilities)
        value = std::exp(value) / sum;
    return probabilities;
}

Calibration calibration(std::span<const double> confidences, std::span<const uint8_t> correct, size_t bins) {
    requireNotEmpty(confidences.size(), "examples");
    requireNotEmpty(bins, "bins");
    requireSameLength(confidences.size(), "confidences", correct.size(), "outcomes");
    requireBinary(correct, "Outcome");
    Calibration result;
    result.bins.resize(bins);
    for (size_t m = 0; m < bins; ++m) {
        result.bins[m].low = static_cast<double>(m) / static_cast<double>(bins);
        result.bins[m].high = static_cast<double>(m + 1) / static_cast<double>(bins);
    }
    for (size_t i = 0; i < confidences.size(); ++i) {
        if (!(confidences[i] >= 0 && confidences[i] <= 1))
            throw Error(ErrorCode::InvalidArgument,
                        fmt::format("Confidence {} is {}; it must lie in [0, 1]", i, confidences[i]));
        ReliabilityBin& bin = result.bins[binOf(confidences[i], bins)];
        ++bin.count;
        bin.meanConfidence += confidences[i];
        bin.accuracy += correct[i];
    }
    for (ReliabilityBin& bin : result.bins) {
        if (bin.count == 0)
            continue;
        const auto count = static_cast<double>(bin.count);
        bin.meanConfidence /= count;
        bin.accuracy /= count;
        const double gap = std::abs(bin.accuracy - bin.meanConfidence);
        result.ece += count / static_cast<double>(confidences.size()) * gap;
        result.mce = std::max(result.mce, gap);
    }
    return result;
}

} // namespace diptych
