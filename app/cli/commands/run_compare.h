// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/cli/command_line.h"

namespace diptych::cli {

/// `runs compare`.
void defineRunCompare(CommandLine& line, CLI::App& runs);

} // namespace diptych::cli
