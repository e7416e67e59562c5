// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/encodings.h"

#include "core/base/file.h"

#include <array>
#include <utility>

namespace diptych {
namespace {

constexpr char32_t kReplacement = 0xFFFD;

/// Of the bytes 0x80 to 0x9F; all others are the code points of their value.
constexpr std::array<char16_t, 32> kWindows1252 = {
    0x20AC, 0x0081, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160,
    0x2039, 0x0152, 0x008D, 0x017D, 0x008F, 0x0090, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022,
    0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0x009D, 0x017E, 0x0178};

} // namespace

void appendUtf8(char32_t code, std::string& out) {
    const auto byte = [&](char32_t value) { out += static_cast<char>(static_cast<unsigned char>(value)); };
    if (code < 0x80) {
        byte(code);
    } else if (code < 0x800) {
        byte(0xC0 | code >> 6);
        byte(0x80 | (code & 0x3F));
    } else if (code < 0x10000) {
        byte(0xE0 | code >> 12);
        byte(0x80 | (code >> 6 & 0x3F));
        byte(0x80 | (code & 0x3F));
    } else {
        byte(0xF0 | code >> 18);
        byte(0x80 | (code >> 12 & 0x3F));
        byte(0x80 | (code >> 6 & 0x3F));
        byte(0x80 | (code & 0x3F));
    }
}

std::string fromWindows1252(std::string_view bytes) {
    std::string text;
    text.reserve(bytes.size() + bytes.size() / 8);
    for (const char c : bytes) {
        const auto byte = static_cast<unsigned char>(c);
        appendUtf8(byte >= 0x80 && byte < 0xA0 ? kWindows1252[byte - 0x80u] : byte, text);
    }
    return text;
}

std::string readableText(std::string_view bytes) {
    return isValidUtf8(bytes) ? std::string(bytes) : fromWindows1252(bytes);
}

EncodingGuess guessEncoding(std::string_view head) {
    const auto zero = [&](size_t i) { return i < head.size() && head[i] == '\0'; };
    const auto some = [&](size_t i) { return i < head.size() && head[i] != '\0'; };
    if (head.starts_with("\xEF\xBB\xBF"))
        return {TextEncoding::Utf8OrOther, 3};
    const bool little = head.starts_with("\xFF\xFE"), big = head.starts_with("\xFE\xFF");
    if ((little && zero(2) && zero(3)) || (zero(0) && zero(1) && head.substr(2).starts_with("\xFE\xFF")) ||
        (some(0) && zero(1) && zero(2) && zero(3)) || (zero(0) && zero(1) && zero(2) && some(3)))
        return {TextEncoding::Utf32, 0};
    if (little || (some(0) && zero(1) && some(2) && zero(3)))
        return {TextEncoding::Utf16Little, little ? 2u : 0u};
    if (big || (zero(0) && some(1) && zero(2) && some(3)))
        return {TextEncoding::Utf16Big, big ? 2u : 0u};
    return {};
}

void Utf16Decoder::append(std::string_view bytes, std::string& out) {
    for (const char c : bytes) {
        const auto byte = static_cast<unsigned char>(c);
        if (!m_half) {
            m_half = byte;
            continue;
        }
        const unsigned first = *std::exchange(m_half, std::nullopt);
        take(static_cast<char16_t>(m_bigEndian ? first << 8 | byte : first | byte << 8), out);
    }
}

void Utf16Decoder::take(char16_t unit, std::string& out) {
    const bool first = unit >= 0xD800 && unit < 0xDC00, second = unit >= 0xDC00 && unit < 0xE000;
    if (m_high != 0 && second) {
        const char32_t high = std::exchange(m_high, u'\0');
        appendUtf8(0x10000 + ((high - 0xD800u) << 10) + (unit - 0xDC00u), out);
        return;
    }
    if (std::exchange(m_high, u'\0') != 0)
        appendUtf8(kReplacement, out);
    if (first)
        m_high = unit;
    else
        appendUtf8(second ? kReplacement : unit, out);
}

void Utf16Decoder::finish(std::string& out) {
    if (m_high != 0 || m_half)
        appendUtf8(kReplacement, out);
    m_high = 0;
    m_half.reset();
}

} // namespace diptych
