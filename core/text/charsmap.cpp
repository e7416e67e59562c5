// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/text/charsmap.h"

#include "core/text/tokenizer_reading.h"
#include "core/text/unicode.h"

#include <fmt/format.h>

namespace diptych {
namespace {

/// The tokenizers library takes longer clusters apart.
constexpr size_t kMaxClusterBytes = 5;

// A node of the Darts double array (Yata): label, offset to its children, whether a key ends at it.
constexpr uint32_t labelOf(uint32_t node) {
    return node & 0x800000FFu;
}
constexpr size_t offsetOf(uint32_t node) {
    return static_cast<size_t>(node >> 10) << ((node & 0x200u) >> 6);
}
constexpr bool endsKey(uint32_t node) {
    return (node >> 8) & 1u;
}
constexpr size_t valueOf(uint32_t leaf) {
    return leaf & 0x7FFFFFFFu;
}

uint32_t littleEndian(std::string_view bytes) {
    uint32_t out = 0;
    for (size_t i = 4; i-- > 0;)
        out = (out << 8) | static_cast<unsigned char>(bytes[i]);
    return out;
}

} // namespace

Charsmap::Charsmap(std::string_view blob, const std::string& where) {
    const size_t bytes = blob.size() >= 4 ? littleEndian(blob) : 0;
    if (bytes == 0 || bytes % 4 != 0 || bytes > blob.size() - 4)
        corrupt(where, "the table of character replacements is cut short");
    m_trie.resize(bytes / 4);
    for (size_t i = 0; i < m_trie.size(); ++i)
        m_trie[i] = littleEndian(blob.substr(4 + i * 4));
    m_replacements = blob.substr(4 + bytes);
}

std::optional<Charsmap::Match> Charsmap::find(std::string_view text, bool longest) const {
    std::optional<Match> out;
    size_t node = offsetOf(m_trie[0]);
    for (size_t i = 0; i < text.size(); ++i) {
        const auto byte = static_cast<unsigned char>(text[i]);
        node ^= byte;
        if (byte == 0 || node >= m_trie.size() || labelOf(m_trie[node]) != byte)
            break;
        const bool isEnd = endsKey(m_trie[node]);
        node ^= offsetOf(m_trie[node]);
        if (node >= m_trie.size())
            break;
        if (const size_t at = valueOf(m_trie[node]); isEnd && at < m_replacements.size()) {
            const size_t end = std::min(m_replacements.find('\0', at), m_replacements.size());
            out = Match{i + 1, std::string_view(m_replacements).substr(at, end - at)};
            if (!longest)
                break;
        }
    }
    return out;
}

std::optional<Charsmap::Match> Charsmap::shortest(std::string_view text) const {
    return find(text, false);
}

std::optional<Charsmap::Match> Charsmap::longest(std::string_view text) const {
    return find(text, true);
}

std::u32string Charsmap::apply(std::u32string_view text) const {
    std::u32string out;
    out.reserve(text.size());
    for (size_t at = 0; at < text.size();) {
        const std::u32string_view cluster = text.substr(at, graphemeLength(text.substr(at)));
        at += cluster.size();
        // A cluster of more characters is longer in bytes too.
        const std::string bytes = cluster.size() <= kMaxClusterBytes ? encodeUtf8(cluster) : std::string();
        const auto whole =
            !bytes.empty() && bytes.size() <= kMaxClusterBytes ? shortest(bytes) : std::nullopt;
        if (whole) {
            out += decodeUtf8(whole->replacement);
            continue;
        }
        for (const char32_t c : cluster) {
            if (const auto match = shortest(encodeUtf8({&c, 1})))
                out += decodeUtf8(match->replacement);
            else
                out.push_back(c);
        }
    }
    return out;
}

std::string decodeBase64(std::string_view text, const std::string& where) {
    static constexpr std::string_view kDigits =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    while (text.ends_with('='))
        text.remove_suffix(1);
    std::string out;
    out.reserve(text.size() / 4 * 3 + 3);
    uint32_t bits = 0;
    unsigned count = 0;
    for (const char c : text) {
        const size_t digit = kDigits.find(c);
        if (digit == std::string_view::npos)
            corrupt(where, "base64 text is expected");
        bits = (bits << 6) | static_cast<uint32_t>(digit);
        count += 6;
        if (count >= 8) {
            count -= 8;
            out.push_back(static_cast<char>((bits >> count) & 0xFFu));
        }
    }
    return out;
}

} // namespace diptych
