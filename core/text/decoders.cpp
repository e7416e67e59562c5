// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/text/decoders.h"

#include "core/base/file.h"
#include "core/text/byte_alphabet.h"
#include "core/text/text_pattern.h"
#include "core/text/tokenizer_reading.h"
#include "core/text/unicode.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>

namespace diptych {
namespace {

using Strings = std::vector<std::string>;

std::string joined(const Strings& tokens, std::string_view between = "") {
    return fmt::format("{}", fmt::join(tokens, between));
}

Decoder readByteLevel(const Json&, const std::string&) {
    return [](const Strings& tokens) {
        std::string bytes;
        for (const std::string& token : tokens)
            appendTokenBytes(token, bytes);
        return Strings{encodeUtf8(decodeUtf8(bytes))};
    };
}

Decoder readWordPiece(const Json& step, const std::string& where) {
    const std::string prefix = jsonString(step, "prefix", "##", where);
    const bool cleanup = jsonBool(step, "cleanup", true, where);
    return [=](Strings tokens) {
        for (size_t i = 0; i < tokens.size(); ++i) {
            std::string& token = tokens[i];
            if (i > 0)
                token = token.starts_with(prefix) ? token.substr(prefix.size()) : " " + token;
            if (cleanup) {
                // The library's list has one more than transformers'.
                token = replacedText(withoutTokenizationSpaces(std::move(token)), " do not", " don't");
            }
        }
        return tokens;
    };
}

Decoder readMetaspace(const Json& step, const std::string& where) {
    const std::string mark = jsonString(step, "replacement", "\u2581", where);
    const bool prepends = jsonString(step, "prepend_scheme", "always", where) != "never" &&
                          jsonBool(step, "add_prefix_space", true, where);
    return [=](Strings tokens) {
        for (size_t i = 0; i < tokens.size(); ++i)
            tokens[i] = replacedText(tokens[i], mark, i == 0 && prepends ? "" : " ");
        return tokens;
    };
}

Decoder readBpe(const Json& step, const std::string& where) {
    return [suffix = jsonString(step, "suffix", "</w>", where)](Strings tokens) {
        for (size_t i = 0; i < tokens.size(); ++i)
            tokens[i] = replacedText(tokens[i], suffix, i + 1 == tokens.size() ? "" : " ");
        return tokens;
    };
}

Decoder readReplace(const Json& step, const std::string& where) {
    return [matcher = readPattern(step, where),
            by = decodeUtf8(jsonString(step, "content", where))](Strings tokens) {
        for (std::string& token : tokens)
            token = encodeUtf8(replaceMatches(decodeUtf8(token), matcher, by));
        return tokens;
    };
}

/// The byte of a token "<0x41>".
std::optional<char> byteOfToken(std::string_view token) {
    if (token.size() != 6 || !token.starts_with("<0x") || !token.ends_with(">"))
        return std::nullopt;
    unsigned value = 0;
    const auto [end, error] = std::from_chars(token.data() + 3, token.data() + 5, value, 16);
    return error == std::errc() && end == token.data() + 5 ? std::optional(static_cast<char>(value))
                                                           : std::nullopt;
}

Decoder readByteFallback(const Json&, const std::string&) {
    return [](const Strings& tokens) {
        Strings out;
        std::string bytes;
        const auto flush = [&] {
            if (isValidUtf8(bytes))
                out.push_back(bytes);
            else
                out.insert(out.end(), bytes.size(), "\uFFFD");
            bytes.clear();
        };
        for (const std::string& token : tokens) {
            if (const auto byte = byteOfToken(token)) {
                bytes.push_back(*byte);
                continue;
            }
            if (!bytes.empty())
                flush();
            out.push_back(token);
        }
        if (!bytes.empty())
            flush();
        return out;
    };
}

Decoder readFuse(const Json&, const std::string&) {
    return [](const Strings& tokens) { return Strings{joined(tokens)}; };
}

Decoder readStrip(const Json& step, const std::string& where) {
    const std::u32string content = decodeUtf8(jsonString(step, "content", " ", where));
    if (content.size() != 1)
        corrupt(where, "'content' should be one character");
    const int64_t start = jsonInt(step, "start", 0, where), stop = jsonInt(step, "stop", 0, where);
    return [=, mark = content[0]](Strings tokens) {
        for (std::string& token : tokens) {
            const std::u32string characters = decodeUtf8(token);
            std::u32string_view rest = characters;
            for (int64_t i = 0; i < start && !rest.empty() && rest.front() == mark; ++i)
                rest.remove_prefix(1);
            for (int64_t i = 0; i < stop && !rest.empty() && rest.back() == mark; ++i)
                rest.remove_suffix(1);
            token = encodeUtf8(rest);
        }
        return tokens;
    };
}

struct KnownStep {
    std::string_view type;
    Decoder (*read)(const Json&, const std::string&);
};
constexpr KnownStep kSteps[] = {
    {"ByteLevel", readByteLevel},       {"WordPiece", readWordPiece},
    {"Metaspace", readMetaspace},       {"BPEDecoder", readBpe},
    {"Replace", readReplace},           {"Strip", readStrip},
    {"ByteFallback", readByteFallback}, {"Fuse", readFuse},
};

} // namespace

void appendTokenBytes(std::string_view token, std::string& out) {
    std::string bytes;
    for (const char32_t character : decodeUtf8(token)) {
        const auto byte = byteOfCharacter(character);
        if (!byte) {
            out.append(token);
            return;
        }
        bytes.push_back(static_cast<char>(*byte));
    }
    out.append(bytes);
}

std::string replacedText(std::string_view text, std::string_view what, std::string_view by) {
    if (what.empty())
        return std::string(text);
    std::string out;
    size_t at = 0;
    for (size_t found; (found = text.find(what, at)) != std::string_view::npos; at = found + what.size())
        out.append(text.substr(at, found - at)).append(by);
    return out.append(text.substr(at));
}

std::string withoutTokenizationSpaces(std::string text) {
    static constexpr std::pair<std::string_view, std::string_view> kPairs[] = {
        {" .", "."},     {" ?", "?"},   {" !", "!"},   {" ,", ","},     {" ' ", "'"},
        {" n't", "n't"}, {" 'm", "'m"}, {" 's", "'s"}, {" 've", "'ve"}, {" 're", "'re"},
    };
    for (const auto& [what, by] : kPairs)
        text = replacedText(text, what, by);
    return text;
}

Decoder readDecoder(const Json* step, const std::string& where) {
    if (!step)
        return [](const Strings& tokens) { return Strings{joined(tokens, " ")}; };
    const std::string type = jsonString(*step, "type", "", where);
    if (type == "Sequence") {
        std::vector<Decoder> steps;
        for (const Json* inner : stepsOf(*step, "decoders", where))
            steps.push_back(readDecoder(inner, where));
        return [steps = std::move(steps)](Strings tokens) {
            for (const Decoder& decoder : steps)
                tokens = decoder(std::move(tokens));
            return tokens;
        };
    }
    for (const KnownStep& known : kSteps)
        if (known.type == type)
            return known.read(*step, where);
    unsupported(where, fmt::format("it has the step {}", shownToken(type)));
}

} // namespace diptych
