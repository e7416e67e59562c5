// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/text/token_model.h"
#include "core/text/vocabulary.h"

#include <array>
#include <shared_mutex>

namespace diptych {

/// One rule: two token strings become one. @c where names its place in messages ("merges.txt:17").
struct BpeMerge {
    std::string first, second, where;
};

/// What a BPE is made of.
struct BpeSource {
    /// What merging starts from.
    enum class Symbols : uint8_t {
        Bytes,      ///< bytes, which the vocabulary writes in the byte alphabet
        Characters, ///< characters
    };

    TokenIds vocabulary;
    std::vector<BpeMerge> merges; ///< most frequent first
    std::string unknownToken;     ///< stands for a symbol without a token; empty: such symbols are left out
    std::string endOfWord;        ///< suffix of a word's last token ("</w>"); may be empty
    std::string where;            ///< names the vocabulary in messages
    Symbols symbols = Symbols::Bytes;
    // Of characters alone:
    bool byteFallback = false; ///< a character without a token becomes the tokens "<0x..>" of its bytes
    bool fuseUnknown = false;  ///< neighbouring unknown characters become one unknown token
    bool ignoreMerges = false; ///< a word that is a token is that token
};

/// Byte pair encoding of single words. Immutable but for a cache of words; safe to call from several threads.
class BpeModel final : public TokenModel {
public:
    /// @throws Error as Vocabulary; Corrupt for a merge that names a token the vocabulary lacks
    explicit BpeModel(BpeSource source);

    /// Any bytes where the symbols are bytes. O(n log n) in the word's length.
    void encodeWord(std::string_view word, std::vector<int64_t>& out) const override;
    std::optional<int64_t> idOf(const std::string& token) const override { return m_vocabulary.idOf(token); }
    std::string_view token(int64_t id) const override { return m_vocabulary.token(id); }
    size_t size() const override { return m_vocabulary.size(); }
    const std::string& endOfWord() const { return m_endOfWord; }

private:
    struct Merge {
        uint32_t rank = 0;
        int32_t result = 0;
    };
    static constexpr int32_t kNoToken = -1;

    void addMerges(const std::vector<BpeMerge>& merges, const std::string& where);
    std::vector<int32_t> symbolsOfBytes(std::string_view word) const;
    std::vector<int32_t> symbolsOfCharacters(std::string_view word) const;
    bool appendBytes(std::string_view character, std::vector<int32_t>& out) const;
    std::vector<int32_t> mergeWord(std::string_view word) const;
    const Merge* findMerge(int32_t first, int32_t second) const;

    std::string m_endOfWord;
    Vocabulary m_vocabulary;
    BpeSource::Symbols m_symbols;
    bool m_byteFallback, m_fuseUnknown, m_ignoreMerges;
    int32_t m_unknown = kNoToken;
    std::unordered_map<uint64_t, Merge> m_merges;
    std::array<int32_t, 256> m_byteId{}, m_lastByteId{}; ///< kNoToken: the byte is left out
    mutable std::shared_mutex m_cacheMutex;
    mutable std::unordered_map<std::string, std::vector<int32_t>> m_cache;
};

} // namespace diptych
