// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/file.h"
#include "core/text/clip_tokenizer.h"
#include "core/text/special_tokens.h"
#include "core/text/tokenizer_reading.h"

#include <fmt/format.h>

namespace diptych {
namespace {

constexpr const char* kWords = R"('s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+)";
// transformers 5 writes the specials in front, and reads files without them as if they had them.
constexpr const char* kSpecials = R"(<\|startoftext\|>|<\|endoftext\|>|)";
// --- the steps of tokenizer.json -------------------------------------------------------------------------

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

void readSpecialTokens(const TokenizerFiles& files, ClipTokenizerSource& source) {
    SpecialTokens tokens;
    auto& named = tokens.named;
    if (files.tokenizer) {
        readPostProcessor(*files.tokenizer, named);
        if (const Json* padding = objectMember(files.tokenizer->value, "padding", files.tokenizer->where))
            named["pad_token"].content =
                jsonString(*padding, "pad_token", source.padToken, files.tokenizer->where + ": padding");
    }
    readSpecialTokens(files, tokens);
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
    listNamedTokens(tokens);
    source.addedTokens = std::move(tokens.added);
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
    if (files.openClip && !namesHuggingFaceTokenizer(*files.openClip)) // texts come cleaned
        source.composes = source.lowerCases = source.findsAddedTokens = false;
    return std::make_shared<const ClipTokenizer>(std::move(source));
}

} // namespace diptych
