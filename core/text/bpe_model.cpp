// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/text/bpe_model.h"

#include "core/text/byte_alphabet.h"
#include "core/text/unicode.h"

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

BpeModel::BpeModel(BpeSource source)
    : m_endOfWord(std::move(source.endOfWord)),
      m_vocabulary(std::move(source.vocabulary), source.where),
      m_symbols(source.symbols),
      m_byteFallback(source.byteFallback),
      m_fuseUnknown(source.fuseUnknown),
      m_ignoreMerges(source.ignoreMerges) {
    addMerges(source.merges, source.where);
    if (!source.unknownToken.empty())
        m_unknown = m_vocabulary.requireId(source.unknownToken, "unknown token", source.where);
    if (m_symbols != BpeSource::Symbols::Bytes)
        return;
    for (unsigned byte = 0; byte < 256; ++byte) {
        const std::string token = byteToken(static_cast<unsigned char>(byte));
        m_byteId[byte] = m_vocabulary.idOf(token).value_or(m_unknown);
        m_lastByteId[byte] = m_vocabulary.idOf(token + m_endOfWord).value_or(m_unknown);
    }
}

void BpeModel::addMerges(const std::vector<BpeMerge>& merges, const std::string& where) {
    const auto find = [&](const std::string& token, const BpeMerge& merge) {
        const auto found = m_vocabulary.idOf(token);
        if (!found)
            throw Error(ErrorCode::Corrupt,
                        fmt::format("{}: the merge of {} and {} needs the token {}, which {} lacks",
                                    merge.where, shownToken(merge.first), shownToken(merge.second),
                                    shownToken(token), where));
        return *found;
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

std::vector<int32_t> BpeModel::symbolsOfBytes(std::string_view word) const {
    std::vector<int32_t> out;
    out.reserve(word.size());
    for (size_t i = 0; i < word.size(); ++i) {
        const auto byte = static_cast<unsigned char>(word[i]);
        const int32_t id = i + 1 == word.size() ? m_lastByteId[byte] : m_byteId[byte];
        if (id != kNoToken)
            out.push_back(id);
    }
    return out;
}

/// Appends the tokens of a character's bytes; false, and nothing appended, where one is missing.
bool BpeModel::appendBytes(std::string_view character, std::vector<int32_t>& out) const {
    const size_t before = out.size();
    for (const char byte : character) {
        const auto id = m_vocabulary.idOf(fmt::format("<0x{:02X}>", static_cast<unsigned char>(byte)));
        if (!id) {
            out.resize(before);
            return false;
        }
        out.push_back(*id);
    }
    return true;
}

std::vector<int32_t> BpeModel::symbolsOfCharacters(std::string_view word) const {
    std::vector<int32_t> out;
    out.reserve(word.size());
    bool pending = false; // an unknown token that is still to be written
    std::string symbol;
    for (size_t at = 0; at < word.size();) {
        const size_t end = nextCharacter(word, at);
        symbol.assign(word.substr(at, end - at));
        if (end == word.size())
            symbol += m_endOfWord;
        at = end;
        const auto id = m_vocabulary.idOf(symbol);
        if (!id && m_byteFallback && appendBytes(symbol, out))
            continue;
        // As in the reference, bytes overtake an unknown token before them.
        if (pending && (id || !m_fuseUnknown))
            out.push_back(m_unknown);
        pending = !id && m_unknown != kNoToken;
        if (id)
            out.push_back(*id);
    }
    if (pending)
        out.push_back(m_unknown);
    return out;
}

std::vector<int32_t> BpeModel::mergeWord(std::string_view word) const {
    std::vector<Symbol> symbols;
    for (const int32_t id :
         m_symbols == BpeSource::Symbols::Bytes ? symbolsOfBytes(word) : symbolsOfCharacters(word))
        symbols.push_back(
            {id, static_cast<int64_t>(symbols.size()) - 1, static_cast<int64_t>(symbols.size()) + 1, true});
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

void BpeModel::encodeWord(std::string_view word, std::vector<int64_t>& out) const {
    if (m_ignoreMerges)
        if (const auto id = m_vocabulary.idOf(std::string(word))) {
            out.push_back(*id);
            return;
        }
    if (word.size() > kMaxCachedBytes) {
        const std::vector<int32_t> ids = mergeWord(word);
        out.insert(out.end(), ids.begin(), ids.end());
        return;
    }
    const std::string key(word);
    {
        const std::shared_lock lock(m_cacheMutex);
        if (const auto found = m_cache.find(key); found != m_cache.end()) {
            out.insert(out.end(), found->second.begin(), found->second.end());
            return;
        }
    }
    std::vector<int32_t> ids = mergeWord(key);
    out.insert(out.end(), ids.begin(), ids.end());
    const std::unique_lock lock(m_cacheMutex);
    if (m_cache.size() < kMaxCachedWords)
        m_cache.emplace(key, std::move(ids));
}

} // namespace diptych
