// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/datasets/problem_list.h"

#include "core/base/file.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace diptych {

void ProblemList::add(const std::string& kind, std::string where, std::string reason) {
    add(kind, ImportProblem{std::move(where), std::move(reason), false});
}

void ProblemList::note(const std::string& kind, std::string where, std::string reason) {
    add(kind, ImportProblem{std::move(where), std::move(reason), true});
}

void ProblemList::add(const std::string& kind, ImportProblem problem) {
    Kind& known = m_kinds[kind];
    known.note = problem.note;
    if (known.count++ < kMaxPerKind)
        m_problems.push_back(std::move(problem));
}

const ImportProblem& ProblemList::first() const {
    const auto found = std::find_if(m_problems.begin(), m_problems.end(),
                                    [](const ImportProblem& problem) { return !problem.note; });
    return found == m_problems.end() ? m_problems.front() : *found;
}

std::vector<ImportProblem> ProblemList::take(const std::string& source) {
    for (const auto& [name, kind] : m_kinds)
        if (kind.count > kMaxPerKind)
            m_problems.push_back(
                {source, fmt::format("and {} more {}", kind.count - kMaxPerKind, name), kind.note});
    m_kinds.clear();
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
