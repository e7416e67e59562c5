// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/cli/console.h"
#include "core/store/run_record.h"

namespace diptych::cli {

/// Prints a run's protocol card, for people or, with --json, as protocolJson() has it. @param run whole
void printProtocol(Console& console, const RunRecord& run);

} // namespace diptych::cli
