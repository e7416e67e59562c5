// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/text/prefix_trie.h"
#include "core/text/token_model.h"

#include <unordered_map>

namespace diptych {

/// A token of a unigram model.
struct UnigramPiece {
    std::string text;
    double score = 0;    ///< logarithm of its probability
    bool matches = true; ///< found in texts; control and unknown pieces are not
    bool always = false; ///< user defined: taken wherever it fits
    bool counts = true;  ///< its score bounds that of unknown characters
};

/// What a unigram model is made of.
struct UnigramSource {
    std::vector<UnigramPiece> pieces; ///< by id
    std::optional<int64_t> unknownId;
    bool byteFallback = false;    ///< what is unknown becomes the tokens "<0x..>" of its bytes
    bool singlePrecision = false; ///< sums of scores as SentencePiece has them; else as tokenizers
    std::string where;
};

/// The most probable cut of a word into tokens (Kudo 2018), by Viterbi's algorithm.
class UnigramModel final : public TokenModel {
public:
    /// @throws Error Corrupt for an unknown id that no piece has, or a score that is not finite;
    /// LimitExceeded
    explicit UnigramModel(UnigramSource source);
    // m_idOfToken points into m_source.
    UnigramModel(const UnigramModel&) = delete;
    UnigramModel& operator=(const UnigramModel&) = delete;

    /// O(n) in the word's length, times the length of the longest token. Unknown characters side by side
    /// become one unknown token; none where the model has no unknown token.
    void encodeWord(std::string_view word, std::vector<int64_t>& out) const override;
    /// The same cut as pieces of @p word, with -1 for what is unknown.
    struct Cut {
        std::string_view text;
        int64_t id = -1;
    };
    std::vector<Cut> cut(std::string_view word) const;

    std::optional<int64_t> idOf(const std::string& token) const override;
    std::string_view token(int64_t id) const override;
    size_t size() const override { return m_source.pieces.size(); }
    std::optional<int64_t> unknownId() const { return m_source.unknownId; }

private:
    template<class Score>
    std::vector<Cut> bestCut(std::string_view word) const;

    UnigramSource m_source;
    std::unordered_map<std::string_view, int64_t> m_idOfToken; ///< of m_source's texts
    PrefixTrie m_trie;
    double m_unknownScore = 0, m_highestScore = 0; ///< the highest is not below 0, as in SentencePiece
};

} // namespace diptych
