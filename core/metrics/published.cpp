// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/metrics/published.h"

#include "core/base/error.h"
#include "core/metrics/check.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numbers>

namespace diptych {
namespace {

constexpr double kZ975 = 1.959963984540054, kZ80 = 0.8416212335729143;
constexpr double kFewestFlips = 6; ///< 2 / 2^6 is the first below 5 %

void requireShare(double share) {
    if (!(share >= 0 && share <= 1))
        throw Error(ErrorCode::InvalidArgument, fmt::format("A share is {}; it must lie in [0, 1]", share));
}

double twoSided(double z) {
    return std::erfc(std::abs(z) / std::numbers::sqrt2);
}

} // namespace

Interval wilsonInterval(double share, size_t n) {
    requireShare(share);
    requireNotEmpty(n, "images");
    const auto count = static_cast<double>(n);
    const double z2 = kZ975 * kZ975;
    const double centre = (share + z2 / (2 * count)) / (1 + z2 / count);
    const double half =
        kZ975 / (1 + z2 / count) * std::sqrt(share * (1 - share) / count + z2 / (4 * count * count));
    Interval interval;
    interval.low = std::max(0.0, centre - half);
    interval.high = std::min(1.0, centre + half);
    return interval;
}

ShareDifference differenceOfShares(double first, size_t n1, double second, size_t n2) {
    const Interval a = wilsonInterval(first, n1), b = wilsonInterval(second, n2);
    const auto count1 = static_cast<double>(n1), count2 = static_cast<double>(n2);
    ShareDifference out;
    out.difference = first - second;
    out.interval.low = out.difference - std::hypot(first - a.low, b.high - second);
    out.interval.high = out.difference + std::hypot(a.high - first, second - b.low);
    const double pooled = (first * count1 + second * count2) / (count1 + count2);
    const double error = std::sqrt(pooled * (1 - pooled) * (1 / count1 + 1 / count2));
    out.pValue = error > 0 ? twoSided(out.difference / error) : 1;
    return out;
}

NumberDifference differenceOfNumbers(double first, const Interval& firstInterval, size_t n1, double second,
                                     size_t n2) {
    requireNotEmpty(n1, "images");
    requireNotEmpty(n2, "images");
    const double own = (firstInterval.high - firstInterval.low) / (2 * kZ975);
    const double error = own * std::sqrt(1 + static_cast<double>(n1) / static_cast<double>(n2));
    NumberDifference out;
    out.difference = first - second;
    out.interval.low = out.difference - kZ975 * error;
    out.interval.high = out.difference + kZ975 * error;
    out.pValue = error > 0 ? twoSided(out.difference / error) : out.difference == 0 ? 1 : 0;
    return out;
}

double smallestDifferenceApart(double share, size_t n1, size_t n2) {
    requireShare(share);
    requireNotEmpty(std::min(n1, n2), "images");
    return (kZ975 + kZ80) *
           std::sqrt(share * (1 - share) * (1 / static_cast<double>(n1) + 1 / static_cast<double>(n2)));
}

double smallestDifferencePaired(double flips, size_t n) {
    requireShare(flips);
    requireNotEmpty(n, "images");
    return (kZ975 + kZ80) * std::sqrt(flips / static_cast<double>(n));
}

double smallestDifferenceAtAll(size_t n) {
    requireNotEmpty(n, "images");
    return std::min(1.0, kFewestFlips / static_cast<double>(n));
}

} // namespace diptych
