// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <span>
#include <vector>

namespace diptych {

/// An order of the classes in which those that are taken for each other stand together: average-linkage
/// clustering of the similarity (share of a's examples taken for b + share of b's taken for a) / 2, clusters
/// joined at the ends that are most alike. Classes without a mistake between them and any other keep their
/// order among themselves, by lowest class; nothing is random. O(n^2) time and memory.
/// @param counts [n, n] row-major, rows are true classes
/// @throws Error InvalidArgument unless there are n * n counts
std::vector<int> confusionClusterOrder(std::span<const int> counts, size_t n);

} // namespace diptych
