// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/text/tokenizer.h"

#include "core/base/file.h"
#include "core/base/hash.h"
#include "core/text/bpe_model.h"
#include "core/text/tokenizer_files.h"

#include <fmt/format.h>

#include <algorithm>

namespace diptych {
namespace {

namespace fs = std::filesystem;

/// A kind of tokenizer, by what tokenizer.json calls its model.
struct TokenizerKind {
    const char* modelType;
    std::shared_ptr<const Tokenizer> (*load)(const TokenizerFiles&);
};
constexpr TokenizerKind kKinds[] = {
    {"BPE", loadClipTokenizer},
};

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

std::string modelType(const TokenizerFile& file) {
    const auto model = file.value.find("model");
    if (model == file.value.end() || !model->is_object())
        throw Error(ErrorCode::Corrupt, fmt::format("{}: 'model' should be an object", file.where));
    const std::string where = file.where + ": model";
    // Files written before the type was recorded have merges only for BPE.
    return jsonString(*model, "type", model->contains("merges") ? "BPE" : "", where);
}

/// The model type of a folder without tokenizer.json.
std::string modelTypeWithoutTokenizerJson(const fs::path& directory) {
    if (present(directory / "vocab.json") && present(directory / "merges.txt"))
        return "BPE";
    if (present(directory / "vocab.txt"))
        return "WordPiece";
    for (const char* name : {"spiece.model", "tokenizer.model", "sentencepiece.bpe.model"})
        if (present(directory / name))
            return "SentencePiece";
    throw Error(
        ErrorCode::NotFound,
        fmt::format("{} holds no tokenizer: tokenizer.json, or vocab.json with merges.txt, is expected",
                    displayPath(directory)));
}

} // namespace

TokenBatch Tokenizer::encodeBatch(std::span<const std::string> texts, size_t length) const {
    TokenBatch batch;
    batch.count = texts.size();
    batch.length = length;
    batch.ids.assign(texts.size() * length, padId());
    batch.attentionMask.assign(texts.size() * length, 0);
    for (size_t i = 0; i < texts.size(); ++i) {
        const std::vector<int64_t> ids = encode(texts[i], length);
        const auto offset = static_cast<ptrdiff_t>(i * length);
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
    files.config = readOptional(directory / "tokenizer_config.json");
    files.specialTokens = readOptional(directory / "special_tokens_map.json");
    files.addedTokens = readOptional(directory / "added_tokens.json");
    const std::string type =
        files.tokenizer ? modelType(*files.tokenizer) : modelTypeWithoutTokenizerJson(directory);
    std::string known;
    for (const TokenizerKind& kind : kKinds) {
        if (type == kind.modelType)
            return kind.load(files);
        known += fmt::format("{}{}", known.empty() ? "" : ", ", kind.modelType);
    }
    throw Error(ErrorCode::Unsupported,
                fmt::format("{}: tokenizers of type {} are not supported; supported: {}",
                            files.tokenizer ? files.tokenizer->where : displayPath(directory),
                            shownToken(type), known));
}

std::string tokenizerFingerprint(const fs::path& directory) {
    Hasher hasher;
    for (const char* name : {"tokenizer.json", "tokenizer_config.json", "special_tokens_map.json",
                             "added_tokens.json", "vocab.json", "merges.txt"}) {
        if (!present(directory / name))
            continue;
        const auto bytes = readFile(directory / name, kMaxTokenizerFileBytes);
        if (!bytes)
            throw bytes.error();
        hasher.addField(name).addField(hashBytes(*bytes).hex());
    }
    return hasher.finish().hex();
}

} // namespace diptych
