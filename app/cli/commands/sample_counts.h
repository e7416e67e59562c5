// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/cli/commands/sample_choice.h"

namespace diptych::cli {

/// What `samples counts` does: classes, splits, tags, columns and, for the choice's run, its verdicts and
/// predictions, each value with how many of the chosen images and of all have it. A value's count ignores the
/// choice's conditions of its own kind, as the side bar of the window does. @return exit code
int countSamples(const std::string& workspace, const std::string& dataset, const SampleChoice& choice,
                 CommandContext& context);

} // namespace diptych::cli
