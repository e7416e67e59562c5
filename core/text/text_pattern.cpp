// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/text/text_pattern.h"

#include "core/text/tokenizer_reading.h"
#include "core/text/unicode.h"
#include "core/text/word_patterns.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

namespace diptych {
namespace {

constexpr size_t kUnbounded = SIZE_MAX;

/// One character class, repeated.
struct ClassPattern {
    std::vector<std::pair<char32_t, char32_t>> ranges;
    bool space = false;   ///< \s belongs to the class
    bool negated = false; ///< what is not in the class matches
    size_t least = 1, most = 1;

    bool contains(char32_t c) const {
        const bool inside = (space && classify(c) == CharClass::Space) ||
                            std::any_of(ranges.begin(), ranges.end(), [c](const auto& range) {
                                return range.first <= c && c <= range.second;
                            });
        return inside != negated;
    }
};

/// Reads the few regular expressions that ClassPattern can stand for.
class ClassParser {
public:
    explicit ClassParser(std::u32string_view text) : m_text(text) {}

    std::optional<ClassPattern> parse() {
        ClassPattern out;
        if (m_text.empty() || !(take(U'[') ? parseBracket(out) : parseOne(out)) || !parseRepetition(out) ||
            m_at != m_text.size())
            return std::nullopt;
        return out;
    }

    /// A text of several characters, in which what means something is escaped.
    std::optional<std::u32string> parseText() {
        std::u32string out;
        while (!atEnd()) {
            ClassPattern one;
            if (!parseOne(one) || one.space)
                return std::nullopt;
            out.push_back(one.ranges.front().first);
        }
        return out.empty() ? std::nullopt : std::optional(std::move(out));
    }

private:
    bool atEnd() const { return m_at >= m_text.size(); }
    bool take(char32_t c) {
        if (atEnd() || m_text[m_at] != c)
            return false;
        ++m_at;
        return true;
    }

    /// A character, or \s which goes into @p out; nothing for what is not supported.
    std::optional<char32_t> parseCharacter(ClassPattern& out, std::u32string_view reserved, bool& wasSpace) {
        wasSpace = false;
        if (atEnd())
            return std::nullopt;
        const char32_t c = m_text[m_at++];
        if (c != U'\\')
            return reserved.find(c) == std::u32string_view::npos ? std::optional(c) : std::nullopt;
        if (atEnd())
            return std::nullopt;
        const char32_t escaped = m_text[m_at++];
        if (escaped == U's') {
            out.space = wasSpace = true;
            return U' ';
        }
        const bool letterOrDigit = escaped < 0x80 && classify(escaped) != CharClass::Other;
        return letterOrDigit ? std::nullopt : std::optional(escaped);
    }

    bool parseOne(ClassPattern& out) {
        bool wasSpace = false;
        const auto c = parseCharacter(out, U".^$*+?()[]{}|", wasSpace);
        if (c && !wasSpace)
            out.ranges.emplace_back(*c, *c);
        return c.has_value();
    }

    bool parseBracket(ClassPattern& out) {
        out.negated = take(U'^');
        while (!take(U']')) {
            bool wasSpace = false;
            const auto first = parseCharacter(out, U"[&", wasSpace); // && and [ have a meaning of their own
            if (!first)
                return false;
            if (wasSpace)
                continue;
            const bool range = m_at + 1 < m_text.size() && m_text[m_at] == U'-' && m_text[m_at + 1] != U']';
            if (range)
                ++m_at;
            const auto last = range ? parseCharacter(out, U"[&", wasSpace) : first;
            if (!last || wasSpace || *last < *first)
                return false;
            out.ranges.emplace_back(*first, *last);
        }
        return out.space || !out.ranges.empty();
    }

    std::optional<size_t> parseNumber() {
        size_t value = 0, digits = 0;
        for (; !atEnd() && m_text[m_at] >= U'0' && m_text[m_at] <= U'9' && digits < 4; ++digits)
            value = value * 10 + (m_text[m_at++] - U'0');
        return digits > 0 ? std::optional(value) : std::nullopt;
    }

    bool parseRepetition(ClassPattern& out) {
        if (take(U'+')) {
            out.most = kUnbounded;
            return true;
        }
        if (!take(U'{'))
            return true;
        const auto least = parseNumber();
        if (!least || *least == 0)
            return false;
        out.least = out.most = *least;
        if (take(U','))
            out.most = parseNumber().value_or(kUnbounded);
        return take(U'}') && out.least <= out.most;
    }

    std::u32string_view m_text;
    size_t m_at = 0;
};

Matches matchesOfClass(const ClassPattern& pattern, std::u32string_view text) {
    Matches out;
    for (size_t at = 0; at < text.size();) {
        size_t end = at;
        while (end < text.size() && end - at < pattern.most && pattern.contains(text[end]))
            ++end;
        if (end - at >= pattern.least)
            out.emplace_back(at, end);
        // A run that is too short is too short from each of its characters.
        at = std::max(end, at + 1);
    }
    return out;
}

/// One of several patterns: a class or a text, perhaps only at the start (\A) or the end (\z) of the whole.
struct Alternative {
    std::optional<ClassPattern> oneClass;
    std::u32string text;
    bool atStart = false, atEnd = false;

