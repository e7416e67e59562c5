// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/cli/command_line.h"

namespace diptych::cli {

/// prompts list, show, save, rename, remove, import, export.
void defineKeptPrompts(CommandLine& line, CLI::App& group);

} // namespace diptych::cli
