// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/text/added_tokens.h"
#include "core/text/tokenizer_files.h"

#include <map>
#include <string>
#include <vector>

namespace diptych {

/// The special and added tokens of a checkpoint.
struct SpecialTokens {
    std::map<std::string, AddedToken> named; ///< by role: "bos_token", "pad_token", ...
    std::vector<AddedToken> further;         ///< special tokens without a role
    std::vector<AddedToken> added;           ///< those that a file lists with their ids
};

/// Reads what the files say over what is there. Precedence as in transformers: tokenizer_config.json with an
/// added_tokens_decoder says it all; else special_tokens_map.json overrides it, and flags come from
/// tokenizer.json. @throws Error Corrupt that names the file and the key
void readSpecialTokens(const TokenizerFiles& files, SpecialTokens& tokens);

/// Appends to the list of added tokens the named and further ones that it lacks; of those with the same text
/// the last.
void listNamedTokens(SpecialTokens& tokens);

} // namespace diptych
