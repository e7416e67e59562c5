// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/text/tokenizer.h"

#include "core/base/file.h"
#include "core/base/hash.h"
#include "core/text/tokenizer_files.h"
#include "core/text/tokenizer_recipes.h"

#include <fmt/format.h>

#include <algorithm>

namespace diptych {
namespace {

namespace fs = std::filesystem;

bool present(const fs::path& path) {
    std::error_code ignored;
    return fs::exists(path, ignored);
}

std::optional<TokenizerFile> readOptional(const fs::path& path) {
    if (!present(path))
        return std::nullopt;
    TokenizerFile file{displayPath(path), readJsonFile(path, kMaxTokenizerFileBytes)};
    if (!file.value.is_object())
        throw Error(ErrorCode::Corrupt, fmt::format("{}: an object is expected", file.where));
    return file;
}

/// CLIP's is the one BPE whose tokens say where a word ends.
bool isClips(const TokenizerFiles& files, const std::string& tokenizerClass) {
    const auto isThere = [&](const char* name) { return present(files.directory / name); };
    if (!files.tokenizer)
        return (tokenizerClass.empty() || tokenizerClass == "CLIPTokenizer") && isThere("vocab.json") &&
               isThere("merges.txt");
    const auto model = files.tokenizer->value.find("model");
    if (model == files.tokenizer->value.end() || !model->is_object())
        throw Error(ErrorCode::Corrupt,
                    fmt::format("{}: 'model' should be an object", files.tokenizer->where));
    const std::string where = files.tokenizer->where + ": model";
    return tokenizerModelType(*model, where) == "BPE" &&
           !jsonString(*model, "end_of_word_suffix", "", where).empty();
}

void requireVocabulary(const TokenizerFiles& files) {
    const auto isThere = [&](const char* name) { return present(files.directory / name); };
    if (files.tokenizer || isThere("vocab.txt") || (isThere("vocab.json") && isThere("merges.txt")) ||
        isThere("spiece.model") || isThere("sentencepiece.bpe.model") || isThere("tokenizer.model"))
        return;
    throw Error(
        ErrorCode::NotFound,
        fmt::format("{} holds no tokenizer: tokenizer.json, vocab.txt, spiece.model, "
                    "sentencepiece.bpe.model, tokenizer.model, or vocab.json with merges.txt is expected",
                    displayPath(files.directory)));
}

void readConfigurations(TokenizerFiles& files) {
    files.config = readOptional(files.directory / "tokenizer_config.json");
    files.model = readOptional(files.directory / "config.json");
    if (!files.model)
        files.openClip = readOptional(files.directory / "open_clip_config.json");
}

std::string classNamed(const TokenizerFiles& files) {
    const std::string name = tokenizerClass(files);
    const bool isBerts = name.empty() && !files.tokenizer && present(files.directory / "vocab.txt");
    return isBerts ? "BertTokenizer" : name; // the only one that has this file
}

/// What transformers reads from the files.
std::shared_ptr<const Tokenizer> loadTransformers(const TokenizerFiles& files) {
    const std::string name = classNamed(files);
    if (name == "SiglipTokenizer") // whatever tokenizer.json says, it lacks the steps that the class takes
        return loadSiglipTokenizer(files);
    if (isClips(files, name))
        return loadClipTokenizer(files);
    requireVocabulary(files);
    return loadPipelineTokenizer(files, name);
}

} // namespace

std::string tokenizerModelType(const Json& model, const std::string& where) {
    const char* unnamed = model.contains("merges")   ? "BPE"
                          : model.contains("unk_id") ? "Unigram"
                                                     : "WordPiece";
    return jsonString(model, "type", unnamed, where);
}

TokenBatch Tokenizer::encodeBatch(std::span<const std::string> texts, size_t length) const {
    TokenBatch batch;
    batch.count = texts.size();
    batch.length = length;
    batch.ids.assign(texts.size() * length, padId());
    batch.attentionMask.assign(texts.size() * length, 0);
    for (size_t i = 0; i < texts.size(); ++i) {
        const std::vector<int64_t> ids = encode(texts[i], length);
        const size_t padding = padsLeft() ? length - ids.size() : 0;
        const auto offset = static_cast<ptrdiff_t>(i * length + padding);
        std::copy(ids.begin(), ids.end(), batch.ids.begin() + offset);
        std::fill_n(batch.attentionMask.begin() + offset, ids.size(), uint8_t{1});
    }
    return batch;
}

std::shared_ptr<const Tokenizer> loadTokenizer(const fs::path& directory) {
    if (!present(directory))
        throw Error(ErrorCode::NotFound, fmt::format("There is no folder {}", displayPath(directory)));
    TokenizerFiles files;
    files.directory = directory;
    files.tokenizer = readOptional(directory / "tokenizer.json");
    files.specialTokens = readOptional(directory / "special_tokens_map.json");
    files.addedTokens = readOptional(directory / "added_tokens.json");
    readConfigurations(files);
    if (!files.openClip)
        return loadTransformers(files);
    const std::string name = classNamed(files);
    if (!namesHuggingFaceTokenizer(*files.openClip) && !isClips(files, name)) {
        requireVocabulary(files);
        throw Error(
            ErrorCode::Unsupported,
            fmt::format("{} names no 'hf_tokenizer_name', so OpenCLIP takes CLIP's vocabulary, and the "
                        "tokenizer here is another",
                        files.openClip->where));
    }
    return asOpenClipUses(loadTransformers(files), files);
}

std::string tokenizerFingerprint(const fs::path& directory) {
    Hasher hasher;
    for (const char* name : {"tokenizer.json", "tokenizer_config.json", "special_tokens_map.json",
                             "added_tokens.json", "vocab.json", "merges.txt", "vocab.txt", "spiece.model",
                             "sentencepiece.bpe.model", "tokenizer.model"}) {
        if (!present(directory / name))
            continue;
        const auto bytes = readFile(directory / name, kMaxTokenizerFileBytes);
        if (!bytes)
            throw bytes.error();
        hasher.addField(name).addField(hashBytes(*bytes).hex());
    }
    // Which class reads them depends on config.json too; CLIP's keeps the hash it had alone.
    TokenizerFiles files;
    files.directory = directory;
    readConfigurations(files);
    if (const std::string name = tokenizerClass(files); !name.empty() && name != "CLIPTokenizer")
        hasher.addField(name);
    if (files.openClip)
        hasher.addField("open_clip").addField(openClipTokenizing(*files.openClip));
    return hasher.finish().hex();
}

} // namespace diptych
