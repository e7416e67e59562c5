// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/cli/command_line.h"
#include "core/base/json.h"
#include "core/store/workspace.h"

#include <string>
#include <vector>

namespace diptych::cli {

/// A sample and what was found about it, in the order shown: {"margin": -0.9, "suggested": "cat"}.
struct Finding {
    SampleId sample;
    OrderedJson facts;
};

/// How a list of findings goes out.
struct FindingsOptions {
    bool csv = false;
    size_t limit = 20; ///< rows of the table for people; 0 = all
    std::string tag;   ///< given to the samples found; empty = none
};
/// --csv and --limit; the other adds --tag.
void addListOptions(CLI::App* command, FindingsOptions& options);
void addFindingsOptions(CLI::App* command, FindingsOptions& options);

/// The findings with name, file, class and split of each: as CSV, with --json as @p summary with them under
/// "findings", else @p summary's lines and a table of the first. Samples in @p tagged get the tag asked for.
/// @param headline for people, above the table
void printFindings(Console& console, Workspace& workspace, const FindingsOptions& options,
                   OrderedJson summary, const std::string& headline, const std::vector<Finding>& findings,
                   const std::vector<SampleId>& tagged);

/// A number with as many digits as say something, for a table and for JSON.
double rounded(double value);

} // namespace diptych::cli
