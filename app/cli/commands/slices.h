// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/cli/command_line.h"

namespace diptych::cli {

/// `diptych runs slices`, below the group "runs".
void defineRunSlices(CommandLine& line, CLI::App& group);

} // namespace diptych::cli
