// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/text/token_model.h"
#include "core/text/vocabulary.h"

namespace diptych {

/// What a WordPiece is made of.
struct WordPieceSource {
    TokenIds vocabulary;
    std::string unknownToken = "[UNK]";
    std::string continuingPrefix = "##"; ///< of tokens that do not begin a word
    size_t maxWordLength = 100;          ///< longer words, in characters, are unknown
    std::string where;                   ///< names the vocabulary in messages
};

/// BERT's tokens: from the left, the longest token that fits; a word that does not come out is unknown.
class WordPieceModel final : public TokenModel {
public:
    /// @throws Error as Vocabulary; Corrupt for an unknown token that the vocabulary lacks
    explicit WordPieceModel(WordPieceSource source);

    void encodeWord(std::string_view word, std::vector<int64_t>& out) const override;
    std::optional<int64_t> idOf(const std::string& token) const override { return m_vocabulary.idOf(token); }
    std::string_view token(int64_t id) const override { return m_vocabulary.token(id); }
    size_t size() const override { return m_vocabulary.size(); }

private:
    Vocabulary m_vocabulary;
    std::string m_continuingPrefix;
    size_t m_maxWordLength;
    int64_t m_unknown;
};

} // namespace diptych
