// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace diptych {

/// SentencePiece's table of character replacements ("precompiled_charsmap"): a double-array trie of UTF-8
/// keys and the texts that replace them.
class Charsmap {
public:
    struct Match {
        size_t length = 0;            ///< of the key, in bytes
        std::string_view replacement; ///< lives as long as the table
    };

    /// @param blob size of the trie as little-endian 32 bits, trie, replacements with a zero after each
    /// @throws Error Corrupt that begins with @p where
    Charsmap(std::string_view blob, const std::string& where);

    /// The key at the start of @p text: the shortest, or the longest.
    std::optional<Match> shortest(std::string_view text) const;
    std::optional<Match> longest(std::string_view text) const;

    /// As the Precompiled step of tokenizers: a short grapheme cluster is replaced as a whole where a key
    /// begins it, else character by character.
    std::u32string apply(std::u32string_view text) const;

private:
    std::optional<Match> find(std::string_view text, bool longest) const;

    std::vector<uint32_t> m_trie;
    std::string m_replacements;
};

/// The bytes of base64 text. @throws Error Corrupt that begins with @p where
std::string decodeBase64(std::string_view text, const std::string& where);

} // namespace diptych
