// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/cli/command_line.h"

#include <span>

namespace diptych::cli {

/// All verbs, in the order of the help text.
std::span<const CommandDefinition> commandTable();

void defineImport(CommandLine& line);
void defineDatasets(CommandLine& line);
void defineModels(CommandLine& line);
void defineEncode(CommandLine& line);
void defineMatch(CommandLine& line);
void defineExplain(CommandLine& line);
void definePointing(CommandLine& line);
void defineEval(CommandLine& line);
void defineSearch(CommandLine& line);
void defineMap(CommandLine& line);
void defineSamples(CommandLine& line);
void defineCurate(CommandLine& line);
void definePrompts(CommandLine& line);
void defineRuns(CommandLine& line);
void defineReport(CommandLine& line);
void defineTrain(CommandLine& line);
void defineBench(CommandLine& line);
void defineMetric(CommandLine& line);
void defineBlocks(CommandLine& line);
void defineDemo(CommandLine& line);
void defineCache(CommandLine& line);

} // namespace diptych::cli
