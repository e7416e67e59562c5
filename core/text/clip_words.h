// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/text/unicode.h"

#include <string_view>

namespace diptych {

/// Length of an English contraction ('s 't 're 've 'm 'll 'd) at the start of @p text, or 0.
inline size_t contractionLength(std::u32string_view text) {
    if (text.size() < 2 || text[0] != U'\'')
        return 0;
    if (text[1] == U's' || text[1] == U't' || text[1] == U'm' || text[1] == U'd')
        return 2;
    const std::u32string_view two = text.substr(1, 2);
    return two == U"re" || two == U"ve" || two == U"ll" ? 3 : 0;
}

/// The special token that @p text starts with, or nothing. transformers' pattern takes them as one match, and
/// its byte-level step then splits them in three.
inline std::u32string_view leadingSpecial(std::u32string_view text) {
    for (const std::u32string_view special :
         {std::u32string_view(U"<|startoftext|>"), std::u32string_view(U"<|endoftext|>")})
        if (text.starts_with(special))
            return special;
    return {};
}

/// Calls visit(word) for each word of CLIP's pattern
/// <\|startoftext\|>|<\|endoftext\|>|'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+ until it
/// returns false. Whitespace is never part of a word, so collapsing it first would change nothing.
/// @param findsSpecials false: the pattern as OpenAI and OpenCLIP have it, without the first two
template<class Visit>
void forEachClipWord(std::u32string_view text, bool findsSpecials, Visit visit) {
    for (size_t at = 0; at < text.size();) {
        const CharClass kind = classify(text[at]);
        if (kind == CharClass::Space) {
            ++at;
            continue;
        }
        if (const std::u32string_view special =
                findsSpecials && text[at] == U'<' ? leadingSpecial(text.substr(at)) : std::u32string_view();
            !special.empty()) {
            const size_t inner = special.size() - 4;
            if (!visit(text.substr(at, 2)) || !visit(text.substr(at + 2, inner)) ||
                !visit(text.substr(at + 2 + inner, 2)))
                return;
            at += special.size();
            continue;
        }
        size_t length = kind == CharClass::Other ? contractionLength(text.substr(at)) : 0;
        if (length == 0) {
            length = 1;
            while (kind != CharClass::Number && at + length < text.size() &&
                   classify(text[at + length]) == kind)
                ++length;
        }
        if (!visit(text.substr(at, length)))
            return;
        at += length;
    }
}

} // namespace diptych
