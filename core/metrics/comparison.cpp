// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/metrics/comparison.h"

#include "core/metrics/check.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace diptych {

PairedDifference pairedBootstrap(std::span<const double> first, std::span<const double> second,
                                 const BootstrapOptions& options, const RunContext& context) {
    requireSameLength(first.size(), "values of the first run", second.size(), "of the second");
    requireNotEmpty(first.size(), "examples");
    std::vector<double> differences(first.size());
    for (size_t i = 0; i < first.size(); ++i)
        differences[i] = first[i] - second[i];
    requireFinite(differences, "Difference");

    PairedDifference result;
    result.n = first.size();
    result.difference = std::accumulate(differences.begin(), differences.end(), 0.0) /
                        static_cast<double>(differences.size());
    std::vector<double> means = bootstrapMeans(differences, options, context);
    const auto below = std::ranges::count_if(means, [](double mean) { return mean <= 0; });
    const auto above = std::ranges::count_if(means, [](double mean) { return mean >= 0; });
    const double share =
        static_cast<double>(std::min(below, above) + 1) / static_cast<double>(means.size() + 1);
    result.pValue = std::min(1.0, 2 * share);
    result.interval = percentileInterval(means, options.level);
    return result;
}

McNemar mcNemar(uint64_t onlyFirst, uint64_t onlySecond) {
    McNemar result{onlyFirst, onlySecond};
    const uint64_t flips = onlyFirst + onlySecond;
    const uint64_t smaller = std::min(onlyFirst, onlySecond);
    result.exact = flips < kMcNemarExactBelow;
    if (result.exact) {
        result.statistic = static_cast<double>(smaller);
        double term = std::ldexp(1.0, -static_cast<int>(flips)); // P(X = 0)
        double tail = 0;
        for (uint64_t x = 0; x <= smaller; ++x) {
            tail += term;
            term *= static_cast<double>(flips - x) / static_cast<double>(x + 1);
        }
        result.pValue = std::min(1.0, 2 * tail);
        return result;
    }
    const auto gap = static_cast<double>(std::max(onlyFirst, onlySecond) - smaller);
    const double corrected = std::max(0.0, gap - 1);
    result.statistic = corrected * corrected / static_cast<double>(flips);
    // The upper tail of chi-square with one degree of freedom.
    result.pValue = std::erfc(std::sqrt(result.statistic / 2));
    return result;
}

} // namespace diptych
