// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/error.h"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace diptych {

/// Token ids of texts, padded to one length: ids and mask are [count, length] row-major.
struct TokenBatch {
    size_t count = 0, length = 0;
    std::vector<int64_t> ids;
    std::vector<uint8_t> attentionMask; ///< 1 for real tokens (specials included), 0 for padding
    std::span<const int64_t> row(size_t i) const { return {ids.data() + i * length, length}; }
};

/// Text to token ids as the checkpoint was trained with. Immutable; safe to call from several threads.
class Tokenizer {
public:
    virtual ~Tokenizer() = default;
    /// Ids of one text with its special tokens, truncated to @p maxLength (the end token stays last), not
    /// padded. Any bytes are accepted; ill-formed UTF-8 becomes U+FFFD.
    virtual std::vector<int64_t> encode(std::string_view text, size_t maxLength) const = 0;
    /// Ids back to text; special tokens left out.
    virtual std::string decode(std::span<const int64_t> ids) const = 0;
    virtual size_t vocabularySize() const = 0;
    /// The padding token, else the end token, else 0.
    virtual int64_t padId() const = 0;
    /// The token that ends a text (eos_token, else sep_token); -1 if there is none.
    virtual int64_t eosId() const = 0;
    /// Whether padding stands before a text.
    virtual bool padsLeft() const { return false; }
    /// Token string of an id as the vocabulary writes it ("cat</w>"); empty if there is none.
    virtual std::string_view token(int64_t id) const = 0;

    /// Texts padded to @p length each (the context length of the model), as transformers'
    /// padding="max_length".
    TokenBatch encodeBatch(std::span<const std::string> texts, size_t length) const;
};

/// Reads the files of a checkpoint as transformers does: tokenizer.json, or the vocabulary of its kind
/// (vocab.json with merges.txt, vocab.txt, spiece.model, sentencepiece.bpe.model, tokenizer.model), with
/// tokenizer_config.json, special_tokens_map.json and added_tokens.json where present. @throws Error that
/// names the file
std::shared_ptr<const Tokenizer> loadTokenizer(const std::filesystem::path& directory);
/// Content hash of the files loadTokenizer() may read: changes whenever the ids of a text could.
std::string tokenizerFingerprint(const std::filesystem::path& directory);

} // namespace diptych
