// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/json.h"
#include "core/text/tokenizer_files.h"

#include <string>
#include <string_view>

namespace diptych {

/// The tokenizer class of transformers that a checkpoint asks for, without "Fast" at the end: what
/// tokenizer_config.json or config.json names, else the one of config.json's model_type. Empty where no class
/// is known or its tokenizer.json is to be taken as it stands.
std::string tokenizerClass(const TokenizerFiles& files);

/// The steps that a class of transformers builds, whatever tokenizer.json says; null for a class that takes
/// the file as it stands. "type" of the model and the file of its "vocabulary" where there is no
/// tokenizer.json; keys as in tokenizer.json ("normalizer", "pre_tokenizer", "decoder"; "model": options),
/// and "tokens": the special tokens by role; "before" and "after": the roles of those around a text, where
/// the class fixes them; "padding_side". The options of tokenizer_config.json are worked in.
/// @throws Error Corrupt for an option of the wrong type
Json tokenizerRecipe(const std::string& tokenizerClass, const TokenizerFiles& files);

} // namespace diptych
