// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/json.h"

#include <functional>
#include <string>

namespace diptych {

/// A step that changes a text before it is cut into words.
using Normalizer = std::function<std::u32string(std::u32string)>;

/// The 'normalizer' of a tokenizer.json, as the tokenizers library applies it: Sequence, NFC, NFD, NFKC,
/// NFKD, Lowercase, Strip, StripAccents, Replace, Prepend, BertNormalizer, Precompiled.
/// @param step null: the text stays as it is
/// @throws Error Unsupported that names any other step or pattern; Corrupt
Normalizer readNormalizer(const Json* step, const std::string& where);

/// The Precompiled step over a table of character replacements. @throws Error as Charsmap
Normalizer charsmapNormalizer(std::string_view blob, const std::string& where);

/// Without whitespace (\s) at the ends that are asked for.
std::u32string stripSpaces(std::u32string_view text, bool left, bool right);

} // namespace diptych
