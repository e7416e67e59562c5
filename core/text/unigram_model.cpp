// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/text/unigram_model.h"

#include "core/text/tokenizer_reading.h"
#include "core/text/unicode.h"
#include "core/text/vocabulary.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace diptych {
namespace {

constexpr double kUnknownPenalty = 10;

PrefixTrie trieOf(const std::vector<UnigramPiece>& pieces) {
    std::vector<std::pair<std::string_view, int32_t>> keys;
    keys.reserve(pieces.size());
    for (size_t id = 0; id < pieces.size(); ++id)
        if (pieces[id].matches)
            keys.emplace_back(pieces[id].text, static_cast<int32_t>(id));
    return PrefixTrie(std::move(keys));
}

UnigramSource checked(UnigramSource source) {
    const size_t size = source.pieces.size();
    if (size > static_cast<size_t>(Vocabulary::kMaxSize))
        throw Error(ErrorCode::LimitExceeded, fmt::format("{}: it has {} tokens; at most {} are read",
                                                          source.where, size, Vocabulary::kMaxSize));
    if (source.unknownId && (*source.unknownId < 0 || static_cast<size_t>(*source.unknownId) >= size))
        corrupt(source.where,
                fmt::format("the unknown token has id {}, which no token has", *source.unknownId));
    for (const UnigramPiece& piece : source.pieces)
        if (!std::isfinite(piece.score))
            corrupt(source.where, fmt::format("the score of {} is not a number", shownToken(piece.text)));
    return source;
}

} // namespace

UnigramModel::UnigramModel(UnigramSource source)
    : m_source(checked(std::move(source))), m_trie(trieOf(m_source.pieces)) {
    double lowest = std::numeric_limits<double>::infinity();
    for (size_t id = 0; id < m_source.pieces.size(); ++id) {
        const UnigramPiece& piece = m_source.pieces[id];
        m_idOfToken[piece.text] = static_cast<int64_t>(id);
        if (piece.counts) {
            lowest = std::min(lowest, piece.score);
            m_highestScore = std::max(m_highestScore, piece.score);
        }
    }
    m_unknownScore = (std::isfinite(lowest) ? lowest : 0) - kUnknownPenalty;
}

template<class Score>
std::vector<UnigramModel::Cut> UnigramModel::bestCut(std::string_view word) const {
    struct Node { // the best cut that ends here
        Score score = 0;
        size_t begin = SIZE_MAX; // of its last token; SIZE_MAX: none yet
        int64_t id = -1;
    };
    std::vector<Node> nodes(word.size() + 1);
    for (size_t at = 0; at < word.size();) {
        const Score here = nodes[at].score;
        const size_t length = nextCharacter(word, at) - at;
        const auto offer = [&](size_t end, Score score, int64_t id) {
            Node& node = nodes[end];
            if (node.begin == SIZE_MAX || score > node.score)
                node = {score, at, id};
        };
        bool single = false;
        m_trie.forEachPrefix(word.substr(at), [&](size_t size, int32_t id) {
            const UnigramPiece& piece = m_source.pieces[static_cast<size_t>(id)];
            const double score =
                piece.always ? static_cast<double>(size) * m_highestScore - 0.1 : piece.score;
            offer(at + size, static_cast<Score>(score) + here, id);
            single = single || size == length;
        });
        if (!single)
            offer(at + length, static_cast<Score>(m_unknownScore) + here, -1);
        at += length;
    }
    std::vector<Cut> out;
    for (size_t end = word.size(); end > 0; end = nodes[end].begin)
        out.push_back({word.substr(nodes[end].begin, end - nodes[end].begin), nodes[end].id});
    std::reverse(out.begin(), out.end());
    return out;
}

std::vector<UnigramModel::Cut> UnigramModel::cut(std::string_view word) const {
    std::vector<Cut> cuts = m_source.singlePrecision ? bestCut<float>(word) : bestCut<double>(word);
    std::vector<Cut> out;
    const auto isUnknown = [&](const Cut& piece) {
        return piece.id < 0 || (m_source.unknownId && piece.id == *m_source.unknownId);
    };
    for (const Cut& piece : cuts) {
        if (isUnknown(piece) && !out.empty() && out.back().id < 0)
            out.back().text = {out.back().text.data(), out.back().text.size() + piece.text.size()};
        else
            out.push_back({piece.text, isUnknown(piece) ? -1 : piece.id});
    }
    return out;
}

void UnigramModel::encodeWord(std::string_view word, std::vector<int64_t>& out) const {
    for (const Cut& piece : cut(word)) {
        if (piece.id >= 0) {
            out.push_back(piece.id);
            continue;
        }
        // Several unknown characters may together be a token that cannot be found as one.
        if (const auto known = idOf(std::string(piece.text))) {
            out.push_back(*known);
            continue;
        }
        std::vector<int64_t> bytes;
        for (const char byte : m_source.byteFallback ? piece.text : std::string_view())
            if (const auto id = idOf(fmt::format("<0x{:02X}>", static_cast<unsigned char>(byte))))
                bytes.push_back(*id);
        if (m_source.byteFallback && bytes.size() == piece.text.size())
            out.insert(out.end(), bytes.begin(), bytes.end());
        else if (m_source.unknownId)
            out.push_back(*m_source.unknownId);
    }
}

std::optional<int64_t> UnigramModel::idOf(const std::string& token) const {
    const auto found = m_idOfToken.find(token);
    return found == m_idOfToken.end() ? std::nullopt : std::optional(found->second);
}

std::string_view UnigramModel::token(int64_t id) const {
    if (id < 0 || static_cast<size_t>(id) >= m_source.pieces.size())
        return {};
    return m_source.pieces[static_cast<size_t>(id)].text;
}

} // namespace diptych
