// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/metrics/bootstrap.h"

#include <cstddef>
#include <optional>

namespace diptych {

// A number that was measured beside one that was published.

/// Of two shares (accuracies) on separate samples of images.
struct ShareDifference {
    double difference = 0; ///< first less second
    Interval interval;     ///< 95 %, Newcombe's hybrid score interval (Newcombe 1998, method 10)
    double pValue = 1;     ///< two-sided z test with pooled variance
};
/// @param first, second in [0, 1] @param n1, n2 images each was measured on
/// @throws Error InvalidArgument for a share outside [0, 1] or no images
ShareDifference differenceOfShares(double first, size_t n1, double second, size_t n2);

/// Of two numbers of which the error of one is known by an interval of it; the other's is taken to be the
/// same, by 1/sqrt(n).
struct NumberDifference {
    double difference = 0;
    Interval interval; ///< 95 %, normal
    double pValue = 1;
};
NumberDifference differenceOfNumbers(double first, const Interval& firstInterval, size_t n1, double second,
                                     size_t n2);

/// The least difference of two shares near @p share that tests at 5 % find with 80 % chance, where each was
/// measured on other images: (z_0.975 + z_0.8) sqrt(p (1 - p) (1/n1 + 1/n2)).
double smallestDifferenceApart(double share, size_t n1, size_t n2);
/// The same where both were measured on the same @p n images and a share @p flips of them comes out
/// otherwise: (z_0.975 + z_0.8) sqrt(flips / n) (Connor 1987, leading term).
double smallestDifferencePaired(double flips, size_t n);
/// The least difference that McNemar's exact test can call significant at 5 % at all: 6 images that flip, all
/// one way.
double smallestDifferenceAtAll(size_t n);

/// Wilson's 95 % interval of a share (Wilson 1927).
Interval wilsonInterval(double share, size_t n);

} // namespace diptych
