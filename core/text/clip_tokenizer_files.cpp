// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/file.h"
#include "core/text/clip_tokenizer.h"
#include "core/text/tokenizer_files.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

namespace diptych {
namespace {

constexpr const char* kWords = R"('s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+)";
// transformers 5 writes the specials in front, and reads files without them as if they had them.
constexpr const char* kSpecials = R"(<\|startoftext\|>|<\|endoftext\|>|)";
/// In the order in which transformers adds them: of two with the same text the later one's flags count.
constexpr const char* kNamedTokens[] = {"bos_token", "eos_token", "unk_token", "sep_token",
                                        "pad_token", "cls_token", "mask_token"};

[[noreturn]] void corrupt(std::string_view where, const std::string& what) {
    throw Error(ErrorCode::Corrupt, fmt::format("{}: {}", where, what));
}

[[noreturn]] void unsupported(std::string_view where, const std::string& what) {
    throw Error(ErrorCode::Unsupported, fmt::format("{}: {}, which is not supported", where, what));
}

/// A member that must be an object or, where @p optional, may be absent or null.
const Json* objectMember(const Json& object, const char* key, const std::string& where,
                         bool optional = true) {
    const auto found = object.find(key);
    if (found == object.end() || found->is_null()) {
        if (optional)
            return nullptr;
        corrupt(where, fmt::format("'{}' is missing", key));
    }
    if (!found->is_object())
        corrupt(where, fmt::format("'{}' should be an object", key));
    return &*found;
}

const Json& arrayMember(const Json& object, const char* key, const std::string& where) {
    const auto found = object.find(key);
    if (found == object.end() || !found->is_array())
        corrupt(where, fmt::format("'{}' should be a list", key));
    return *found;
}

// --- vocabulary and merges -------------------------------------------------------------------------------

std::vector<std::pair<std::string, int64_t>> readVocabulary(const Json& vocabulary,
                                                            const std::string& where) {
    if (!vocabulary.is_object())
        corrupt(where, "an object of tokens and ids is expected");
    std::vector<std::pair<std::string, int64_t>> out;
    out.reserve(vocabulary.size());
    for (const auto& [token, id] : vocabulary.items()) {
        if (!id.is_number_integer() || (id.is_number_unsigned() && id.get<uint64_t>() > INT64_MAX))
            corrupt(where, fmt::format("the id of {} should be a whole number", shownToken(token)));
        out.emplace_back(token, id.get<int64_t>());
    }
    return out;
}

BpeMerge parseMerge(std::string_view line, std::string where) {
    const size_t space = line.find(' ');
    if (space == std::string_view::npos || space == 0 || space + 1 == line.size() ||
        line.find(' ', space + 1) != std::string_view::npos)
        corrupt(where,
                fmt::format("two tokens with one space between are expected, not {}", shownToken(line)));
    return {std::string(line.substr(0, space)), std::string(line.substr(space + 1)), std::move(where)};
}

std::vector<BpeMerge> readMergesFile(const std::filesystem::path& path) {
    const std::string text = readTextFile(path, kMaxTokenizerFileBytes);
    const std::string name = displayPath(path);
    std::vector<BpeMerge> out;
    size_t number = 0;
    for (size_t at = 0; at < text.size();) {
        const size_t end = std::min(text.find('\n', at), text.size());
        std::string_view line = std::string_view(text).substr(at, end - at);
        at = end + 1;
        ++number;
        if (line.ends_with('\r'))
            line.remove_suffix(1);
        const bool header = number == 1 && line.find("#version") != std::string_view::npos;
        if (!line.empty() && !header)
            out.push_back(parseMerge(line, fmt::format("{}:{}", name, number)));
    }
    return out;
}

/// "a b" or ["a", "b"].
std::vector<BpeMerge> readMergesList(const Json& merges, const std::string& where) {
    std::vector<BpeMerge> out;
    out.reserve(merges.size());
    for (size_t i = 0; i < merges.size(); ++i) {
        const Json& merge = merges[i];
        std::string place = fmt::format("{}.merges[{}]", where, i);
        if (merge.is_string())
            out.push_back(parseMerge(merge.get_ref<const std::string&>(), std::move(place)));
        else if (merge.is_array() && merge.size() == 2 && merge[0].is_string() && merge[1].is_string())
            out.push_back({merge[0].get<std::string>(), merge[1].get<std::string>(), std::move(place)});
        else
            corrupt(place, "\"a b\" or [\"a\", \"b\"] is expected");
    }
    return out;
}

// --- the steps of tokenizer.json -------------------------------------------------------------------------

/// A step, or the steps of a Sequence; nested sequences are not flattened.
std::vector<const Json*> stepsOf(const Json& step, const char* listKey, const std::string& where) {
    if (jsonString(step, "type", "", where) != "Sequence")
        return {&step};
    std::vector<const Json*> out;
    for (const Json& inner : arrayMember(step, listKey, where)) {
        if (!inner.is_object())
            corrupt(where, fmt::format("'{}' should hold objects", listKey));
        out.push_back(&inner);
    }
    return out;
}

std::string regexOf(const Json& step, const std::string& where) {
    const Json* pattern = objectMember(step, "pattern", where);
    return pattern ? jsonString(*pattern, "Regex", "", where) : "";
}

void readNormalizer(const TokenizerFile& file, ClipTokenizerSource& source) {
    source.composes = source.lowerCases = false;
    const std::string where = file.where + ": normalizer";
    const Json* normalizer = objectMember(file.value, "normalizer", file.where);
    if (!normalizer)
        return;
    for (const Json* step : stepsOf(*normalizer, "normalizers", where)) {
        const std::string type = jsonString(*step, "type", "", where);
        if (type == "NFC" && !source.lowerCases)
            source.composes = true;
        else if (type == "Lowercase")
            source.lowerCases = true;
        else if (type != "Replace" || regexOf(*step, where) != R"(\s+)" ||
                 jsonString(*step, "content", "", where) != " ")
            unsupported(where, fmt::format("its step {} is not one of CLIP's", shownToken(type)));
    }
}

void checkPreTokenizer(const TokenizerFile& file) {
    const std::string where = file.where + ": pre_tokenizer";
    const Json* preTokenizer = objectMember(file.value, "pre_tokenizer", file.where);
    const auto steps =
        preTokenizer ? stepsOf(*preTokenizer, "pretokenizers", where) : std::vector<const Json*>();
    if (steps.size() != 2 || jsonString(*steps[0], "type", "", where) != "Split" ||
        jsonString(*steps[1], "type", "", where) != "ByteLevel")
        unsupported(where, "it is not CLIP's Split and ByteLevel");
    const std::string regex = regexOf(*steps[0], where);
    if (regex != kWords && regex != std::string(kSpecials) + kWords)
        unsupported(where, fmt::format("its pattern {} is not CLIP's", shownToken(regex)));
    if (jsonString(*steps[0], "behavior", "", where) != "Removed" ||
        !jsonBool(*steps[0], "invert", false, where) || jsonBool(*steps[1], "add_prefix_space", true, where))
        unsupported(where, "its options are not CLIP's (Removed, invert, no prefix space)");
}

std::string tokenOfPair(const Json& processor, const char* key, const std::string& where) {
    const Json& pair = arrayMember(processor, key, where);
    if (pair.size() != 2 || !pair[0].is_string())
        corrupt(where, fmt::format("'{}' should be a token and its id", key));
    return pair[0].get<std::string>();
}

/// The begin and end token that a post-processor puts around a text.
void readPostProcessor(const TokenizerFile& file, std::map<std::string, AddedToken>& named) {
    const std::string where = file.where + ": post_processor";
    const Json* processor = objectMember(file.value, "post_processor", file.where);
    if (!processor)
        return;
    for (const Json* step : stepsOf(*processor, "processors", where)) {
        const std::string type = jsonString(*step, "type", "", where);
        std::string begin, end;
        if (type == "RobertaProcessing" || type == "BertProcessing") {
            begin = tokenOfPair(*step, "cls", where);
            end = tokenOfPair(*step, "sep", where);
        } else if (type == "TemplateProcessing") {
            const Json& single = arrayMember(*step, "single", where);
            const Json *first = nullptr, *last = nullptr;
            if (single.size() == 3 && single[0].is_object() && single[1].is_object() &&
                single[2].is_object() && single[1].contains("Sequence")) {
                first = objectMember(single[0], "SpecialToken", where);
                last = objectMember(single[2], "SpecialToken", where);
            }
            if (!first || !last)
                unsupported(where, "its template is not one token before the text and one after");
            begin = jsonString(*first, "id", where);
            end = jsonString(*last, "id", where);
        } else if (type == "ByteLevel") {
            continue;
        } else {
            unsupported(where, fmt::format("its type is {}", shownToken(type)));
        }
        named["bos_token"].content = begin;
        named["eos_token"].content = end;
    }
}

void checkModelOptions(const Json& model, const std::string& where) {
    if (const auto dropout = model.find("dropout");
        dropout != model.end() && !dropout->is_null() && *dropout != 0.0)
        unsupported(where, "it has a 'dropout'");
    if (!jsonString(model, "continuing_subword_prefix", "", where).empty())
        unsupported(where, "it has a 'continuing_subword_prefix'");
    for (const char* key : {"fuse_unk", "byte_fallback", "ignore_merges"})
        if (jsonBool(model, key, false, where))
            unsupported(where, fmt::format("it sets '{}'", key));
}

// --- special and added tokens ----------------------------------------------------------------------------

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

/// Precedence as in transformers: tokenizer_config.json with an added_tokens_decoder says it all; else
/// special_tokens_map.json overrides it, and flags come from tokenizer.json.
void readSpecialTokens(const TokenizerFiles& files, ClipTokenizerSource& source) {
    std::map<std::string, AddedToken> named;
    std::vector<AddedToken> further;
    if (files.tokenizer) {
        readPostProcessor(*files.tokenizer, named);
        if (const Json* padding = objectMember(files.tokenizer->value, "padding", files.tokenizer->where))
            named["pad_token"].content =
                jsonString(*padding, "pad_token", source.padToken, files.tokenizer->where + ": padding");
    }
    if (files.config)
        readNamedTokens(*files.config, named, further);
    const Json* decoder = files.config
                              ? objectMember(files.config->value, "added_tokens_decoder", files.config->where)
                              : nullptr;
    if (decoder) {
        readAddedTokensDecoder(*files.config, *decoder, source.addedTokens);
    } else {
        if (files.specialTokens)
            readNamedTokens(*files.specialTokens, named, further);
        if (files.addedTokens)
            readAddedTokensFile(*files.addedTokens, named, source.addedTokens);
        if (files.tokenizer)
            readAddedTokensList(*files.tokenizer, source.addedTokens);
    }
    const auto content = [&](const char* key, std::string fallback) {
        const auto found = named.find(key);
        return found == named.end() ? fallback : found->second.content;
    };
    source.beginToken = content("bos_token", source.beginToken);
    source.endToken = content("eos_token", source.endToken);
    source.padToken = content("pad_token", source.padToken);
    source.bpe.unknownToken = content("unk_token", source.bpe.unknownToken);

    // The defaults are tokens like any other.
    named["bos_token"].content = source.beginToken;
    named["eos_token"].content = source.endToken;
    named["pad_token"].content = source.padToken;
    named["unk_token"].content = source.bpe.unknownToken;
    std::vector<AddedToken> unlisted;
    for (const char* key : kNamedTokens)
        if (const auto found = named.find(key); found != named.end())
            unlisted.push_back(found->second);
    unlisted.insert(unlisted.end(), further.begin(), further.end());
    addUnlisted(unlisted, source.addedTokens);
}

void readTokenizerJson(const TokenizerFile& file, ClipTokenizerSource& source) {
    const std::string where = file.where + ": model";
    const Json& model = *objectMember(file.value, "model", file.where, false);
    checkModelOptions(model, where);
    readNormalizer(file, source);
    checkPreTokenizer(file);
    source.bpe.endOfWord = jsonString(model, "end_of_word_suffix", "", where);
    source.bpe.unknownToken = jsonString(model, "unk_token", "", where);
    if (!model.contains("vocab"))
        corrupt(where, "'vocab' is missing");
    source.bpe.vocabulary = readVocabulary(model["vocab"], where + ".vocab");
    source.bpe.merges = readMergesList(arrayMember(model, "merges", where), where);
    source.bpe.where = file.where;
}

void readVocabularyFiles(const TokenizerFiles& files, ClipTokenizerSource& source) {
    if (files.config) {
        const std::string name = jsonString(files.config->value, "tokenizer_class", "", files.config->where);
        if (!name.empty() && name != "CLIPTokenizer" && name != "CLIPTokenizerFast")
            unsupported(files.config->where, fmt::format("'tokenizer_class' is {}", shownToken(name)));
    }
    const auto path = files.directory / "vocab.json";
    source.bpe.where = displayPath(path);
    source.bpe.endOfWord = "</w>";
    source.bpe.vocabulary = readVocabulary(readJsonFile(path, kMaxTokenizerFileBytes), source.bpe.where);
    source.bpe.merges = readMergesFile(files.directory / "merges.txt");
    source.bpe.unknownToken = source.endToken;
}

} // namespace

std::shared_ptr<const Tokenizer> loadClipTokenizer(const TokenizerFiles& files) {
    ClipTokenizerSource source;
    if (files.tokenizer)
        readTokenizerJson(*files.tokenizer, source);
    else
        readVocabularyFiles(files, source);
    source.where = source.bpe.where;
    readSpecialTokens(files, source);
    return std::make_shared<const ClipTokenizer>(std::move(source));
}

} // namespace diptych
