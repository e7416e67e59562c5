// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/datasets/problem_list.h"

#include "core/base/file.h"

#include <fmt/format.h>

#include <utility>

namespace diptych {

void ProblemList::add(const std::string& kind, std::string where, std::string reason) {
    if (m_counts[kind]++ < kMaxPerKind)
        m_problems.push_back({std::move(where), std::move(reason)});
}

std::vector<ImportProblem> ProblemList::take(const std::string& source) {
    for (const auto& [kind, count] : m_counts) {
        if (count > kMaxPerKind)
            m_problems.push_back({source, fmt::format("and {} more {}", count - kMaxPerKind, kind)});
    }
    m_counts.clear();
    return std::exchange(m_problems, {});
}

std::string KeySet::unique(const std::string& wanted) {
    const std::string valid = toValidUtf8(wanted);
    std::string key = valid;
    int& given = m_given[valid];
    while (++given > 1) {
        key = fmt::format("{} ({})", valid, given);
        if (m_given.try_emplace(key, 1).second)
            break;
    }
    return key;
}

std::string trimmed(const std::string& text) {
    const auto first = text.find_first_not_of(" \t\r\n");
    if (first == std::string::npos)
        return {};
    return text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
}

} // namespace diptych
