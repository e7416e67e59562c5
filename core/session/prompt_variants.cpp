// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/session/prompt_variants.h"

#include "core/base/file.h"
#include "core/base/hash.h"
#include "core/tasks/class_prompts.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace diptych {
namespace {

bool isBuiltIn(const std::string& name) {
    return std::ranges::any_of(builtInPromptSets(), [&](const PromptSet& set) { return set.id == name; });
}

/// What --templates would read as something else is no name. @throws Error InvalidArgument
void checkName(const std::string& name) {
    if (isBuiltIn(name))
        throw Error(ErrorCode::InvalidArgument,
                    fmt::format("'{}' is a built-in prompt set. Choose another name", name));
    if (name.find("{}") != std::string::npos || name.starts_with('['))
        throw Error(ErrorCode::InvalidArgument,
                    fmt::format("The name '{}' reads as a template. Choose one without {{}} that does not "
                                "begin with [",
                                toValidUtf8(name)));
}

std::string fileContent(const Json& prompts) {
    return prompts.dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
}

} // namespace

void keepPrompts(Workspace& workspace, const std::string& name, PromptSet prompts,
                 Workspace::IfTaken ifTaken) {
    checkPromptSet(prompts);
    checkName(name);
    prompts.title.clear(); // the name it is kept under says it
    workspace.savePrompts(name, promptSetJson(prompts), ifTaken);
}

void renameKeptPrompts(Workspace& workspace, const std::string& name, const std::string& newName) {
    checkName(newName);
    workspace.renamePrompts(name, newName);
}

std::vector<PromptSet> allKeptPrompts(const Workspace& workspace) {
    std::vector<PromptSet> all;
    for (const PromptVariant& variant : workspace.prompts()) {
        all.push_back(promptSetFromJson(variant.content, fmt::format("the prompts '{}'", variant.name)));
        all.back().id = all.back().title = variant.name;
    }
    return all;
}

PromptSet keptPrompts(const Workspace& workspace, const std::string& name) {
    const auto found = workspace.findPrompts(name);
    if (!found)
        throw Error(ErrorCode::NotFound,
                    fmt::format("The workspace has no prompts named '{}'", toValidUtf8(name)));
    PromptSet prompts = promptSetFromJson(found->content, fmt::format("the prompts '{}'", name));
    prompts.id = prompts.title = found->name;
    return prompts;
}

PromptSet findPrompts(const Workspace& workspace, const std::string& text) {
    if (!isBuiltIn(text) && workspace.findPrompts(text))
        return keptPrompts(workspace, text);
    try {
        return promptSetOf(text);
    } catch (const Error& error) {
        if (error.code() != ErrorCode::NotFound)
            throw;
        std::vector<std::string> names;
        for (const PromptVariant& variant : workspace.prompts())
            names.push_back(variant.name);
        if (names.empty())
            throw;
        throw Error(ErrorCode::NotFound,
                    fmt::format("{}; the workspace keeps: {}", error.what(), fmt::join(names, ", ")));
    }
}

Json withKeptPrompts(const Workspace& workspace, const TaskInfo& task, Json params) {
    for (const ParamSpec& spec : task.params) {
        if (spec.type != ParamSpec::Type::Prompts || !params[spec.id].is_string())
            continue;
        const auto name = params[spec.id].get<std::string>();
        if (!isBuiltIn(name) && workspace.findPrompts(name))
            params[spec.id] = promptSetJson(keptPrompts(workspace, name));
    }
    return params;
}

std::filesystem::path promptFile(const Json& prompts, const std::filesystem::path& workspace) {
    return workspace / "prompts" / (hashText(fileContent(prompts)).hex() + ".json");
}

void writePromptFiles(const Workspace& workspace, const TaskInfo& task, const Json& params) {
    for (const ParamSpec& spec : task.params) {
        if (spec.type != ParamSpec::Type::Prompts || !params[spec.id].is_object())
            continue;
        const std::filesystem::path file = promptFile(params[spec.id], workspace.path());
        std::filesystem::create_directories(file.parent_path());
        writeFileAtomically(file, std::string_view(fileContent(params[spec.id])));
    }
}

} // namespace diptych
