// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/datasets/dataset.h"

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace diptych {

/// Private to core/datasets: collects what an import left out, and notes on how it read the rest. Of one kind
/// of problem the first kMaxPerKind are kept one by one; the others are counted and told in one line.
class ProblemList {
public:
    static constexpr int64_t kMaxPerKind = 1000;

    /// @param kind names the problem in the line that stands for the rest, e.g. "images that do not exist"
    void add(const std::string& kind, std::string where, std::string reason);
    /// How something was read, where nothing was left out.
    void note(const std::string& kind, std::string where, std::string reason);
    bool empty() const { return m_problems.empty(); }
    /// The first that left something out, or else the first note.
    const ImportProblem& first() const;
    /// The list, with a line per kind that has more. @param source for those lines
    std::vector<ImportProblem> take(const std::string& source);

private:
    std::vector<ImportProblem> m_problems;
    struct Kind {
        int64_t count = 0;
        bool note = false;
    };
    void add(const std::string& kind, ImportProblem problem);
    std::map<std::string, Kind> m_kinds;
};

/// Keys of samples: valid UTF-8, and each once.
class KeySet {
public:
    /// @p wanted, ill-formed UTF-8 replaced; with " (2)", " (3)", ... if it was given before.
    std::string unique(const std::string& wanted);

private:
    std::map<std::string, int> m_given;
};

/// Removes blanks at both ends.
std::string trimmed(const std::string& text);

} // namespace diptych
