// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/json.h"

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace diptych {

/// A step from token strings to text; the last step's strings are joined.
using Decoder = std::function<std::vector<std::string>(std::vector<std::string>)>;

/// The 'decoder' of a tokenizer.json, as the tokenizers library applies it: Sequence, ByteLevel, WordPiece,
/// Metaspace, BPEDecoder, Replace, ByteFallback, Fuse, Strip.
/// @param step null: tokens are joined with spaces
/// @throws Error Unsupported that names any other step or pattern; Corrupt
Decoder readDecoder(const Json* step, const std::string& where);

/// The bytes a token in the byte alphabet stands for; its own bytes if one of its characters stands for none.
void appendTokenBytes(std::string_view token, std::string& out);
std::string replacedText(std::string_view text, std::string_view what, std::string_view by);
/// transformers' clean_up_tokenization: no space before punctuation and English contractions.
std::string withoutTokenizationSpaces(std::string text);

} // namespace diptych
