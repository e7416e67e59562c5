// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/json.h"

#include <functional>
#include <string>
#include <vector>

namespace diptych {

/// A piece of a text on its way to words.
struct TextPiece {
    std::u32string text;
    bool first = false; ///< the text begins with it
};

/// A step that cuts pieces into smaller ones and may rewrite them; it leaves no empty piece.
using PreTokenizer = std::function<std::vector<TextPiece>(std::vector<TextPiece>)>;

/// The 'pre_tokenizer' of a tokenizer.json, as the tokenizers library applies it: Sequence, BertPreTokenizer,
/// Whitespace, WhitespaceSplit, Punctuation, Digits, Metaspace, ByteLevel, Split.
/// @param step null: a text is one word
/// @throws Error Unsupported that names any other step, pattern or option; Corrupt
PreTokenizer readPreTokenizer(const Json* step, const std::string& where);

} // namespace diptych
