// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/error.h"

#include <array>
#include <cstdint>
#include <optional>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace diptych {

/// How messages write a token or a value: quoted, shortened, valid UTF-8.
std::string shownToken(std::string_view token);

/// One rule: two token strings become one. @c where names its place in messages ("merges.txt:17").
struct BpeMerge {
    std::string first, second, where;
};

/// What a byte-level BPE is made of.
struct BpeSource {
    std::vector<std::pair<std::string, int64_t>> vocabulary; ///< token, id; no token twice
    std::vector<BpeMerge> merges;                            ///< most frequent first
    std::string unknownToken; ///< stands for a byte without a token; may be empty
    std::string endOfWord;    ///< suffix of a word's last token ("</w>"); may be empty
    std::string where;        ///< names the vocabulary in messages
};

/// Byte-level byte pair encoding of single words. Immutable but for a cache of words; safe to call from
/// several threads.
class BpeModel {
public:
    /// Largest id + 1 that is accepted.
    static constexpr int64_t kMaxVocabulary = int64_t{1} << 22;

    /// @throws Error Corrupt for an id given twice, or a merge that names a token the vocabulary lacks;
    /// LimitExceeded for an id out of range
    explicit BpeModel(BpeSource source);

    /// Appends the ids of one word (any bytes, not empty). O(n log n) in its bytes.
    void encodeWord(std::string_view bytes, std::vector<int64_t>& out) const;
    std::optional<int64_t> idOf(const std::string& token) const;
    /// Empty for an id without a token.
    std::string_view token(int64_t id) const;
    /// Largest id + 1.
    size_t size() const { return m_tokenOfId.size(); }
    const std::string& endOfWord() const { return m_endOfWord; }

private:
    struct Merge {
        uint32_t rank = 0;
        int32_t result = 0;
    };
    static constexpr int32_t kNoToken = -1;

    void addVocabulary(std::vector<std::pair<std::string, int64_t>> vocabulary, const std::string& where);
    void addMerges(const std::vector<BpeMerge>& merges, const std::string& where);
    std::vector<int32_t> mergeWord(std::string_view bytes) const;
    const Merge* findMerge(int32_t first, int32_t second) const;

    std::string m_endOfWord;
    std::unordered_map<std::string, int32_t> m_idOfToken;
    std::vector<const std::string*>
        m_tokenOfId; ///< points into m_idOfToken's keys; null where an id is unused
    std::unordered_map<uint64_t, Merge> m_merges;
    std::array<int32_t, 256> m_byteId{}, m_lastByteId{}; ///< kNoToken: the byte is left out
    mutable std::shared_mutex m_cacheMutex;
    mutable std::unordered_map<std::string, std::vector<int32_t>> m_cache;
};

} // namespace diptych
