// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/text/bpe_model.h"

#include "core/base/file.h"
#include "core/text/byte_alphabet.h"

#include <queue>

#include <fmt/format.h>

#include <mutex>

namespace diptych {
namespace {

// Longer words are rare and seldom seen twice.
constexpr size_t kMaxCachedBytes = 64;
constexpr size_t kMaxCachedWords = 1 << 16;

constexpr uint64_t pairKey(int32_t first, int32_t second) {
    return (static_cast<uint64_t>(static_cast<uint32_t>(first)) << 32) | static_cast<uint32_t>(second);
}

/// A piece of the word being merged, in a doubly linked list by position.
struct Symbol {
    int32_t id = 0;
    int64_t previous = -1, next = -1;
    bool alive = true;
};

/// A pair that may be merged: the smallest rank first, then the leftmost, as the tokenizers library does.
struct Candidate {
    uint32_t rank = 0;
    int64_t position = 0;
    int32_t result = 0;
    bool operator>(const Candidate& other) const {
        return rank != other.rank ? rank > other.rank : position > other.position;
    }
};

} // namespace

std::string shownToken(std::string_view token) {
    constexpr size_t kShown = 60;
    return "'" + toValidUtf8(token.substr(0, kShown)) + (token.size() > kShown ? "...'" : "'");
}

BpeModel::BpeModel(BpeSource source) : m_endOfWord(std::move(source.endOfWord)) {
    addVocabulary(std::move(source.vocabulary), source.where);
    addMerges(source.merges, source.where);
    int32_t unknown = kNoToken;
    if (!source.unknownToken.empty()) {
        const auto found = m_idOfToken.find(source.unknownToken);
        if (found == m_idOfToken.end())
            throw Error(ErrorCode::Corrupt, fmt::format("{}: the unknown token {} is not in the vocabulary",
                                                        source.where, shownToken(source.unknownToken)));
        unknown = found->second;
    }
    for (unsigned byte = 0; byte < 256; ++byte) {
        const std::string token = byteToken(static_cast<unsigned char>(byte));
        const auto inside = m_idOfToken.find(token), last = m_idOfToken.find(token + m_endOfWord);
        m_byteId[byte] = inside == m_idOfToken.end() ? unknown : inside->second;
        m_lastByteId[byte] = last == m_idOfToken.end() ? unknown : last->second;
    }
}

void BpeModel::addVocabulary(std::vector<std::pair<std::string, int64_t>> vocabulary,
                             const std::string& where) {
    m_idOfToken.reserve(vocabulary.size());
    for (auto& [token, id] : vocabulary) {
        if (id < 0 || id >= kMaxVocabulary)
            throw Error(ErrorCode::LimitExceeded,
                        fmt::format("{}: token {} has id {}; ids from 0 to {} are read", where,
                                    shownToken(token), id, kMaxVocabulary - 1));
        const auto index = static_cast<size_t>(id);
        if (index >= m_tokenOfId.size())
            m_tokenOfId.resize(index + 1, nullptr);
        if (m_tokenOfId[index])
            throw Error(ErrorCode::Corrupt, fmt::format("{}: id {} is given to both {} and {}", where, id,
                                                        shownToken(*m_tokenOfId[index]), shownToken(token)));
        const auto [entry, added] = m_idOfToken.emplace(std::move(token), static_cast<int32_t>(id));
        if (!added)
            throw Error(ErrorCode::Corrupt,
                        fmt::format("{}: token {} is listed twice", where, shownToken(entry->first)));
        m_tokenOfId[index] = &entry->first;
    }
}

void BpeModel::addMerges(const std::vector<BpeMerge>& merges, const std::string& where) {
    const auto find = [&](const std::string& token, const BpeMerge& merge) {
        const auto found = m_idOfToken.find(token);
        if (found == m_idOfToken.end())
            throw Error(ErrorCode::Corrupt,
                        fmt::format("{}: the merge of {} and {} needs the token {}, which {} lacks",
                                    merge.where, shownToken(merge.first), shownToken(merge.second),
                                    shownToken(token), where));
        return found->second;
    };
    m_merges.reserve(merges.size());
    uint32_t rank = 0;
    for (const BpeMerge& merge : merges) {
        const int32_t first = find(merge.first, merge), second = find(merge.second, merge);
        // A pair that is listed twice counts where it stands last, as in the reference.
        m_merges[pairKey(first, second)] = {rank++, find(merge.first + merge.second, merge)};
    }
}

const BpeModel::Merge* BpeModel::findMerge(int32_t first, int32_t second) const {
    const auto found = m_merges.find(pairKey(first, second));
    return found == m_merges.end() ? nullptr : &found->second;
}

std::vector<int32_t> BpeModel::mergeWord(std::string_view bytes) const {
    std::vector<Symbol> symbols;
    symbols.reserve(bytes.size());
    for (size_t i = 0; i < bytes.size(); ++i) {
        const auto byte = static_cast<unsigned char>(bytes[i]);
        const int32_t id = i + 1 == bytes.size() ? m_lastByteId[byte] : m_byteId[byte];
        if (id != kNoToken)
            symbols.push_back({id, static_cast<int64_t>(symbols.size()) - 1,
                               static_cast<int64_t>(symbols.size()) + 1, true});
    }
    if (symbols.empty())
        return {};
    symbols.back().next = -1;

    std::priority_queue<Candidate, std::vector<Candidate>, std::greater<>> queue;
    const auto offer = [&](int64_t position) {
        if (position < 0)
            return;
        const Symbol& symbol = symbols[static_cast<size_t>(position)];
        if (symbol.next < 0)
            return;
        if (const Merge* merge = findMerge(symbol.id, symbols[static_cast<size_t>(symbol.next)].id))
            queue.push({merge->rank, position, merge->result});
    };
    for (size_t i = 0; i + 1 < symbols.size(); ++i)
        offer(static_cast<int64_t>(i));
    while (!queue.empty()) {
        const Candidate best = queue.top();
        queue.pop();
        Symbol& left = symbols[static_cast<size_t>(best.position)];
        if (!left.alive || left.next < 0)
            continue;
        Symbol& right = symbols[static_cast<size_t>(left.next)];
        const Merge* merge = findMerge(left.id, right.id);
        if (!merge || merge->result != best.result)
            continue; // one of the two has been merged since
        left.id = best.result;
        left.next = right.next;
        right.alive = false;
        if (left.next >= 0)
            symbols[static_cast<size_t>(left.next)].previous = best.position;
        offer(left.previous);
        offer(best.position);
    }
    std::vector<int32_t> out;
    for (const Symbol& symbol : symbols)
        if (symbol.alive)
            out.push_back(symbol.id);
    return out;
}

void BpeModel::encodeWord(std::string_view bytes, std::vector<int64_t>& out) const {
    if (bytes.size() > kMaxCachedBytes) {
        const std::vector<int32_t> ids = mergeWord(bytes);
        out.insert(out.end(), ids.begin(), ids.end());
        return;
    }
    const std::string word(bytes);
    {
        const std::shared_lock lock(m_cacheMutex);
        if (const auto found = m_cache.find(word); found != m_cache.end()) {
            out.insert(out.end(), found->second.begin(), found->second.end());
            return;
        }
    }
    std::vector<int32_t> ids = mergeWord(word);
    out.insert(out.end(), ids.begin(), ids.end());
    const std::unique_lock lock(m_cacheMutex);
    if (m_cache.size() < kMaxCachedWords)
        m_cache.emplace(word, std::move(ids));
}

std::optional<int64_t> BpeModel::idOf(const std::string& token) const {
    const auto found = m_idOfToken.find(token);
    return found == m_idOfToken.end() ? std::nullopt : std::optional<int64_t>(found->second);
}

std::string_view BpeModel::token(int64_t id) const {
    if (id < 0 || static_cast<size_t>(id) >= m_tokenOfId.size() || !m_tokenOfId[static_cast<size_t>(id)])
        return {};
    return *m_tokenOfId[static_cast<size_t>(id)];
}

} // namespace diptych
