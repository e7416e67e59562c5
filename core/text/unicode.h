// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/encodings.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace diptych {

/// What word patterns tell apart: \p{L}, \p{N}, \s and the rest.
enum class CharClass : uint8_t { Letter, Number, Space, Other };

// Unicode as the `tokenizers` library sees it (see unicode_differences.h), on top of utf8proc. All of these
// take any sequence of scalar values and are linear in its length but for sorting runs of combining marks.

/// Any bytes; each maximal part of an ill-formed sequence becomes U+FFFD, as in Rust and Python.
std::u32string decodeUtf8(std::string_view text);
/// Where the character after the one at @p at begins. @param text well-formed UTF-8, longer than @p at
size_t nextCharacter(std::string_view text, size_t at);
std::string encodeUtf8(std::u32string_view text);

CharClass classify(char32_t codePoint);
/// \w of the library: letters, marks, decimal digits, connectors.
bool isWordChar(char32_t codePoint);

/// What BERT's pre-tokenizer takes as words of their own.
bool isPunctuation(char32_t codePoint);
/// Control, format and private characters that BERT's cleaning removes.
bool isRemovedByCleaning(char32_t codePoint);
bool isNonspacingMark(char32_t codePoint);
bool isCombiningMark(char32_t codePoint);

/// Normalisation forms.
std::u32string toNfc(std::u32string text);
std::u32string toNfd(std::u32string_view text);
std::u32string toNfkc(std::u32string_view text);
std::u32string toNfkd(std::u32string_view text);
/// NFC with utf8proc's own tables, which are newer than the library's.
std::u32string toCurrentNfc(std::u32string_view text);
/// Characters in the first extended grapheme cluster of a text that is not empty.
size_t graphemeLength(std::u32string_view text);
/// Each character on its own, as Rust's char::to_lowercase: no final sigma, "I with dot" becomes two.
std::u32string toLower(std::u32string_view text);
/// As Python's str.lower(): a sigma at the end of a word becomes a final one.
std::u32string toLowerText(std::u32string_view text);

/// What Python takes as whitespace: \s and the separators U+001C to U+001F.
bool isPythonSpace(char32_t codePoint);
/// Python's " ".join(text.split()).
std::u32string singleSpaced(std::u32string_view text);
/// Python's string.punctuation.
constexpr bool isAsciiPunctuation(char32_t c) {
    return (c >= 0x21 && c <= 0x2F) || (c >= 0x3A && c <= 0x40) || (c >= 0x5B && c <= 0x60) ||
           (c >= 0x7B && c <= 0x7E);
}
/// Python's str.strip(), lstrip() or rstrip().
std::u32string_view stripPythonSpaces(std::u32string_view text, bool left, bool right);

} // namespace diptych
