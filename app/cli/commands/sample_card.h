// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/cli/command_line.h"
#include "app/cli/commands/shared.h"

#include <string>
#include <vector>

namespace diptych::cli {

/// What `samples show` is asked.
struct SampleCardOptions {
    std::string workspace, dataset, key, model;
    std::vector<std::string> texts;
    size_t neighbours = 8;
    ComputeOptions compute;
};

void addSampleCardOptions(CLI::App* command, SampleCardOptions& options);
/// What is known of one image: its facts, what every run answered, and with a model its neighbours by image
/// and by text and where texts stand. @return exit code
int showSample(const SampleCardOptions& options, CommandContext& context);

} // namespace diptych::cli
