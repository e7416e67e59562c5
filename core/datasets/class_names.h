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

} // namespace diptych
