// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/text/special_tokens.h"

#include "core/text/tokenizer_reading.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace diptych {
namespace {

/// In the order in which transformers adds them: of two with the same text the later one's flags count.
constexpr const char* kNamedTokens[] = {"bos_token", "eos_token", "unk_token", "sep_token",
                                        "pad_token", "cls_token", "mask_token"};

AddedToken parseAddedToken(const Json& value, const std::string& where, bool special) {
    AddedToken token;
    token.special = special;
    if (value.is_string()) {
        token.content = value.get<std::string>();
        return token;
    }
    if (!value.is_object())
        corrupt(where, "a token should be a text or an object");
    token.content = jsonString(value, "content", where);
    token.singleWord = jsonBool(value, "single_word", false, where);
    token.stripLeft = jsonBool(value, "lstrip", false, where);
    token.stripRight = jsonBool(value, "rstrip", false, where);
    token.special = jsonBool(value, "special", special, where);
    token.normalized = jsonBool(value, "normalized", !token.special, where);
    return token;
}

/// bos_token and the like, and the lists of further special tokens, of one file.
void readNamedTokens(const TokenizerFile& file, std::map<std::string, AddedToken>& named,
                     std::vector<AddedToken>& further) {
    for (const char* key : kNamedTokens)
        if (const auto value = file.value.find(key); value != file.value.end() && !value->is_null())
            named[key] = parseAddedToken(*value, fmt::format("{}: {}", file.where, key), true);
    for (const char* key : {"additional_special_tokens", "extra_special_tokens"})
        if (const auto list = file.value.find(key); list != file.value.end() && list->is_array())
            for (const Json& value : *list)
                further.push_back(parseAddedToken(value, fmt::format("{}: {}", file.where, key), true));
}

/// {"49406": {"content": ...}} of tokenizer_config.json.
void readAddedTokensDecoder(const TokenizerFile& file, const Json& decoder, std::vector<AddedToken>& out) {
    for (const auto& [key, value] : decoder.items()) {
        const std::string where = fmt::format("{}: added_tokens_decoder: {}", file.where, shownToken(key));
        const bool digits = !key.empty() && key.size() <= 9 &&
                            std::all_of(key.begin(), key.end(), [](char c) { return c >= '0' && c <= '9'; });
        if (!digits || !value.is_object())
            corrupt(where, "an id and an object are expected");
        out.push_back(parseAddedToken(value, where, false));
        out.back().id = std::stoll(key);
    }
}

void readAddedTokensList(const TokenizerFile& file, std::vector<AddedToken>& out) {
    if (!file.value.contains("added_tokens") || file.value["added_tokens"].is_null())
        return;
    const Json& list = arrayMember(file.value, "added_tokens", file.where);
    for (size_t i = 0; i < list.size(); ++i) {
        const std::string where = fmt::format("{}: added_tokens[{}]", file.where, i);
        if (!list[i].is_object())
            corrupt(where, "an object is expected");
        out.push_back(parseAddedToken(list[i], where, false));
        out.back().id = jsonInt(list[i], "id", where);
        if (out.back().id < 0)
            corrupt(where, "'id' should not be negative");
    }
}

/// {"<token>": id} of added_tokens.json.
void readAddedTokensFile(const TokenizerFile& file, const std::map<std::string, AddedToken>& named,
                         std::vector<AddedToken>& out) {
    for (const auto& [content, id] : readVocabulary(file.value, file.where)) {
        AddedToken token;
        token.content = content;
        token.id = id;
        token.special = std::any_of(named.begin(), named.end(),
                                    [&](const auto& entry) { return entry.second.content == content; });
        token.normalized = !token.special;
        if (id < 0)
            corrupt(file.where, fmt::format("the id of {} should not be negative", shownToken(content)));
        out.push_back(token);
    }
}

/// Appends the tokens that no list has, the last of those with the same text.
void addUnlisted(const std::vector<AddedToken>& tokens, std::vector<AddedToken>& list) {
    std::set<std::string> listed;
    for (const AddedToken& token : list)
        listed.insert(token.content);
    std::map<std::string, size_t> places;
    for (const AddedToken& token : tokens) {
        if (listed.count(token.content))
            continue;
        const auto [place, added] = places.emplace(token.content, list.size());
        if (added)
            list.push_back(token);
        else
            list[place->second] = token;
    }
}

} // namespace

void readSpecialTokens(const TokenizerFiles& files, SpecialTokens& tokens) {
    if (files.config)
        readNamedTokens(*files.config, tokens.named, tokens.further);
    const Json* decoder = files.config
                              ? objectMember(files.config->value, "added_tokens_decoder", files.config->where)
                              : nullptr;
    if (decoder) {
        readAddedTokensDecoder(*files.config, *decoder, tokens.added);
        return;
    }
    if (files.specialTokens)
        readNamedTokens(*files.specialTokens, tokens.named, tokens.further);
    if (files.addedTokens)
        readAddedTokensFile(*files.addedTokens, tokens.named, tokens.added);
    if (files.tokenizer)
        readAddedTokensList(*files.tokenizer, tokens.added);
}

void listNamedTokens(SpecialTokens& tokens) {
    std::vector<AddedToken> unlisted;
    for (const char* key : kNamedTokens)
        if (const auto found = tokens.named.find(key); found != tokens.named.end())
            unlisted.push_back(found->second);
    unlisted.insert(unlisted.end(), tokens.further.begin(), tokens.further.end());
    addUnlisted(unlisted, tokens.added);
}

} // namespace diptych
