// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/datasets/equal_names.h"

#include "core/datasets/problem_list.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <map>

namespace diptych {

std::vector<std::string> equalNameWarnings(const std::vector<std::string>& classNames) {
    std::map<std::string, std::vector<size_t>> positions; // counted from 1, for people
    for (size_t i = 0; i < classNames.size(); ++i)
        positions[trimmed(classNames[i])].push_back(i + 1);
    std::vector<std::string> warnings;
    for (const auto& [name, found] : positions)
        if (found.size() > 1)
            warnings.push_back(fmt::format("Classes {} are all called '{}': no prompt can tell them apart",
                                           fmt::join(found, ", "), name));
    return warnings;
}

} // namespace diptych
