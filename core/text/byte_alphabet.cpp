// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/text/byte_alphabet.h"

#include "core/text/unicode.h"

#include <algorithm>

namespace diptych {
namespace {

constexpr bool isPrintable(unsigned byte) {
    return (byte >= 0x21 && byte <= 0x7E) || (byte >= 0xA1 && byte <= 0xAC) || byte >= 0xAE;
}

} // namespace

const std::array<char32_t, 256>& byteCharacters() {
    static const std::array<char32_t, 256> table = [] {
        std::array<char32_t, 256> out{};
        char32_t next = 0x100;
        for (unsigned byte = 0; byte < out.size(); ++byte)
            out[byte] = isPrintable(byte) ? static_cast<char32_t>(byte) : next++;
        return out;
    }();
    return table;
}

const std::array<unsigned char, 256>& byteOrder() {
    static const std::array<unsigned char, 256> table = [] {
        std::array<unsigned char, 256> out{};
        for (unsigned byte = 0; byte < out.size(); ++byte)
            out[byte] = static_cast<unsigned char>(byte);
        std::stable_partition(out.begin(), out.end(), [](unsigned char byte) { return isPrintable(byte); });
        return out;
    }();
    return table;
}

std::optional<unsigned char> byteOfCharacter(char32_t character) {
    if (character < 0x100)
        return isPrintable(character) ? std::optional(static_cast<unsigned char>(character)) : std::nullopt;
    const auto& table = byteCharacters();
    const auto found = std::find(table.begin(), table.end(), character);
    if (found == table.end())
        return std::nullopt;
    return static_cast<unsigned char>(found - table.begin());
}

std::string byteToken(unsigned char byte) {
    std::string out;
    appendUtf8(byteCharacters()[byte], out);
    return out;
}

} // namespace diptych
