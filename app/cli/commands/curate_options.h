// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/cli/commands/findings.h"
#include "app/cli/commands/shared.h"
#include "core/session/curator.h"

namespace diptych::cli {

/// What the commands below `curate` share.
struct CurateOptions {
    std::string workspace;
    CurationSpec spec;
    bool verify = false;
    FindingsOptions findings;
    ComputeOptions compute;
};
/// --workspace, --dataset and --split
void addPlace(CLI::App* command, CurateOptions& options, bool withSplit = true);
/// --model and how it computes
CLI::Option* addModel(CLI::App* command, CurateOptions& options, const std::string& help);

CurationSpec specOf(const CurateOptions& options);
/// @param writes whether what is found is written into the workspace
std::shared_ptr<Session> openSession(const CurateOptions& options, CommandContext& context, bool writes);
/// @throws Error if images lack their embeddings and cannot get them
void requireReady(Answer answer, const CurateOptions& options);
void warnOfFailures(Console& console, const std::vector<ItemFailure>& failures);
/// {"dataset": ..., "model": ..., "split": ...}
OrderedJson summaryOf(const CurateOptions& options);
/// 1234 -> "1,234"
std::string count(size_t number);

/// `curate probe`.
void defineCurateProbe(CommandLine& line, CLI::App& group);

} // namespace diptych::cli
