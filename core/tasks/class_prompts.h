// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/tasks/task.h"

#include <span>
#include <string>
#include <vector>

namespace diptych {

/// The prompts between '|', trimmed; empty ones do not count.
std::vector<std::string> promptsIn(const std::string& text);
/// The templates a parameter of type Prompts stands for: those of a set or a file, those written out in the
/// text (with a {}, and | between several), or the list itself.
/// @throws Error NotFound, InvalidArgument
std::vector<std::string> promptTemplates(const Json& value);

/// Of every name its prompts, one after the other.
std::vector<std::string> classPrompts(std::span<const std::string> names,
                                      const std::vector<std::string>& templates);

/// [names, d]: of every name the mean of the prompt embeddings of length 1, scaled to length 1 again
/// (Radford et al. 2021, section 3.1.4). @throws Error, Cancelled
Matrix classEmbeddings(Outputs& outputs, std::span<const std::string> names,
                       const std::vector<std::string>& templates, const RunContext& context);

/// The parameter "templates".
ParamSpec templatesParam();

} // namespace diptych
