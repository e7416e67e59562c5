// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/text/open_clip_tokenizer.h"

#include "core/base/file.h"
#include "core/text/html_entities.h"
#include "core/text/text_repair.h"
#include "core/text/tokenizer_files.h"
#include "core/text/tokenizer_reading.h"
#include "core/text/unicode.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace diptych {
namespace {

constexpr std::pair<std::string_view, TextCleaning> kCleanings[] = {
    {"whitespace", TextCleaning::Whitespace},
    {"lower", TextCleaning::Lower},
    {"canonicalize", TextCleaning::Canonicalize},
};

/// What text_cfg says of tokenizing.
struct Options {
    std::string where;
    std::string tokenizerName; ///< empty: OpenCLIP's own
    Json arguments = Json::object();
};

Options readOptions(const TokenizerFile& file) {
    Options out;
    out.where = file.where + ": text_cfg";
    const Json* model = objectMember(file.value, "model_cfg", file.where);
    const Json* text = model ? objectMember(*model, "text_cfg", file.where) : nullptr;
    if (!text)
        return out;
    out.tokenizerName = jsonString(*text, "hf_tokenizer_name", "", out.where);
    if (const Json* arguments = objectMember(*text, "tokenizer_kwargs", out.where))
        out.arguments = *arguments;
    if (const std::string mode = jsonString(*text, "tokenizer_mode", "", out.where); !mode.empty())
        unsupported(out.where, fmt::format("'tokenizer_mode' is {}", shownToken(mode)));
    return out;
}

TextCleaning readCleaning(const Options& options, std::string_view usual) {
    const std::string name = jsonString(options.arguments, "clean", std::string(usual), options.where);
    for (const auto& [known, cleaning] : kCleanings)
        if (known == name)
            return cleaning;
    unsupported(options.where, fmt::format("'clean' is {}", shownToken(name)));
}

template<size_t N>
void refuseOthers(const Options& options, const std::array<std::string_view, N>& known) {
    for (const auto& [key, value] : options.arguments.items())
        if (!value.is_null() && std::find(known.begin(), known.end(), key) == known.end())
            unsupported(options.where, fmt::format("'tokenizer_kwargs' sets {}", shownToken(key)));
}

/// The separator of what the files name.
int64_t separatorOf(const TokenizerFiles& files, const Tokenizer& tokenizer) {
    // HFTokenizer asks the tokenizer for it; of those read here it is what ends a text.
    if (tokenizer.eosId() < 0)
        corrupt(displayPath(files.directory), "'strip_sep_token' is set and there is no separator token");
    return tokenizer.eosId();
}

} // namespace

std::string cleanedText(std::string_view text, TextCleaning cleaning) {
    const std::u32string repaired = unescapeHtml(unescapeHtml(repairedText(decodeUtf8(text))));
    if (cleaning != TextCleaning::Canonicalize) {
        const std::u32string spaced = singleSpaced(repaired);
        return encodeUtf8(cleaning == TextCleaning::Lower ? toLowerText(spaced) : spaced);
    }
    std::u32string plain = repaired;
    std::replace(plain.begin(), plain.end(), U'_', U' ');
    std::erase_if(plain, isAsciiPunctuation);
    return encodeUtf8(singleSpaced(toLowerText(plain)));
}

std::vector<int64_t> OpenClipTokenizer::encode(std::string_view text, size_t maxLength) const {
    std::vector<int64_t> ids = m_source.tokenizer->encode(cleanedText(text, m_source.cleaning), maxLength);
    if (m_source.strippedId)
        std::replace(ids.begin(), ids.end(), *m_source.strippedId, int64_t{0});
    return ids;
}

bool namesHuggingFaceTokenizer(const TokenizerFile& openClip) {
    return !readOptions(openClip).tokenizerName.empty();
}

std::string openClipTokenizing(const TokenizerFile& openClip) {
    const Options options = readOptions(openClip);
    return options.tokenizerName + options.arguments.dump();
}

std::shared_ptr<const Tokenizer> asOpenClipUses(std::shared_ptr<const Tokenizer> tokenizer,
                                                const TokenizerFiles& files) {
    const Options options = readOptions(*files.openClip);
    OpenClipTokenizer::Source source;
    if (options.tokenizerName.empty()) {
        refuseOthers(options, std::array<std::string_view, 1>{"clean"});
        source.cleaning = readCleaning(options, "lower");
    } else {
        refuseOthers(options, std::array<std::string_view, 2>{"clean", "strip_sep_token"});
        source.cleaning = readCleaning(options, "whitespace");
        source.padId = tokenizer->padId();
        if (jsonBool(options.arguments, "strip_sep_token", false, options.where))
            source.strippedId = separatorOf(files, *tokenizer);
    }
    source.tokenizer = std::move(tokenizer);
    return std::make_shared<const OpenClipTokenizer>(std::move(source));
}

} // namespace diptych
