// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/json.h"

#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace diptych {

/// What one class is called, and prompts that it has for itself.
struct ClassWords {
    std::vector<std::string> names; ///< in place of the dataset's; several are synonyms; empty = as it is
    /// Beside the templates (Pratt et al. 2023, CuPL); one that holds {} is filled in with every name.
    std::vector<std::string> prompts;
    friend bool operator==(const ClassWords&, const ClassWords&) = default;
};

/// Prompts for zero-shot classification: every template holds "{}" exactly once, where the class name goes.
struct PromptSet {
    std::string id;     ///< "simple", "openai-imagenet-80", ...; for a file its path
    std::string title;  ///< for people
    std::string source; ///< where the templates come from
    std::vector<std::string> templates;
    std::map<std::string, ClassWords> classes = {}; ///< by the dataset's name of the class

    /// The names that @p className goes by: its own words', else itself.
    std::vector<std::string> namesOf(const std::string& className) const;
    /// Of every name all templates, then the class's own prompts; empty where there are neither.
    std::vector<std::string> expand(const std::string& className) const;
};

/// @p text with @p name where its first "{}" is.
std::string fillTemplate(const std::string& text, const std::string& name);

/// The sets in resources/prompts/*.json, "none" and "simple" first. @throws Error
std::vector<PromptSet> builtInPromptSets();
/// A built-in set by id, else a file: JSON ({"templates": [...]} or a list) or text, one template a line, '#'
/// comments.
/// @throws Error NotFound that lists the built-in ids; InvalidArgument for a template without exactly one
/// "{}"
PromptSet loadPromptSet(const std::string& idOrPath);
/// @throws Error InvalidArgument that names the template
void checkPromptTemplates(const std::vector<std::string>& templates);
/// Templates may be missing where classes have prompts of their own. @throws Error InvalidArgument that names
/// the template, or the class
void checkPromptSet(const PromptSet& set);

/// {"title", "source", "templates": [...], "classes": {"cat": {"names": [...], "prompts": [...]}}}; what is
/// empty is left out.
Json promptSetJson(const PromptSet& set);
/// The reverse; a list is the templates alone. Its id is left empty. @param where for messages
/// @throws Error Corrupt that names the member; InvalidArgument as checkPromptSet()
PromptSet promptSetFromJson(const Json& json, const std::string& where);

} // namespace diptych
