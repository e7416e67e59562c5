// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/text/prompts.h"

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace diptych {

/// What a file of prompts holds.
enum class PromptFileKind {
    Set,         ///< our own: promptSetJson()
    Templates,   ///< a list; of CLIP_benchmark {dataset: [templates]}, whose "{c}" is our "{}"
    ClassNames,  ///< one name for each class, in the dataset's order; of CLIP_benchmark {dataset: [names]}
    ClassPrompts ///< {class: [prompts]}, as CuPL's, also within {dataset: ...}
};
/// "set", "templates", "classnames", "prompts"
std::string_view promptFileKindName(PromptFileKind kind);
/// @throws Error InvalidArgument
PromptFileKind parsePromptFileKind(std::string_view name);

struct PromptImport {
    std::vector<std::string> classNames; ///< of the dataset that the prompts are for; may be empty
    /// Which member of {dataset: ...}; empty = the only one there is.
    std::string key;
    std::optional<PromptFileKind> kind = {}; ///< what it holds; else what it looks like
};

/// Reads JSON, or text with an entry a line ('#' begins a comment): entries with "{}" or "{c}" are templates,
/// others class names. What the file does not say comes from @p base: names leave the templates as they are.
/// @throws Error Corrupt, NotFound, InvalidArgument: where (file, line or key), what, and the keys there are
PromptSet importPrompts(const std::filesystem::path& file, const PromptImport& import, const PromptSet& base);

/// The content of such a file; JSON but for Templates and ClassNames with @p asText (an entry a line).
/// Templates and names have the forms of CLIP_benchmark under @p key; ClassPrompts writes every prompt of
/// every class, names filled in: the whole ensemble. @p lost gets what the form cannot hold, in words.
/// @throws Error InvalidArgument for a class without any prompt (ClassPrompts)
std::string exportPrompts(const PromptSet& prompts, PromptFileKind kind,
                          const std::vector<std::string>& classNames, const std::string& key, bool asText,
                          std::vector<std::string>& lost);

} // namespace diptych
