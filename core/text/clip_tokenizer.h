// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/text/added_vocabulary.h"
#include "core/text/bpe_model.h"
#include "core/text/tokenizer.h"

namespace diptych {

/// What a CLIP tokenizer is made of.
struct ClipTokenizerSource {
    BpeSource bpe;
    std::vector<AddedToken> addedTokens;
    std::string beginToken = "<|startoftext|>", endToken = "<|endoftext|>", padToken = "<|endoftext|>";
    bool composes = true;         ///< NFC first
    bool lowerCases = true;       ///< then lower case
    bool findsAddedTokens = true; ///< in texts, as transformers; else they are words like any others
    std::string where;            ///< names the files in messages
};

/// CLIP's tokenizer: NFC, lower case, words of a fixed pattern, byte-level BPE with an end-of-word suffix.
/// Ids are those of transformers' CLIPTokenizer (the versions are in tests/fixtures/tokenizer).
class ClipTokenizer final : public Tokenizer {
public:
    /// @throws Error as BpeModel; Corrupt for a named token without an id
    explicit ClipTokenizer(ClipTokenizerSource source);

    std::vector<int64_t> encode(std::string_view text, size_t maxLength) const override;
    std::string decode(std::span<const int64_t> ids) const override;
    size_t vocabularySize() const override { return m_size; }
    int64_t padId() const override { return m_padId; }
    int64_t eosId() const override { return m_endId; }
    std::string_view token(int64_t id) const override;

private:
    int64_t requireId(const std::string& token, const char* role, const std::string& where) const;
    std::u32string normalise(std::string_view text) const;
    void encodeNormalised(std::u32string_view text, size_t limit, std::vector<int64_t>& out) const;
    void encodePlain(std::string_view text, size_t limit, std::vector<int64_t>& out) const;

    BpeModel m_model;
    bool m_composes, m_lowerCases, m_findsAddedTokens;
    AddedVocabulary m_added;
    size_t m_size = 0;
    int64_t m_beginId = 0, m_endId = 0, m_padId = 0;
};

} // namespace diptych
