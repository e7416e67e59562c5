// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/cli/command_line.h"
#include "app/cli/console.h"
#include "core/store/run_record.h"

#include <string>
#include <vector>

namespace diptych::cli {

/// runs rename, note, star.
void defineRunMarks(CommandLine& line, CLI::App& group);

/// The table of `runs list`. @param columns what is shown of what was asked: "differing", "all", "none", or
/// ids with commas; empty = prompts, split and labels where they differ. @throws UsageError for an id that no
/// run has
Table runTable(const std::vector<RunRecord>& runs, const std::string& columns);

} // namespace diptych::cli
