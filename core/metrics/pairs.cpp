// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/metrics/pairs.h"

#include "core/metrics/check.h"

#include <array>
#include <vector>

namespace diptych {

PairOutcome pairOutcome(const PairScores& scores) {
    requireFinite(std::array{scores.caption0Image0, scores.caption0Image1, scores.caption1Image0,
                             scores.caption1Image1},
                  "Score");
    return {.image0PicksCaption0 = scores.caption0Image0 > scores.caption1Image0,
            .image1PicksCaption1 = scores.caption1Image1 > scores.caption0Image1,
            .caption0PicksImage0 = scores.caption0Image0 > scores.caption0Image1,
            .caption1PicksImage1 = scores.caption1Image1 > scores.caption1Image0};
}

PairTotals pairTotals(std::span<const PairOutcome> outcomes) {
    requireNotEmpty(outcomes.size(), "examples");
    PairTotals totals;
    totals.n = outcomes.size();
    for (const PairOutcome& outcome : outcomes) {
        totals.text += outcome.text();
        totals.image += outcome.image();
        totals.group += outcome.group();
    }
    const auto n = static_cast<double>(totals.n);
    totals.text /= n;
    totals.image /= n;
    totals.group /= n;
    return totals;
}

std::map<std::string, PairTotals> pairTotalsByTag(std::span<const PairOutcome> outcomes,
                                                  std::span<const std::string> tags) {
    requireSameLength(outcomes.size(), "examples", tags.size(), "tags");
    std::map<std::string, std::vector<PairOutcome>> byTag;
    for (size_t i = 0; i < tags.size(); ++i)
        byTag[tags[i]].push_back(outcomes[i]);
    std::map<std::string, PairTotals> totals;
    for (const auto& [tag, members] : byTag)
        totals[tag] = pairTotals(members);
    return totals;
}

} // namespace diptych
