// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/cli/command_line.h"

namespace diptych::cli {

/// `diptych samples positives`, `add-positive` and `remove-positive`, below the group "samples".
void defineSamplePositives(CommandLine& line, CLI::App& group);
/// `diptych runs positives`, below the group "runs".
void defineRunPositives(CommandLine& line, CLI::App& group);

} // namespace diptych::cli
