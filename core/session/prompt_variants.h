// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/store/workspace.h"
#include "core/tasks/task.h"
#include "core/text/prompts.h"

#include <filesystem>
#include <string>
#include <vector>

namespace diptych {

// Prompts that a workspace keeps under a name, which every task takes where it takes templates.

/// Keeps them; their title becomes @p name. @throws Error InvalidArgument: the name is empty, taken, that of
/// a built-in set, or could be read as a template; as checkPromptSet()
void keepPrompts(Workspace& workspace, const std::string& name, PromptSet prompts,
                 Workspace::IfTaken ifTaken = Workspace::IfTaken::Refuse);
/// @throws Error InvalidArgument as keepPrompts(), NotFound
void renameKeptPrompts(Workspace& workspace, const std::string& name, const std::string& newName);
/// @throws Error NotFound, Corrupt
PromptSet keptPrompts(const Workspace& workspace, const std::string& name);
/// All of them, by name. @throws Error Corrupt
std::vector<PromptSet> allKeptPrompts(const Workspace& workspace);
/// What @p text stands for: a built-in set, prompts kept in the workspace, a file, or templates written out.
/// @throws Error NotFound that lists what there is
PromptSet findPrompts(const Workspace& workspace, const std::string& text);

/// @p params complete, with names of kept prompts replaced by what they are now: those may change, a run does
/// not.
Json withKeptPrompts(const Workspace& workspace, const TaskInfo& task, Json params);

/// Where a workspace keeps prompts for the command of a run, by what is in them.
std::filesystem::path promptFile(const Json& prompts, const std::filesystem::path& workspace);
/// Writes the files that the command of such a run names.
void writePromptFiles(const Workspace& workspace, const TaskInfo& task, const Json& params);

} // namespace diptych
