// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/commands/commands.h"

namespace diptych::cli {

std::span<const CommandDefinition> commandTable() {
    static constexpr CommandDefinition kCommands[] = {
        defineImport,   defineDatasets, defineModels, defineEncode, defineMatch,   defineExplain,
        definePointing, defineEval,     defineSearch, defineMap,    defineSamples, defineCurate,
        definePrompts,  defineRuns,     defineReport, defineCache,  defineMetric,  defineBench,
        defineTrain,    defineBlocks,   defineDemo,
    };
    return kCommands;
}

} // namespace diptych::cli
