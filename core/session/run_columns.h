// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/store/run_record.h"

#include <span>
#include <string>
#include <vector>

namespace diptych {

/// What runs were asked for, one thing a column: "prompts", "split", "labels", "samples", "alpha", "seed",
/// and the parameters of their tasks by id.
struct RunColumn {
    std::string id, title;
    std::vector<std::string> values; ///< by run; empty where it has no such thing
    bool differs = false;            ///< among the runs that have it
};

/// Those that any of the runs has, prompts, split and labels first. Damaged and imported runs have none.
std::vector<RunColumn> runColumns(std::span<const RunRecord> runs);

/// Prompts in a few words: the name of a set, the one template, "3 templates: a photo of a {}., …", "80
/// templates, words of 12 classes".
std::string promptsText(const Json& prompts);

} // namespace diptych
