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

} // namespace diptych
