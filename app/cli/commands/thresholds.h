// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/cli/command_line.h"

namespace diptych::cli {

/// `diptych runs thresholds` and `diptych runs calibration`, below the group "runs".
void defineRunThresholds(CommandLine& line, CLI::App& group);
void defineRunCalibration(CommandLine& line, CLI::App& group);

} // namespace diptych::cli
