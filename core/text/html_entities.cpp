// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/text/html_entities.h"

#include "core/text/html_entities_table.h"
#include "core/text/unicode.h"

#include <utf8proc.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <unordered_map>

namespace diptych {
namespace {

struct Entity {
    std::u32string text;
    bool mayLackSemicolon = false;
};
using Entities = std::unordered_map<std::string_view, Entity>;

char32_t hexadecimal(std::string_view digits) {
    uint32_t value = 0;
    std::from_chars(digits.data(), digits.data() + digits.size(), value, 16);
    return value;
}

Entities readEntities() {
    Entities out;
    std::string_view rest = kHtmlEntities;
    while (!rest.empty()) {
        std::string_view entry = rest.substr(0, rest.find(' '));
        rest.remove_prefix(entry.size() + 1);
        std::string_view name = entry.substr(0, entry.find('='));
        entry.remove_prefix(name.size() + 1);
        Entity entity;
        entity.mayLackSemicolon = name.ends_with('!');
        if (entity.mayLackSemicolon)
            name.remove_suffix(1);
        while (!entry.empty()) {
            const std::string_view code = entry.substr(0, entry.find(','));
            entity.text.push_back(hexadecimal(code));
            entry.remove_prefix(std::min(entry.size(), code.size() + 1));
        }
        out.emplace(name, std::move(entity));
    }
    return out;
}

const Entity* entityNamed(const std::string& name) {
    static const Entities entities = readEntities();
    const auto found = entities.find(name);
    return found == entities.end() ? nullptr : &found->second;
}

bool isNoCharacter(uint64_t code) {
    return (code >= 0x1 && code <= 0x8) || code == 0xB || (code >= 0xE && code <= 0x1F) ||
           (code >= 0x7F && code <= 0x9F) || (code >= 0xFDD0 && code <= 0xFDEF) || (code & 0xFFFEu) == 0xFFFE;
}

/// The character with a number, as browsers read it.
std::u32string characterOf(uint64_t code) {
    if (code == 0 || (code >= 0xD800 && code <= 0xDFFF) || code > 0x10FFFF)
        return U"\uFFFD";
    if (code >= 0x80 && code <= 0x9F)
        return decodeUtf8(fromWindows1252(std::string(1, static_cast<char>(code))));
    if (isNoCharacter(code))
        return {};
    return std::u32string(1, static_cast<char32_t>(code));
}

bool isDigit(char32_t c) {
    return c >= U'0' && c <= U'9';
}
bool isHexDigit(char32_t c) {
    return isDigit(c) || (c >= U'a' && c <= U'f') || (c >= U'A' && c <= U'F');
}
bool isAlphanumeric(char32_t c) {
    return isDigit(c) || (c >= U'a' && c <= U'z') || (c >= U'A' && c <= U'Z');
}

/// What a text begins with, and what stands for it.
struct Reference {
    size_t length = 0;
    std::u32string text;
};

/// "#123;" or "#xAB" behind the ampersand.
std::optional<Reference> numericReference(std::u32string_view text) {
    const bool isHex = text.size() > 1 && (text[1] == U'x' || text[1] == U'X');
    const size_t begin = isHex ? 2 : 1;
    size_t end = begin;
    uint64_t code = 0;
    for (; end < text.size() && (isHex ? isHexDigit(text[end]) : isDigit(text[end])); ++end) {
        const char32_t c = text[end];
        const uint64_t digit = isDigit(c) ? c - U'0' : (c | 0x20u) - U'a' + 10;
        code = std::min<uint64_t>(code * (isHex ? 16 : 10) + digit, 0x110000);
    }
    if (end == begin)
        return std::nullopt;
    if (end < text.size() && text[end] == U';')
        ++end;
    return Reference{end, characterOf(code)};
}

/// A name behind the ampersand: all of it, else the longest beginning that may lack its semicolon.
std::optional<Reference> namedReference(std::u32string_view text) {
    constexpr size_t kLongest = 32;
    size_t end = 0;
    while (end < text.size() && end < kLongest &&
           std::u32string_view(U"\t\n\f <&#;").find(text[end]) == std::u32string_view::npos)
        ++end;
    const std::string name = encodeUtf8(text.substr(0, end));
    const Entity* whole = entityNamed(name);
    if (whole && end < text.size() && text[end] == U';')
        return Reference{end + 1, whole->text};
    for (size_t size = end; size > 1; --size)
        if (const Entity* entity = entityNamed(encodeUtf8(text.substr(0, size)));
            entity && entity->mayLackSemicolon)
            return Reference{size, entity->text};
    return std::nullopt;
}

std::optional<Reference> anyReference(std::u32string_view text) {
    return text.starts_with(U'#') ? numericReference(text) : namedReference(text);
}

/// Python's str.upper() of what an entity stands for.
std::u32string inCapitals(const std::u32string& text) {
    std::u32string out;
    for (const char32_t c : text)
        if (c == U'\u00DF')
            out += U"SS";
        else
            out.push_back(static_cast<char32_t>(utf8proc_toupper(static_cast<utf8proc_int32_t>(c))));
    return out;
}

/// The entity whose name in lower case is given in capitals, where HTML reads no other there.
std::optional<std::u32string> shoutedEntity(std::u32string_view name) {
    if (std::any_of(name.begin(), name.end(), [](char32_t c) { return c >= U'a' && c <= U'z'; }) ||
        namedReference(name))
        return std::nullopt;
    const Entity* entity = entityNamed(encodeUtf8(toLower(name)));
    return entity ? std::optional(inCapitals(entity->text)) : std::nullopt;
}

/// "name;" or "#12;" behind the ampersand.
std::optional<Reference> wholeReference(std::u32string_view text) {
    constexpr size_t kLongest = 24;
    const size_t begin = text.starts_with(U'#') ? 1 : 0;
    size_t end = begin;
    while (end < text.size() && end - begin < kLongest && isAlphanumeric(text[end]))
        ++end;
    if (end == begin || end == text.size() || text[end] != U';')
        return std::nullopt;
    if (begin == 1) {
        auto number = numericReference(text);
        return number && number->length == end + 1 ? number : std::nullopt;
    }
    const std::u32string_view name = text.substr(0, end);
    if (const Entity* entity = entityNamed(encodeUtf8(name)))
        return Reference{end + 1, entity->text};
    if (auto shouted = shoutedEntity(name))
        return Reference{end + 1, std::move(*shouted)};
    return std::nullopt;
}

template<class Find>
std::u32string unescaped(std::u32string_view text, Find find) {
    std::u32string out;
    out.reserve(text.size());
    for (size_t at = 0; at < text.size();) {
        const auto reference = text[at] == U'&' ? find(text.substr(at + 1)) : std::nullopt;
        if (reference)
            out += reference->text;
        else
            out.push_back(text[at]);
        at += 1 + (reference ? reference->length : 0);
    }
    return out;
}

} // namespace

std::u32string unescapeHtml(std::u32string_view text) {
    return unescaped(text, anyReference);
}

std::u32string unescapeWholeHtml(std::u32string_view text) {
    return unescaped(text, wholeReference);
}

} // namespace diptych
