// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/text/charsmap.h"
#include "core/text/sentencepiece_file.h"
#include "core/text/unigram_model.h"

#include <memory>
#include <optional>
#include <unordered_map>

namespace diptych {

/// Cuts texts as SentencePiece does with a unigram or BPE model (Kudo and Richardson 2018). Immutable.
class SentencePieceModel {
public:
    /// @throws Error Unsupported for another kind of model; Corrupt
    SentencePieceModel(SentencePieceFile file, const std::string& where);
    // m_idOfPiece points into m_file.
    SentencePieceModel(const SentencePieceModel&) = delete;
    SentencePieceModel& operator=(const SentencePieceModel&) = delete;

    /// Ids of a text (UTF-8), unknown characters in a row as one. O(n log n).
    std::vector<int64_t> encode(std::string_view text) const;
    std::optional<int64_t> idOf(std::string_view piece) const;
    size_t size() const { return m_file.pieces.size(); }
    /// @param id from 0 to size() - 1
    const SentencePieceFile::Piece& piece(int64_t id) const { return m_file.pieces[static_cast<size_t>(id)]; }

private:
    std::string normalised(std::string_view text) const;
    Charsmap::Match prefixOf(std::string_view text) const;
    std::vector<UnigramModel::Cut> cut(std::string_view text) const;

    SentencePieceFile m_file;
    std::unordered_map<std::string_view, int64_t> m_idOfPiece;
    int64_t m_unknownId = -1;
    std::optional<Charsmap> m_charsmap;
    std::optional<PrefixTrie> m_userDefined;
    std::unique_ptr<const UnigramModel> m_unigram; ///< null: BPE
    std::vector<int64_t> m_byteIds;                ///< 256 where bytes stand for unknown characters
};

} // namespace diptych
