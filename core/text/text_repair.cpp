// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/text/text_repair.h"

#include "core/text/html_entities.h"
#include "core/text/unicode.h"

#include <utility>

namespace diptych {
namespace {

constexpr std::pair<char32_t, std::u32string_view> kLigatures[] = {
    {0x132, U"IJ"},       {0x133, U"ij"},  {0x149, U"\u02BCn"}, {0x1C4, U"D\u017D"}, {0x1C5, U"D\u017E"},
    {0x1C6, U"d\u017E"},  {0x1C7, U"LJ"},  {0x1C8, U"Lj"},      {0x1C9, U"lj"},      {0x1CA, U"NJ"},
    {0x1CB, U"Nj"},       {0x1CC, U"nj"},  {0x1F1, U"DZ"},      {0x1F2, U"Dz"},      {0x1F3, U"dz"},
    {0xFB00, U"ff"},      {0xFB01, U"fi"}, {0xFB02, U"fl"},     {0xFB03, U"ffi"},    {0xFB04, U"ffl"},
    {0xFB05, U"\u017Ft"}, {0xFB06, U"st"},
};

bool isRemovedControl(char32_t c) {
    return c <= 0x8 || c == 0xB || (c >= 0xE && c <= 0x1F) || c == 0x7F || (c >= 0x206A && c <= 0x206F) ||
           c == 0xFEFF || (c >= 0xFFF9 && c <= 0xFFFC);
}

std::u32string_view ligatureParts(char32_t c) {
    for (const auto& [ligature, parts] : kLigatures)
        if (ligature == c)
            return parts;
    return {};
}

/// Replaced one by one: C1 controls as Windows-1252, ligatures, widths, then quotes.
std::u32string plainCharacters(std::u32string_view text) {
    std::u32string out;
    for (char32_t c : text) {
        if (c >= 0x80 && c <= 0x9F)
            c = decodeUtf8(fromWindows1252(std::string(1, static_cast<char>(c)))).front();
        if (const std::u32string_view parts = ligatureParts(c); !parts.empty())
            out += parts;
        else if (c == 0x3000)
            out.push_back(U' ');
        else if (c >= 0xFF01 && c <= 0xFFEF)
            out += toNfkc(std::u32string(1, c));
        else
            out.push_back(c);
    }
    for (char32_t& c : out) {
        if (c >= 0x201C && c <= 0x201F)
            c = U'"';
        else if (c == 0x2BC || (c >= 0x2018 && c <= 0x201B))
            c = U'\'';
    }
    return out;
}

std::u32string unixLines(std::u32string_view text) {
    std::u32string out;
    for (size_t at = 0; at < text.size(); ++at) {
        const char32_t c = text[at];
        if (c == U'\r' && at + 1 < text.size() && text[at + 1] == U'\n')
            continue;
        out.push_back(c == U'\r' || c == 0x2028 || c == 0x2029 || c == 0x85 ? U'\n' : c);
    }
    return out;
}

/// Behind an escape character: "[36;44m". 0: none.
size_t terminalEscapeLength(std::u32string_view text) {
    if (!text.starts_with(U'['))
        return 0;
    size_t at = 1;
    while (at < text.size() && ((text[at] >= U'0' && text[at] <= U'9') || text[at] == U';'))
        ++at;
    const char32_t last = at < text.size() ? text[at] | 0x20u : 0;
    return last >= U'a' && last <= U'z' ? at + 1 : 0;
}

std::u32string withoutControls(std::u32string_view text) {
    std::u32string out;
    for (size_t at = 0; at < text.size(); ++at) {
        if (text[at] == 0x1B)
            at += terminalEscapeLength(text.substr(at + 1));
        else if (!isRemovedControl(text[at]))
            out.push_back(text[at]);
    }
    return out;
}

std::u32string repairedLine(std::u32string line, bool unescapes) {
    // Each round can bring out something for the next ("&amp;lt;"); references only grow shorter.
    for (;;) {
        std::u32string next = unescapes ? unescapeWholeHtml(line) : line;
        next = toCurrentNfc(withoutControls(unixLines(plainCharacters(next))));
        if (next == line)
            return line;
        line = std::move(next);
    }
}

} // namespace

std::u32string repairedText(std::u32string_view text) {
    std::u32string out;
    bool unescapes = true; // until something looks like markup
    while (!text.empty()) {
        const std::u32string_view line = text.substr(0, text.find(U'\n'));
        const size_t size = std::min(text.size(), line.size() + 1);
        unescapes = unescapes && line.find(U'<') == std::u32string_view::npos;
        out += repairedLine(std::u32string(text.substr(0, size)), unescapes);
        text.remove_prefix(size);
    }
    return out;
}

} // namespace diptych
