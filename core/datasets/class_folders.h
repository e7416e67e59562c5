// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/datasets/problem_list.h"

#include <filesystem>
#include <string>
#include <vector>

namespace diptych {

/// Private to core/datasets: names for people of class folders (sorted), from the class list in @p root
/// (readClassList()), else the folders' own names. The list is matched by the first of these that fits all
/// folders:
/// - its lines are "folder name", as ImageNet's "n01440764 tench";
/// - its lines are the folders' own names, in any order; case, _ and - do not matter;
/// - the folders are numbered ("7", "class7"), and the numbers are line numbers counted from 0 or from 1,
///   whichever alone is possible;
/// - it has as many lines as there are folders and names none of them: in order, with a word in @p problems.
/// A list that fits in no way becomes a problem.
std::vector<std::string> nameClassFolders(const std::vector<std::string>& folders,
                                          const std::filesystem::path& root, ProblemList& problems);

} // namespace diptych
