// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/text/sentencepiece_model.h"
#include "core/text/special_tokens.h"
#include "core/text/tokenizer.h"

#include <unordered_map>
#include <unordered_set>

namespace diptych {

/// SigLIP's tokenizer as transformers' SiglipTokenizer: canonical text (lower case where do_lower_case says
/// so, no ASCII punctuation, single spaces), SentencePiece, the end token last.
class SiglipTokenizer final : public Tokenizer {
public:
    struct Source {
        SentencePieceFile file;
        SpecialTokens tokens; ///< with all that the checkpoint names
        bool lowerCases = true, padsLeft = false, truncatesLeft = false;
        bool cleansSpaces = false; ///< decode() takes off the spaces before punctuation
        std::string where;         ///< names the model file in messages
    };
    /// @throws Error as SentencePieceModel; Corrupt for a special token without an id
    explicit SiglipTokenizer(Source source);

    std::vector<int64_t> encode(std::string_view text, size_t maxLength) const override;
    std::string decode(std::span<const int64_t> ids) const override;
    size_t vocabularySize() const override { return m_size; }
    int64_t padId() const override { return m_padId; }
    int64_t eosId() const override { return m_endId; }
    bool padsLeft() const override { return m_padsLeft; }
    std::string_view token(int64_t id) const override;

private:
    int64_t addToken(const AddedToken& token, const std::string& where);
    void encodePlain(std::string_view text, std::vector<int64_t>& out) const;

    SentencePieceModel m_pieces;
    bool m_lowerCases, m_padsLeft, m_truncatesLeft, m_cleansSpaces;
    AddedTokenSplitter m_splitter;
    std::unordered_map<int64_t, AddedToken> m_added;
    std::unordered_set<int64_t> m_specials;
    std::string m_unknownToken;
    size_t m_unknownLength = 0, m_size = 0;
    int64_t m_endId = 0, m_padId = 0, m_unknownId = 0;
};

} // namespace diptych
