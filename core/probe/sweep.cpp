// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/probe/sweep.h"

#include "core/metrics/check.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

namespace diptych {

namespace {

constexpr int kFirstStride = 2 * kSweepStepsPerDecade; // two decades

/// The most fits the search can ask for, for the progress bar: 7, then two for every halving.
constexpr int mostFits() {
    int fits = kSweepSteps / kFirstStride + 1;
    for (int stride = kFirstStride / 2; stride > 0; stride /= 2)
        fits += 2;
    return fits;
}

} // namespace

double sweepC(int step) {
    return std::pow(10.0, static_cast<double>(step) / kSweepStepsPerDecade - kSweepDecades);
}

int searchSweepSteps(const std::function<double(int step)>& quality) {
    std::map<int, double> tried;
    const auto tryStep = [&](int step) {
        if (step >= 0 && step <= kSweepSteps && !tried.contains(step))
            tried[step] = quality(step);
    };
    const auto best = [&] {
        // max_element returns the first of equals, and the map is in order of C.
        return std::ranges::max_element(tried, {}, [](const auto& entry) { return entry.second; })->first;
    };
    for (int step = 0; step <= kSweepSteps; step += kFirstStride)
        tryStep(step);
    for (int stride = kFirstStride / 2; stride > 0; stride /= 2) {
        const int peak = best();
        tryStep(peak - stride);
        tryStep(peak + stride);
    }
    return best();
}

SweepResult sweepProbe(const Matrix& trainFeatures, std::span<const int> trainLabels,
                       const Matrix& validationFeatures, std::span<const int> validationLabels,
                       const ProbeOptions& options, const RunContext& context) {
    SweepResult result;
    context.begin("Searching C", mostFits());
    const int best = searchSweepSteps([&](int step) {
        ProbeOptions tried = options;
        tried.c = sweepC(step);
        context.message(fmt::format("C = {:.3g}", tried.c));
        const ProbeModel model = fitProbe(trainFeatures, trainLabels, tried, context);
        const ProbeScore score =
            scoreProbe(model, validationFeatures, validationLabels, context.threadCount());
        result.points.push_back({tried.c, score, model.iterations, model.converged});
        context.advance();
        return score.accuracy;
    });
    context.end();
    result.bestC = sweepC(best);
    std::ranges::sort(result.points, {}, &SweepPoint::c);
    return result;
}

Matrix concatenateRows(const Matrix& first, const Matrix& second) {
    requireSameLength(first.cols(), "columns in the first part", second.cols(), "in the second");
    std::vector<float> values(first.values().begin(), first.values().end());
    values.insert(values.end(), second.values().begin(), second.values().end());
    return Matrix(first.rows() + second.rows(), first.cols(), std::move(values));
}

} // namespace diptych
