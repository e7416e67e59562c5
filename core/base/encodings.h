// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace diptych {

/// @param code a code point that is no surrogate
void appendUtf8(char32_t code, std::string& out);
/// Windows-1252 as UTF-8, as browsers read it (WHATWG): its five undefined bytes become control characters,
/// so that no two texts become one.
std::string fromWindows1252(std::string_view bytes);
/// The bytes if they are UTF-8, else what they are in Windows-1252.
std::string readableText(std::string_view bytes);

/// What the first bytes of a text file say of its encoding: a byte order mark, or the zero bytes that ASCII
/// has in UTF-16 and UTF-32.
enum class TextEncoding { Utf8OrOther, Utf16Little, Utf16Big, Utf32 };
struct EncodingGuess {
    TextEncoding encoding = TextEncoding::Utf8OrOther;
    size_t markBytes = 0; ///< length of the byte order mark
};
EncodingGuess guessEncoding(std::string_view head);

/// Converts UTF-16 to UTF-8 piece by piece; a piece may end anywhere. Surrogates without their other half
/// become U+FFFD.
class Utf16Decoder {
public:
    explicit Utf16Decoder(bool bigEndian) : m_bigEndian(bigEndian) {}
    void append(std::string_view bytes, std::string& out);
    void finish(std::string& out); ///< half a character at the end becomes U+FFFD

private:
    void take(char16_t unit, std::string& out);

    bool m_bigEndian;
    std::optional<unsigned char> m_half;
    char16_t m_high = 0; ///< a first surrogate that waits for its second
};

} // namespace diptych
