// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/file.h"
#include "core/text/bpe_model.h"
#include "core/text/pipeline_tokenizer.h"
#include "core/text/sentencepiece_conversion.h"
#include "core/text/sentencepiece_file.h"
#include "core/text/special_tokens.h"
#include "core/text/tokenizer_reading.h"
#include "core/text/tokenizer_recipes.h"
#include "core/text/unicode.h"
#include "core/text/unigram_model.h"
#include "core/text/wordpiece_model.h"

#include <fmt/format.h>

#include <algorithm>
#include <sstream>

namespace diptych {
namespace {

/// What the files say a tokenizer is made of: a class's recipe over tokenizer.json over nothing.
struct Definition {
    std::string where; ///< names the file of the vocabulary
    Json recipe;       ///< null: tokenizer.json as it stands
    Json file;         ///< tokenizer.json without its model; an object
    Json options;      ///< of the model
    // Of a SentencePiece file:
    std::string charsmap;          ///< character replacements
    std::vector<AddedToken> added; ///< what is not cut from texts by the model
};

/// A step by its key, with the key in its place for messages.
struct Step {
    const Json* value;
    std::string where;
};

Step stepOf(const Definition& definition, const char* key) {
    const Json& source = definition.recipe.is_null() ? definition.file : definition.recipe;
    return {objectMember(source, key, definition.where), definition.where + ": " + key};
}

/// The character replacements that the file's normalizer has, for the classes that keep nothing else of it.
Json charsmapStep(const Definition& definition) {
    const std::string where = definition.where + ": normalizer";
    if (const Json* normalizer = objectMember(definition.file, "normalizer", definition.where))
        for (const Json* step : stepsOf(*normalizer, "normalizers", where))
            if (jsonString(*step, "type", "", where) == "Precompiled")
                return *step;
    return nullptr;
}

// --- models ----------------------------------------------------------------------------------------------

std::unique_ptr<const TokenModel> readBpe(const Definition& definition, TokenIds vocabulary,
                                          std::vector<BpeMerge> merges) {
    const Json& options = definition.options;
    const std::string where = definition.where + ": model";
    if (const auto dropout = options.find("dropout");
        dropout != options.end() && !dropout->is_null() && *dropout != 0.0)
        unsupported(where, "it has a 'dropout'");
    if (!jsonString(options, "continuing_subword_prefix", "", where).empty())
        unsupported(where, "it has a 'continuing_subword_prefix'");
    BpeSource source;
    source.vocabulary = std::move(vocabulary);
    source.merges = std::move(merges);
    source.where = definition.where;
    source.symbols = BpeSource::Symbols::Characters;
    source.unknownToken = jsonString(options, "unk_token", "", where);
    source.endOfWord = jsonString(options, "end_of_word_suffix", "", where);
    source.byteFallback = jsonBool(options, "byte_fallback", false, where);
    source.fuseUnknown = jsonBool(options, "fuse_unk", false, where);
    source.ignoreMerges = jsonBool(options, "ignore_merges", false, where);
    return std::make_unique<const BpeModel>(std::move(source));
}

std::unique_ptr<const TokenModel> readWordPiece(const Definition& definition, TokenIds vocabulary) {
    const std::string where = definition.where + ": model";
    WordPieceSource source;
    source.vocabulary = std::move(vocabulary);
    source.where = definition.where;
    source.unknownToken = jsonString(definition.options, "unk_token", source.unknownToken, where);
    source.continuingPrefix =
        jsonString(definition.options, "continuing_subword_prefix", source.continuingPrefix, where);
    const int64_t most = jsonInt(definition.options, "max_input_chars_per_word", 100, where);
    if (most < 0 || most > 10'000)
        corrupt(where, "'max_input_chars_per_word' should be from 0 to 10000");
    source.maxWordLength = static_cast<size_t>(most);
    return std::make_unique<const WordPieceModel>(std::move(source));
}

std::vector<UnigramPiece> readPieces(const Json& model, const std::string& where) {
    std::vector<UnigramPiece> out;
    const Json& list = arrayMember(model, "vocab", where);
    out.reserve(list.size());
    for (size_t i = 0; i < list.size(); ++i) {
        if (!list[i].is_array() || list[i].size() != 2 || !list[i][0].is_string() || !list[i][1].is_number())
            corrupt(fmt::format("{}.vocab[{}]", where, i), "a token and its score are expected");
        out.push_back({list[i][0].get<std::string>(), list[i][1].get<double>()});
    }
    return out;
}

std::unique_ptr<const TokenModel> readUnigram(const Definition& definition,
                                              std::vector<UnigramPiece> pieces) {
    const std::string where = definition.where + ": model";
    UnigramSource source;
    source.pieces = std::move(pieces);
    source.where = where;
    if (definition.options.contains("unk_id") && !definition.options["unk_id"].is_null())
        source.unknownId = jsonInt(definition.options, "unk_id", where);
    source.byteFallback = jsonBool(definition.options, "byte_fallback", false, where);
    return std::make_unique<const UnigramModel>(std::move(source));
}

std::unique_ptr<const TokenModel> readModel(const Definition& definition, const Json& model) {
    const std::string where = definition.where + ": model";
    const std::string type = tokenizerModelType(model, where);
    if (type == "Unigram")
        return readUnigram(definition, readPieces(model, where));
    if (type != "BPE" && type != "WordPiece")
        unsupported(where, fmt::format("its type is {}", shownToken(type)));
    if (!model.contains("vocab"))
        corrupt(where, "'vocab' is missing");
    TokenIds vocabulary = readVocabulary(model["vocab"], where + ".vocab");
    if (type == "WordPiece")
        return readWordPiece(definition, std::move(vocabulary));
    return readBpe(definition, std::move(vocabulary),
                   readMergesList(arrayMember(model, "merges", where), where));
}

/// One token a line; of equal lines the last counts.
TokenIds readVocabularyLines(const std::filesystem::path& path) {
    std::unordered_map<std::string, int64_t> ids;
    std::istringstream in(readTextFile(path, kMaxTokenizerFileBytes));
    int64_t id = 0;
    for (std::string line; std::getline(in, line); ++id) {
        if (line.ends_with('\r'))
            line.pop_back();
        ids[line] = id;
    }
    return {ids.begin(), ids.end()};
}

/// How many sentinels T5's vocabulary ends with.
int64_t sentinelCount(const TokenizerFiles& files) {
    const int64_t count =
        files.config ? jsonInt(files.config->value, "extra_ids", 100, files.config->where) : 100;
    if (count < 0 || count > 10'000)
        corrupt(files.config->where, "'extra_ids' should be from 0 to 10000");
    return count;
}

/// The model of a SentencePiece file, whose other contents go into the definition.
std::unique_ptr<const TokenModel> readSentencePiece(Definition& definition, const TokenizerFiles& files,
                                                    const std::filesystem::path& path,
                                                    const std::string& tokenizerClass) {
    const SentencePieceFile file = readSentencePieceFile(path);
    const bool isBpe = definition.recipe["type"] == "BPE";
    if (file.modelType != (isBpe ? SentencePieceFile::kBpe : SentencePieceFile::kUnigram))
        unsupported(definition.where, fmt::format("it is no {} model of SentencePiece, as a {} has",
                                                  isBpe ? "BPE" : "unigram", tokenizerClass));
    definition.charsmap = file.charsmap;
    definition.added = convertedAddedTokens(file);
    if (isBpe)
        return readBpe(definition, convertedVocabulary(file), convertedMerges(file, definition.where));
    return readUnigram(definition, convertedPieces(file, tokenizerClass, sentinelCount(files)));
}

/// The model of a folder without tokenizer.json.
std::unique_ptr<const TokenModel> readModelFiles(Definition& definition, const TokenizerFiles& files,
                                                 const std::string& tokenizerClass) {
    if (definition.recipe.is_null()) {
        const std::string named = tokenizerClass.empty() ? "no tokenizer class is named that is known"
                                                         : fmt::format("the class {} is read from it alone",
                                                                       shownToken(tokenizerClass));
        throw Error(ErrorCode::Unsupported,
                    fmt::format("{} holds no tokenizer.json, and {}", displayPath(files.directory), named));
    }
    const std::string name = definition.recipe["vocabulary"];
    const auto path = files.directory / name;
    std::error_code ignored;
    if (!std::filesystem::exists(path, ignored))
        throw Error(ErrorCode::NotFound, fmt::format("{} holds no {}, which a {} is read from",
                                                     displayPath(files.directory), name, tokenizerClass));
    definition.where = displayPath(path);
    if (name == "vocab.txt")
        return readWordPiece(definition, readVocabularyLines(path));
    if (name.ends_with(".model"))
        return readSentencePiece(definition, files, path, tokenizerClass);
    return readBpe(definition, readVocabulary(readJsonFile(path, kMaxTokenizerFileBytes), definition.where),
                   readMergesFile(files.directory / "merges.txt"));
}

/// The model of a tokenizer.json; fills the definition from the file.
std::unique_ptr<const TokenModel> readModelOfFile(Definition& definition, const TokenizerFile& file,
                                                  const std::string& tokenizerClass) {
    definition.where = file.where;
    for (const auto& [key, value] : file.value.items())
        if (key != "model" && key != "added_tokens")
            definition.file[key] = value;
    const Json& model = *objectMember(file.value, "model", file.where, false);
    if (definition.recipe.is_null()) {
        for (const auto& [key, value] : model.items())
            if (key != "vocab" && key != "merges")
                definition.options[key] = value;
    } else if (const std::string type = tokenizerModelType(model, file.where + ": model");
               definition.recipe["type"] != type) {
        corrupt(file.where + ": model",
                fmt::format("its type is {}, which is not that of a {}", shownToken(type), tokenizerClass));
    }
    return readModel(definition, model);
}

// --- special tokens and the template -----------------------------------------------------------------------

/// The ids of a special token that a template names: its own list, else the vocabulary's.
void appendTemplateIds(const Json& processor, const std::string& token, const PipelineSource& source,
                       std::vector<int64_t>& out, const std::string& where) {
    const Json* known = objectMember(processor, "special_tokens", where);
    if (known && known->contains(token)) {
        for (const Json& id : arrayMember((*known)[token], "ids", where)) {
            if (!id.is_number_integer() || id.get<int64_t>() < 0)
                corrupt(where, fmt::format("the ids of {} should be whole numbers", shownToken(token)));
            out.push_back(id.get<int64_t>());
        }
        return;
    }
    auto id = source.added.idOf(token);
    if (!id)
        id = source.model->idOf(token);
    if (!id)
        corrupt(where, fmt::format("the token {} is not in the vocabulary", shownToken(token)));
    out.push_back(*id);
}

void readTemplate(const Json& processor, PipelineSource& source, const std::string& where) {
    bool textSeen = false;
    for (const Json& part : arrayMember(processor, "single", where)) {
        const Json* special = part.is_object() ? objectMember(part, "SpecialToken", where) : nullptr;
        const bool isText = part.is_object() && part.contains("Sequence");
        if (special)
            appendTemplateIds(processor, jsonString(*special, "id", where), source,
                              textSeen ? source.after : source.before, where);
        else if (!isText || textSeen)
            unsupported(where, "its template is not tokens around one text");
        textSeen = textSeen || isText;
    }
    if (!textSeen)
        unsupported(where, "its template has no place for a text");
}

int64_t idOfPair(const Json& processor, const char* key, const std::string& where) {
    const Json& pair = arrayMember(processor, key, where);
    if (pair.size() != 2 || !pair[1].is_number_integer() || pair[1].get<int64_t>() < 0)
        corrupt(where, fmt::format("'{}' should be a token and its id", key));
    return pair[1].get<int64_t>();
}

/// What a tokenizer.json puts around a text.
void readPostProcessor(const Definition& definition, PipelineSource& source) {
    const std::string where = definition.where + ": post_processor";
    const Json* processor = objectMember(definition.file, "post_processor", definition.where);
    if (!processor)
        return;
    for (const Json* step : stepsOf(*processor, "processors", where)) {
        const std::string type = jsonString(*step, "type", "", where);
        if (type == "TemplateProcessing") {
            readTemplate(*step, source, where);
        } else if (type == "BertProcessing" || type == "RobertaProcessing") {
            source.before.push_back(idOfPair(*step, "cls", where));
            source.after.push_back(idOfPair(*step, "sep", where));
        } else if (type != "ByteLevel") { // which moves offsets alone
            unsupported(where, fmt::format("it has the step {}", shownToken(type)));
        }
    }
}

/// The named tokens that the recipe and tokenizer.json bring along, before the other files speak.
SpecialTokens defaultTokens(const Definition& definition) {
    SpecialTokens out;
    const auto set = [&](const std::string& role, const std::string& content) {
        out.named[role].content = content;
    };
    if (!definition.recipe.is_null())
        for (const auto& [role, content] : definition.recipe["tokens"].items())
            set(role, content.get<std::string>());
    if (const Json* padding = objectMember(definition.file, "padding", definition.where))
        if (const std::string token = jsonString(*padding, "pad_token", "", definition.where + ": padding");
            !token.empty())
            set("pad_token", token);
    return out;
}

/// Tokens that the class or the vocabulary's file adds beside those that the files name.
void addClassTokens(const Definition& definition, const TokenizerFiles& files,
                    const std::string& tokenizerClass, SpecialTokens& tokens) {
    tokens.further.insert(tokens.further.end(), definition.added.begin(), definition.added.end());
    const bool named = std::any_of(tokens.further.begin(), tokens.further.end(), [](const AddedToken& token) {
        return token.content.find("<extra_id_") != std::string::npos;
    });
    if (tokenizerClass != "T5Tokenizer" || named)
        return;
    for (std::string& content : sentinelTokens(sentinelCount(files), false)) {
        AddedToken token;
        token.content = std::move(content);
        tokens.further.push_back(std::move(token));
    }
}

/// The id of the token with a role, or -1.
int64_t idOfRole(const SpecialTokens& tokens, const char* role, const PipelineSource& source) {
    const auto named = tokens.named.find(role);
    if (named == tokens.named.end())
        return -1;
    const auto added = source.added.idOf(named->second.content);
    return added ? *added : source.model->idOf(named->second.content).value_or(-1);
}

void addTokens(SpecialTokens& tokens, PipelineSource& source, const std::string& where) {
    listNamedTokens(tokens);
    int64_t next = static_cast<int64_t>(source.model->size());
    for (const AddedToken& token : tokens.added)
        next = std::max(next, std::min(token.id, Vocabulary::kMaxSize) + 1); // larger ones are refused below
    for (AddedToken& token : tokens.added) {
        const bool named = std::any_of(tokens.named.begin(), tokens.named.end(), [&](const auto& entry) {
            return entry.second.content == token.content;
        });
        token.special = token.special || named;
        // As in the library, a token that the vocabulary lacks goes behind it.
        if (token.id < 0 && !token.content.empty() && !source.model->idOf(token.content))
            token.id = next++;
        source.added.add(
            token, *source.model,
            [&source](std::string_view text) { return encodeUtf8(source.normalizer(decodeUtf8(text))); },
            where);
    }
}

void readSides(const Definition& definition, const TokenizerFiles& files, PipelineSource& source) {
    std::string padding = definition.recipe.is_null()
                              ? "right"
                              : jsonString(definition.recipe, "padding_side", "right", definition.where);
    if (const Json* section = objectMember(definition.file, "padding", definition.where))
        padding = jsonString(*section, "direction", padding, definition.where + ": padding");
    std::string truncation;
    if (const Json* section = objectMember(definition.file, "truncation", definition.where))
        truncation = jsonString(*section, "direction", "", definition.where + ": truncation");
    if (files.config) {
        const TokenizerFile& config = *files.config;
        padding = jsonString(config.value, "padding_side", padding, config.where);
        truncation = jsonString(config.value, "truncation_side", truncation, config.where);
        // transformers leaves BPE's spaces alone, which are the text's own.
        source.cleansSpaces = jsonBool(config.value, "clean_up_tokenization_spaces", false, config.where) &&
                              !dynamic_cast<const BpeModel*>(source.model.get());
    }
    source.padsLeft = padding == "left" || padding == "Left";
    source.truncatesLeft = truncation == "left" || truncation == "Left";
}

/// Where neither tokenizer.json nor the class has a template, the configuration can ask for tokens around.
void readFlaggedFrame(const TokenizerFiles& files, const SpecialTokens& tokens, PipelineSource& source) {
    if (!files.config)
        return;
    const auto append = [&](const char* flag, const char* role, std::vector<int64_t>& out) {
        const int64_t id = idOfRole(tokens, role, source);
        if (jsonBool(files.config->value, flag, false, files.config->where) && id >= 0)
            out.push_back(id);
    };
    append("add_bos_token", "bos_token", source.before);
    append("add_eos_token", "eos_token", source.after);
}

void readFrame(const Definition& definition, const TokenizerFiles& files, const SpecialTokens& tokens,
               PipelineSource& source) {
    if (!definition.recipe.is_null() && definition.recipe.contains("before")) {
        for (const auto& [key, out] :
             {std::pair("before", &source.before), std::pair("after", &source.after)})
            for (const Json& role : definition.recipe[key]) {
                const std::string name = role.get<std::string>();
                out->push_back(idOfRole(tokens, name.c_str(), source));
            }
    } else if (files.tokenizer) {
        readPostProcessor(definition, source);
    } else {
        readFlaggedFrame(files, tokens, source);
    }
    for (const std::vector<int64_t>& ids : {source.before, source.after})
        for (const int64_t id : ids)
            if (id < 0 || (source.model->token(id).empty() && !source.added.find(id)))
                corrupt(definition.where, fmt::format("a text is framed by id {}, which no token has", id));
}

} // namespace

std::shared_ptr<const Tokenizer> loadPipelineTokenizer(const TokenizerFiles& files,
                                                       const std::string& tokenizerClass) {
    Definition definition;
    definition.recipe = tokenizerRecipe(tokenizerClass, files);
    definition.file = Json::object();
    definition.options = Json::object();
    if (!definition.recipe.is_null())
        definition.options = definition.recipe["model"];
    PipelineSource source;
    source.model = files.tokenizer ? readModelOfFile(definition, *files.tokenizer, tokenizerClass)
                                   : readModelFiles(definition, files, tokenizerClass);
    const bool replaces = !definition.recipe.is_null() && definition.recipe["normalizer"] == "charsmap";
    if (replaces)
        definition.recipe["normalizer"] = charsmapStep(definition);
    const auto read = [&](const char* key, auto reader) {
        const Step step = stepOf(definition, key);
        return reader(step.value, step.where);
    };
    source.normalizer = replaces && !definition.charsmap.empty()
                            ? charsmapNormalizer(definition.charsmap, definition.where)
                            : read("normalizer", readNormalizer);
    source.preTokenizer = read("pre_tokenizer", readPreTokenizer);
    const Json* preTokenizer = stepOf(definition, "pre_tokenizer").value;
    source.marksFirst =
        preTokenizer && preTokenizer->dump().find("\"prepend_scheme\":\"first\"") != std::string::npos;
    source.decoder = read("decoder", readDecoder);

    SpecialTokens tokens = defaultTokens(definition);
    readSpecialTokens(files, tokens);
    addClassTokens(definition, files, tokenizerClass, tokens);
    addTokens(tokens, source, definition.where);
    readFrame(definition, files, tokens, source);
    readSides(definition, files, source);
    source.endId = idOfRole(tokens, "eos_token", source);
    if (source.endId < 0)
        source.endId = idOfRole(tokens, "sep_token", source);
    source.padId = idOfRole(tokens, "pad_token", source);
    if (source.padId < 0)
        source.padId = std::max<int64_t>(source.endId, 0);
    return std::make_shared<const PipelineTokenizer>(std::move(source));
}

} // namespace diptych
