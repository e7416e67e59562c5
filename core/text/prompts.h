// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/error.h"

#include <filesystem>
#include <string>
#include <vector>

namespace diptych {

/// Prompt templates for zero-shot classification; every template holds "{}" exactly once, where the class
/// name goes.
struct PromptSet {
    std::string id;     ///< "simple", "openai-imagenet-80", ...; for a file its path
    std::string title;  ///< for people
    std::string source; ///< where the templates come from
    std::vector<std::string> templates;

    /// All templates with @p className filled in.
    std::vector<std::string> expand(const std::string& className) const;
};

/// The sets in resources/prompts/*.json, "none" and "simple" first. @throws Error
std::vector<PromptSet> builtInPromptSets();
/// A built-in set by id, else a file: JSON ({"templates": [...]} or a list) or text, one template a line, '#'
/// comments.
/// @throws Error NotFound that lists the built-in ids; InvalidArgument for a template without exactly one
/// "{}"
PromptSet loadPromptSet(const std::string& idOrPath);
/// @throws Error InvalidArgument that names the template
void checkPromptTemplates(const std::vector<std::string>& templates);

} // namespace diptych
