// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/datasets/problem_list.h"

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace diptych {

/// Private to core/datasets: lines of classes.txt or classnames.txt in @p folder, trimmed, trailing empty
/// lines off; nullopt if there is neither. @throws Error if it is there and cannot be read
std::optional<std::vector<std::string>> readClassList(const std::filesystem::path& folder);

/// Names for people of class folders (sorted): where the folder has a class list whose lines are "folder
/// name" (ImageNet's "n01440764 tench"), or as many lines as there are folders, those; else the folders' own
/// names. A list that fits neither becomes a problem.
std::vector<std::string> nameClassFolders(const std::vector<std::string>& folders,
                                          const std::filesystem::path& root, ProblemList& problems);

/// Labels of a table as they stand there, to be turned into indices once all are known.
struct LabelTable {
    std::vector<std::string> values; ///< per sample; empty = none
    std::vector<std::string> wheres; ///< per sample, for messages
    std::vector<std::string>
        nameOfLabel; ///< per sample: the class name that stands beside a number, or empty
};
struct ResolvedLabels {
    std::vector<std::string> classNames;
    std::vector<int> labels; ///< per sample
};
/// Whole numbers stay what they are (with names from the class list, else from the column beside them, else
/// the numbers themselves); anything else becomes classes in the order of the class list, else byte-wise.
/// A label the class list has no place for becomes a problem and -1.
ResolvedLabels resolveLabels(const LabelTable& table, const std::filesystem::path& folder,
                             ProblemList& problems);

} // namespace diptych
