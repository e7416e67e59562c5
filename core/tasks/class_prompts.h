// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/tasks/task.h"
#include "core/text/prompts.h"

#include <span>
#include <string>
#include <vector>

namespace diptych {

/// The prompts between '|', trimmed; empty ones do not count.
std::vector<std::string> promptsIn(const std::string& text);
/// The prompts a parameter of type Prompts stands for: a set or a file, templates written out in the text
/// (with a {}, and | between several), a list of templates, or an object (promptSetJson()).
/// @throws Error NotFound, InvalidArgument, Corrupt
PromptSet promptSetOf(const Json& value);

/// The prompts of all classes, one class after the other.
struct ClassTexts {
    std::vector<std::string> texts;
    std::vector<size_t> starts; ///< [classes + 1]: where those of each class begin
    size_t count(size_t index) const { return starts[index + 1] - starts[index]; }
};
/// @throws Error InvalidArgument for a class with neither templates nor prompts of its own
ClassTexts classTexts(std::span<const std::string> names, const PromptSet& prompts);

/// [names, d]: of every name the mean of the prompt embeddings of length 1, scaled to length 1 again
/// (Radford et al. 2021, section 3.1.4). @throws Error, Cancelled
Matrix classEmbeddings(Outputs& outputs, std::span<const std::string> names, const PromptSet& prompts,
                       const RunContext& context);
/// The same from rows that are there already: [texts.texts.size(), d], each of length 1.
Matrix classMeans(const Matrix& rows, const ClassTexts& texts);

/// Adds to a run's details what it was prompted with: "templates" and, where there are any, "class_words".
void addPromptDetails(Json& details, const PromptSet& prompts);

/// The parameter "templates".
ParamSpec templatesParam();

} // namespace diptych
