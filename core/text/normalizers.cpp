// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/text/normalizers.h"

#include "core/text/charsmap.h"
#include "core/text/text_pattern.h"
#include "core/text/tokenizer_reading.h"
#include "core/text/unicode.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>

namespace diptych {
namespace {

bool isSpace(char32_t c) {
    return classify(c) == CharClass::Space;
}

/// CJK ideographs, which BERT takes as words of their own.
bool isIdeograph(char32_t c) {
    return (c >= 0x4E00 && c <= 0x9FFF) || (c >= 0x3400 && c <= 0x4DBF) || (c >= 0x20000 && c <= 0x2A6DF) ||
           (c >= 0x2A700 && c <= 0x2B73F) || (c >= 0x2B740 && c <= 0x2B81F) ||
           (c >= 0x2B920 && c <= 0x2CEAF) || (c >= 0xF900 && c <= 0xFAFF) || (c >= 0x2F800 && c <= 0x2FA1F);
}

struct BertOptions {
    bool clean = true, spacesIdeographs = true, stripsAccents = true, lowerCases = true;
};

std::u32string bertNormalised(std::u32string_view text, const BertOptions& options) {
    std::u32string out;
    out.reserve(text.size());
    for (const char32_t c : text) {
        if (options.clean && isRemovedByCleaning(c))
            continue;
        if (options.clean && isSpace(c))
            out.push_back(U' ');
        else if (options.spacesIdeographs && isIdeograph(c))
            out.append({U' ', c, U' '});
        else
            out.push_back(c);
    }
    if (options.stripsAccents) {
        out = toNfd(out);
        out.erase(std::remove_if(out.begin(), out.end(), isNonspacingMark), out.end());
    }
    return options.lowerCases ? toLower(out) : out;
}

Normalizer readBert(const Json& step, const std::string& where) {
    BertOptions options;
    options.clean = jsonBool(step, "clean_text", true, where);
    options.spacesIdeographs = jsonBool(step, "handle_chinese_chars", true, where);
    options.lowerCases = jsonBool(step, "lowercase", true, where);
    options.stripsAccents = jsonBool(step, "strip_accents", options.lowerCases, where);
    return [options](const std::u32string& text) { return bertNormalised(text, options); };
}

Normalizer readStrip(const Json& step, const std::string& where) {
    const bool left = jsonBool(step, "strip_left", true, where),
               right = jsonBool(step, "strip_right", true, where);
    return [=](const std::u32string& text) { return stripSpaces(text, left, right); };
}

Normalizer readReplace(const Json& step, const std::string& where) {
    return [matcher = readPattern(step, where), by = decodeUtf8(jsonString(step, "content", where))](
               const std::u32string& text) { return replaceMatches(text, matcher, by); };
}

Normalizer readPrepend(const Json& step, const std::string& where) {
    return [prefix = decodeUtf8(jsonString(step, "prepend", where))](std::u32string text) {
        return text.empty() ? text : prefix + text;
    };
}

Normalizer readPrecompiled(const Json& step, const std::string& where) {
    return charsmapNormalizer(decodeBase64(jsonString(step, "precompiled_charsmap", where), where), where);
}

std::u32string withoutCombiningMarks(std::u32string text) {
    text.erase(std::remove_if(text.begin(), text.end(), isCombiningMark), text.end());
    return text;
}

struct PlainStep {
    std::string_view type;
    std::u32string (*apply)(std::u32string);
};
constexpr PlainStep kPlainSteps[] = {
    {"NFC", toNfc},
    {"NFD", [](std::u32string text) { return toNfd(text); }},
    {"NFKC", [](std::u32string text) { return toNfkc(text); }},
    {"NFKD", [](std::u32string text) { return toNfkd(text); }},
    {"Lowercase", [](std::u32string text) { return toLower(text); }},
    {"StripAccents", withoutCombiningMarks},
};

struct ReadStep {
    std::string_view type;
    Normalizer (*read)(const Json&, const std::string&);
};
constexpr ReadStep kReadSteps[] = {
    {"BertNormalizer", readBert},     {"Strip", readStrip},
    {"Replace", readReplace},         {"Prepend", readPrepend},
    {"Precompiled", readPrecompiled},
};

Normalizer readStep(const Json& step, const std::string& where) {
    const std::string type = jsonString(step, "type", "", where);
    for (const PlainStep& plain : kPlainSteps)
        if (plain.type == type)
            return plain.apply;
    for (const ReadStep& known : kReadSteps)
        if (known.type == type)
            return known.read(step, where);
    unsupported(where, fmt::format("it has the step {}", shownToken(type)));
}

} // namespace

Normalizer charsmapNormalizer(std::string_view blob, const std::string& where) {
    const auto map = std::make_shared<const Charsmap>(blob, where);
    return [map](const std::u32string& text) { return map->apply(text); };
}

std::u32string stripSpaces(std::u32string_view text, bool left, bool right) {
    while (left && !text.empty() && isSpace(text.front()))
        text.remove_prefix(1);
    while (right && !text.empty() && isSpace(text.back()))
        text.remove_suffix(1);
    return std::u32string(text);
}

Normalizer readNormalizer(const Json* step, const std::string& where) {
    if (!step)
        return [](std::u32string text) { return text; };
    if (jsonString(*step, "type", "", where) != "Sequence")
        return readStep(*step, where);
    std::vector<Normalizer> steps;
    for (const Json* inner : stepsOf(*step, "normalizers", where))
        steps.push_back(readNormalizer(inner, where));
    return [steps = std::move(steps)](std::u32string text) {
        for (const Normalizer& normalizer : steps)
            text = normalizer(std::move(text));
        return text;
    };
}

} // namespace diptych
