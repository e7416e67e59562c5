// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace diptych {

/// The libraries that decode pictures, each with the version that runs: {"libjpeg-turbo", "2.1.5"}, ...
std::vector<std::pair<std::string, std::string>> imageLibraries();

} // namespace diptych
