// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <optional>
#include <string>

namespace diptych {

/// GPT-2's printable stand-in for every byte (Radford et al. 2019): printable Latin-1 stands for itself, the
/// rest for U+0100 onwards. Byte-level vocabularies are written with these characters.
const std::array<char32_t, 256>& byteCharacters();
/// The bytes in the order in which such vocabularies number them: printable ones first.
const std::array<unsigned char, 256>& byteOrder();
/// The byte a character stands for.
std::optional<unsigned char> byteOfCharacter(char32_t character);
/// The stand-in as UTF-8.
std::string byteToken(unsigned char byte);

} // namespace diptych
