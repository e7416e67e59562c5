// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/text/word_patterns.h"

#include "core/text/clip_words.h"
#include "core/text/unicode.h"

namespace diptych {
namespace {

bool isLineBreak(char32_t c) {
    return c == U'\r' || c == U'\n';
}

size_t runEnd(std::u32string_view text, size_t at, CharClass kind, size_t most = SIZE_MAX) {
    size_t end = at;
    while (end < text.size() && end - at < most && classify(text[end]) == kind)
        ++end;
    return end;
}

/// \s+(?!\S)|\s+ from @p at: a run of spaces without its last where something follows and more than one is
/// there.
size_t spacesEnd(std::u32string_view text, size_t at) {
    const size_t end = runEnd(text, at, CharClass::Space);
    return end < text.size() && end > at + 1 ? end - 1 : end;
}

/// (?i:'s|'t|'re|'ve|'m|'ll|'d): length or 0. As the library's engine folds case, U+017F is an s.
size_t contractionLengthAnyCase(std::u32string_view text) {
    if (text.empty() || text[0] != U'\'')
        return 0;
    std::u32string folded = toLower(text.substr(0, 3));
    for (char32_t& c : folded)
        if (c == 0x17F)
            c = U's';
    return contractionLength(folded);
}

/// (?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,k}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|
/// \s+(?!\S)|\s+ at @p at: where the match ends.
size_t modernWordEnd(std::u32string_view text, size_t at, size_t mostDigits) {
    if (const size_t length = contractionLengthAnyCase(text.substr(at)))
        return at + length;
    const CharClass kind = classify(text[at]);
    const bool more = at + 1 < text.size();
    if (kind == CharClass::Letter)
        return runEnd(text, at, CharClass::Letter);
    if (kind == CharClass::Number)
        return runEnd(text, at, CharClass::Number, mostDigits);
    if (!isLineBreak(text[at]) && more && classify(text[at + 1]) == CharClass::Letter)
        return runEnd(text, at + 1, CharClass::Letter);
    const size_t start = text[at] == U' ' ? at + 1 : at;
    if (size_t end = runEnd(text, start, CharClass::Other); end > start) {
        while (end < text.size() && isLineBreak(text[end]))
            ++end;
        return end;
    }
    const size_t end = runEnd(text, at, CharClass::Space);
    for (size_t last = end; last > at; --last)
        if (isLineBreak(text[last - 1]))
            return last;
    return spacesEnd(text, at);
}

size_t gpt2WordEnd(std::u32string_view text, size_t at) {
    if (const size_t length = contractionLength(text.substr(at)))
        return at + length;
    const size_t start = text[at] == U' ' && at + 1 < text.size() ? at + 1 : at;
    const CharClass kind = classify(text[start]);
    return kind == CharClass::Space ? spacesEnd(text, at) : runEnd(text, start, kind);
}

template<class WordEnd>
Matches allWords(std::u32string_view text, WordEnd wordEnd) {
    Matches out;
    for (size_t at = 0; at < text.size();) {
        const size_t end = wordEnd(at);
        out.emplace_back(at, end);
        at = end;
    }
    return out;
}

Matches modernWords(std::u32string_view text, size_t mostDigits) {
    return allWords(text, [&](size_t at) { return modernWordEnd(text, at, mostDigits); });
}

Matches qwen2Words(std::u32string_view text) {
    return modernWords(text, 1);
}

Matches llama3Words(std::u32string_view text) {
    return modernWords(text, 3);
}

struct KnownPattern {
    std::string_view regex;
    Matches (*words)(std::u32string_view);
};
constexpr KnownPattern kKnown[] = {
    {R"('s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+)", gpt2Words},
    {R"('(?:[sdmt]|ll|ve|re)| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+)", gpt2Words},
    {R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)",
     qwen2Words},
    {R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)",
     llama3Words},
};

} // namespace

Matches gpt2Words(std::u32string_view text) {
    return allWords(text, [&](size_t at) { return gpt2WordEnd(text, at); });
}

Matcher wordPattern(std::string_view regex) {
    for (const KnownPattern& known : kKnown)
        if (known.regex == regex)
            return known.words;
    return nullptr;
}

} // namespace diptych
