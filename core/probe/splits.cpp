// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/probe/splits.h"

#include "core/base/random.h"
#include "core/metrics/check.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <utility>

namespace diptych {

namespace {

/// Examples of every class in an order drawn from the seed; classes do not influence each other's order.
std::map<int, std::vector<size_t>> shuffledByClass(std::span<const int> labels, uint64_t seed) {
    requireNotEmpty(labels.size(), "examples");
    std::map<int, std::vector<size_t>> byClass;
    for (size_t i = 0; i < labels.size(); ++i)
        byClass[labels[i]].push_back(i);
    for (auto& [label, members] : byClass) {
        Random seeds(seed);
        Random random(seeds() + static_cast<uint64_t>(static_cast<int64_t>(label)));
        for (size_t i = members.size(); i > 1; --i)
            std::swap(members[i - 1], members[random.below(i)]);
    }
    return byClass;
}

} // namespace

Split stratifiedSplit(std::span<const int> labels, double secondShare, uint64_t seed) {
    if (!(secondShare > 0 && secondShare < 1))
        throw Error(ErrorCode::InvalidArgument,
                    fmt::format("The share to split off is {}; it must lie between 0 and 1", secondShare));
    Split split;
    for (const auto& [label, members] : shuffledByClass(labels, seed)) {
        const size_t count = members.size();
        size_t taken = static_cast<size_t>(std::llround(secondShare * static_cast<double>(count)));
        taken = count < 2 ? 0 : std::clamp<size_t>(taken, 1, count - 1);
        const auto border = members.begin() + static_cast<ptrdiff_t>(taken);
        split.second.insert(split.second.end(), members.begin(), border);
        split.first.insert(split.first.end(), border, members.end());
    }
    std::ranges::sort(split.first);
    std::ranges::sort(split.second);
    return split;
}

std::vector<size_t> fewShotSample(std::span<const int> labels, size_t perClass, uint64_t seed) {
    requireNotEmpty(perClass, "examples a class to draw");
    std::vector<size_t> sample;
    for (const auto& [label, members] : shuffledByClass(labels, seed)) {
        const size_t taken = std::min(perClass, members.size());
        sample.insert(sample.end(), members.begin(), members.begin() + static_cast<ptrdiff_t>(taken));
    }
    std::ranges::sort(sample);
    return sample;
}

} // namespace diptych
