// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/cli/command_line.h"

namespace diptych::cli {

/// `diptych runs protocols` and `diptych runs published`, below the group "runs".
void defineRunProtocols(CommandLine& line, CLI::App& group);
void defineRunPublished(CommandLine& line, CLI::App& group);

} // namespace diptych::cli
