// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/text/added_vocabulary.h"
#include "core/text/decoders.h"
#include "core/text/normalizers.h"
#include "core/text/pre_tokenizers.h"
#include "core/text/token_model.h"
#include "core/text/tokenizer.h"

#include <memory>

namespace diptych {

/// What a tokenizer is made of, step by step.
struct PipelineSource {
    Normalizer normalizer;
    PreTokenizer preTokenizer;
    std::unique_ptr<const TokenModel> model;
    Decoder decoder;
    AddedVocabulary added;
    std::vector<int64_t> before, after; ///< special tokens around a text
    int64_t padId = 0, endId = -1;
    bool padsLeft = false, truncatesLeft = false;
    bool marksFirst = false;   ///< the pre-tokenizer puts something before the first word alone
    bool cleansSpaces = false; ///< decode() takes off the spaces before punctuation
};

/// A tokenizer as the tokenizers library has them: added tokens, normalizer, pre-tokenizer, model, template;
/// and back through the decoder.
class PipelineTokenizer final : public Tokenizer {
public:
    explicit PipelineTokenizer(PipelineSource source);

    std::vector<int64_t> encode(std::string_view text, size_t maxLength) const override;
    std::string decode(std::span<const int64_t> ids) const override;
    size_t vocabularySize() const override;
    int64_t padId() const override { return m_source.padId; }
    int64_t eosId() const override { return m_source.endId; }
    bool padsLeft() const override { return m_source.padsLeft; }
    std::string_view token(int64_t id) const override;

private:
    bool losesBeginning(std::u32string_view text, std::u32string_view normalised) const;
    void encodePlain(std::string_view text, bool first, std::vector<int64_t>& out) const;
    void encodeNormalised(std::u32string text, bool first, std::vector<int64_t>& out) const;

    PipelineSource m_source;
};

/// Puts special tokens around ids, of which as many go as @p maxLength asks for; the last special tokens stay
/// longest.
std::vector<int64_t> framedIds(std::span<const int64_t> before, std::vector<int64_t> ids,
                               std::span<const int64_t> after, size_t maxLength, bool truncatesLeft);

} // namespace diptych
