// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/cli/command_line.h"
#include "core/explain/explain.h"

#include <string>
#include <vector>

namespace diptych::cli {

/// What --method takes.
std::vector<std::string> explainMethodNames();
/// --last-layers, --layer, --head, --window
void addExplainOptions(CLI::App* command, ExplainOptions& options);

} // namespace diptych::cli
