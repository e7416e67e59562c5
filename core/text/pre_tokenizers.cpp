// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/text/pre_tokenizers.h"

#include "core/text/byte_alphabet.h"
#include "core/text/text_pattern.h"
#include "core/text/tokenizer_reading.h"
#include "core/text/unicode.h"
#include "core/text/word_patterns.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

namespace diptych {
namespace {

/// What becomes of the matches of a splitting pattern.
enum class Behavior { Removed, Isolated, MergedWithPrevious, MergedWithNext, Contiguous };

constexpr std::pair<std::string_view, Behavior> kBehaviors[] = {
    {"Removed", Behavior::Removed},
    {"Isolated", Behavior::Isolated},
    {"MergedWithPrevious", Behavior::MergedWithPrevious},
    {"MergedWithNext", Behavior::MergedWithNext},
    {"Contiguous", Behavior::Contiguous},
};

struct Span {
    size_t begin = 0, end = 0;
    bool match = false;
};

/// The whole text as matches and what is between them.
std::vector<Span> spansOf(const Matches& matches, size_t size, bool invert) {
    std::vector<Span> out;
    size_t taken = 0;
    for (const auto& [begin, end] : matches) {
        if (begin > taken)
            out.push_back({taken, begin, invert});
        out.push_back({begin, end, !invert});
        taken = end;
    }
    if (taken < size)
        out.push_back({taken, size, invert});
    return out;
}

/// Joins each match to the span before it, unless that is a match as well.
std::vector<Span> mergedWithPrevious(const std::vector<Span>& spans) {
    std::vector<Span> out;
    bool previousMatch = false;
    for (const Span& span : spans) {
        if (span.match && !previousMatch && !out.empty())
            out.back().end = span.end;
        else
            out.push_back(span);
        previousMatch = span.match;
    }
    return out;
}

std::vector<Span> mergedWithNext(const std::vector<Span>& spans) {
    std::vector<Span> out;
    bool previousMatch = false;
    for (auto span = spans.rbegin(); span != spans.rend(); ++span) {
        if (span->match && !previousMatch && !out.empty())
            out.back().begin = span->begin;
        else
            out.push_back(*span);
        previousMatch = span->match;
    }
    std::reverse(out.begin(), out.end());
    return out;
}

std::vector<Span> contiguous(const std::vector<Span>& spans) {
    std::vector<Span> out;
    for (const Span& span : spans) {
        if (!out.empty() && out.back().match == span.match)
            out.back().end = span.end;
        else
            out.push_back(span);
    }
    return out;
}

std::vector<Span> arranged(std::vector<Span> spans, Behavior behavior) {
    switch (behavior) {
    case Behavior::Removed:
        std::erase_if(spans, [](const Span& span) { return span.match; });
        return spans;
    case Behavior::Isolated:
        return spans;
    case Behavior::MergedWithPrevious:
        return mergedWithPrevious(spans);
    case Behavior::MergedWithNext:
        return mergedWithNext(spans);
    case Behavior::Contiguous:
        return contiguous(spans);
    }
    return spans;
}

/// Cuts every piece.
PreTokenizer splitter(Matcher matcher, Behavior behavior, bool invert = false) {
    return [=, matcher = std::move(matcher)](const std::vector<TextPiece>& pieces) {
        std::vector<TextPiece> out;
        for (const TextPiece& piece : pieces)
            for (const Span& span :
                 arranged(spansOf(matcher(piece.text), piece.text.size(), invert), behavior))
                out.push_back(
                    {piece.text.substr(span.begin, span.end - span.begin), piece.first && span.begin == 0});
        return out;
    };
}

/// Matches single characters.
template<class Predicate>
Matcher characters(Predicate predicate) {
    return [predicate](std::u32string_view text) {
        Matches out;
        for (size_t at = 0; at < text.size(); ++at)
            if (predicate(text[at]))
                out.emplace_back(at, at + 1);
        return out;
    };
}

bool isSpace(char32_t c) {
    return classify(c) == CharClass::Space;
}

PreTokenizer sequence(std::vector<PreTokenizer> steps) {
    return [steps = std::move(steps)](std::vector<TextPiece> pieces) {
        for (const PreTokenizer& step : steps)
            pieces = step(std::move(pieces));
        return pieces;
    };
}

Behavior readBehavior(const Json& step, Behavior fallback, const std::string& where) {
    const std::string name = jsonString(step, "behavior", "", where);
    if (name.empty())
        return fallback;
    for (const auto& [known, behavior] : kBehaviors)
        if (known == name)
            return behavior;
    unsupported(where, fmt::format("its behavior is {}", shownToken(name)));
}

PreTokenizer readBert(const Json&, const std::string&) {
    return sequence({splitter(characters(isSpace), Behavior::Removed),
                     splitter(characters(isPunctuation), Behavior::Isolated)});
}

/// \w+|[^\w\s]+
PreTokenizer readWhitespace(const Json&, const std::string&) {
    const auto words = [](std::u32string_view text) {
        Matches out;
        for (size_t at = 0; at < text.size();) {
            size_t end = at + 1;
            const bool word = isWordChar(text[at]), space = isSpace(text[at]);
            while (end < text.size() && isWordChar(text[end]) == word && isSpace(text[end]) == space)
                ++end;
            if (!space)
                out.emplace_back(at, end);
            at = end;
        }
        return out;
    };
    return splitter(words, Behavior::Removed, true);
}

PreTokenizer readWhitespaceSplit(const Json&, const std::string&) {
    return splitter(characters(isSpace), Behavior::Removed);
}

PreTokenizer readPunctuation(const Json& step, const std::string& where) {
    return splitter(characters(isPunctuation), readBehavior(step, Behavior::Isolated, where));
}

PreTokenizer readDigits(const Json& step, const std::string& where) {
    const bool each = jsonBool(step, "individual_digits", false, where);
    return splitter(characters([](char32_t c) { return classify(c) == CharClass::Number; }),
                    each ? Behavior::Isolated : Behavior::Contiguous);
}

PreTokenizer readSplit(const Json& step, const std::string& where) {
    return splitter(readPattern(step, where), readBehavior(step, Behavior::Isolated, where),
                    jsonBool(step, "invert", false, where));
}

PreTokenizer readMetaspace(const Json& step, const std::string& where) {
    const std::u32string replacement = decodeUtf8(jsonString(step, "replacement", "\u2581", where));
    if (replacement.size() != 1)
        corrupt(where, "'replacement' should be one character");
    std::string scheme = jsonString(step, "prepend_scheme", "always", where);
    if (!jsonBool(step, "add_prefix_space", true, where))
        scheme = "never";
    if (scheme != "always" && scheme != "first" && scheme != "never")
        unsupported(where, fmt::format("'prepend_scheme' is {}", shownToken(scheme)));
    const char32_t mark = replacement[0];
    PreTokenizer rewrite = [mark, scheme](std::vector<TextPiece> pieces) {
        for (TextPiece& piece : pieces) {
            std::replace(piece.text.begin(), piece.text.end(), U' ', mark);
            const bool wanted = scheme == "always" || (scheme == "first" && piece.first);
            if (wanted && piece.text.front() != mark)
                piece.text.insert(piece.text.begin(), mark);
        }
        return pieces;
    };
    if (!jsonBool(step, "split", true, where))
        return rewrite;
    return sequence({std::move(rewrite), splitter(characters([mark](char32_t c) { return c == mark; }),
                                                  Behavior::MergedWithNext)});
}

PreTokenizer readByteLevel(const Json& step, const std::string& where) {
    const bool prefix = jsonBool(step, "add_prefix_space", true, where);
    std::vector<PreTokenizer> steps;
    if (prefix)
        steps.push_back([](std::vector<TextPiece> pieces) {
            for (TextPiece& piece : pieces)
                if (piece.text.front() != U' ')
                    piece.text.insert(piece.text.begin(), U' ');
            return pieces;
        });
    if (jsonBool(step, "use_regex", true, where))
        steps.push_back(splitter(gpt2Words, Behavior::Isolated));
    steps.push_back([](std::vector<TextPiece> pieces) {
        for (TextPiece& piece : pieces) {
            std::u32string bytes;
            for (const char byte : encodeUtf8(piece.text))
                bytes.push_back(byteCharacters()[static_cast<unsigned char>(byte)]);
            piece.text = std::move(bytes);
        }
        return pieces;
    });
    return sequence(std::move(steps));
}

struct KnownStep {
    std::string_view type;
    PreTokenizer (*read)(const Json&, const std::string&);
};
constexpr KnownStep kSteps[] = {
    {"BertPreTokenizer", readBert},
    {"Whitespace", readWhitespace},
    {"WhitespaceSplit", readWhitespaceSplit},
    {"Punctuation", readPunctuation},
    {"Digits", readDigits},
    {"Split", readSplit},
    {"Metaspace", readMetaspace},
    {"ByteLevel", readByteLevel},
};

} // namespace

PreTokenizer readPreTokenizer(const Json* step, const std::string& where) {
    if (!step)
        return [](std::vector<TextPiece> pieces) { return pieces; };
    const std::string type = jsonString(*step, "type", "", where);
    if (type == "Sequence") {
        std::vector<PreTokenizer> steps;
        for (const Json* inner : stepsOf(*step, "pretokenizers", where))
            steps.push_back(readPreTokenizer(inner, where));
        return sequence(std::move(steps));
    }
    for (const KnownStep& known : kSteps)
        if (known.type == type)
            return known.read(*step, where);
    unsupported(where, fmt::format("it has the step {}", shownToken(type)));
}

} // namespace diptych