    /// Where an alternative for the end has to begin; see lengthAt().
    size_t lastStart(std::u32string_view whole) const {
        size_t start = whole.size();
        if (!oneClass)
            return start - std::min(start, text.size());
        while (start > 0 && oneClass->contains(whole[start - 1]))
            --start;
        return start;
    }

    /// Length of the match at @p at, 0 if there is none. @param last lastStart(), which keeps long runs
    /// linear
    size_t lengthAt(std::u32string_view whole, size_t at, size_t last) const {
        if ((atStart && at > 0) || (atEnd && at < last))
            return 0;
        if (!oneClass)
            return whole.substr(at).starts_with(text) ? text.size() : 0;
        size_t end = at;
        while (end < whole.size() && end - at < oneClass->most && oneClass->contains(whole[end]))
            ++end;
        return end - at >= oneClass->least ? end - at : 0;
    }
};

std::optional<Alternative> parseAlternative(std::u32string_view regex) {
    Alternative out;
    out.atStart = regex.starts_with(U"\\A");
    if (out.atStart)
        regex.remove_prefix(2);
    out.atEnd = regex.ends_with(U"\\z") && !regex.ends_with(U"\\\\z");
    if (out.atEnd)
        regex.remove_suffix(2);
    out.oneClass = ClassParser(regex).parse();
    if (out.oneClass)
        return out.atEnd && out.oneClass->most != kUnbounded ? std::nullopt : std::optional(out);
    const auto text = ClassParser(regex).parseText();
    if (!text)
        return std::nullopt;
    out.text = *text;
    return out;
}

std::optional<std::vector<Alternative>> parseAlternatives(std::u32string_view regex) {
    std::vector<Alternative> out;
    size_t begin = 0;
    bool inBrackets = false;
    for (size_t at = 0; at <= regex.size(); ++at) {
        if (at < regex.size() && regex[at] == U'\\') {
            ++at;
            continue;
        }
        if (at < regex.size() && (regex[at] == U'[' || regex[at] == U']'))
            inBrackets = regex[at] == U'[';
        if (at < regex.size() && (regex[at] != U'|' || inBrackets))
            continue;
        auto alternative = parseAlternative(regex.substr(begin, at - begin));
        if (!alternative)
            return std::nullopt;
        out.push_back(std::move(*alternative));
        begin = at + 1;
    }
    return out;
}

Matches matchesOfAlternatives(const std::vector<Alternative>& alternatives, std::u32string_view text) {
    std::vector<size_t> last;
    for (const Alternative& alternative : alternatives)
        last.push_back(alternative.atEnd ? alternative.lastStart(text) : 0);
    Matches out;
    for (size_t at = 0; at < text.size();) {
        size_t length = 0;
        for (size_t i = 0; i < alternatives.size() && length == 0; ++i)
            length = alternatives[i].lengthAt(text, at, last[i]);
        if (length > 0)
            out.emplace_back(at, at + length);
        at += std::max<size_t>(length, 1);
    }
    return out;
}

Matches matchesOfText(std::u32string_view wanted, std::u32string_view text) {
    Matches out;
    for (size_t at = text.find(wanted); at != std::u32string_view::npos;
         at = text.find(wanted, at + wanted.size()))
        out.emplace_back(at, at + wanted.size());
    return out;
}

} // namespace

Matcher readPattern(const Json& step, const std::string& where) {
    const Json& pattern = *objectMember(step, "pattern", where, false);
    if (pattern.contains("String")) {
        std::u32string wanted = decodeUtf8(jsonString(pattern, "String", where));
        if (wanted.empty())
            unsupported(where, "its pattern is an empty text");
        return [wanted = std::move(wanted)](std::u32string_view text) { return matchesOfText(wanted, text); };
    }
    const std::string regex = jsonString(pattern, "Regex", where);
    if (const auto words = wordPattern(regex))
        return words;
    if (const auto oneClass = ClassParser(decodeUtf8(regex)).parse())
        return [oneClass = *oneClass](std::u32string_view text) { return matchesOfClass(oneClass, text); };
    const auto alternatives = parseAlternatives(decodeUtf8(regex));
    if (!alternatives)
        unsupported(where, fmt::format("its pattern is {}", shownToken(regex)));
    return [alternatives = *alternatives](std::u32string_view text) {
        return matchesOfAlternatives(alternatives, text);
    };
}

std::u32string replaceMatches(std::u32string_view text, const Matcher& matcher, std::u32string_view by) {
    std::u32string out;
    out.reserve(text.size());
    size_t taken = 0;
    for (const auto& [begin, end] : matcher(text)) {
        out.append(text.substr(taken, begin - taken)).append(by);
        taken = end;
    }
    return out.append(text.substr(taken));
}

} // namespace diptych
