// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/text/added_tokens.h"

#include "core/base/error.h"
#include "core/text/unicode.h"

#include <algorithm>

namespace diptych {
namespace {

constexpr uint64_t edgeKey(uint32_t node, char byte) {
    return (static_cast<uint64_t>(node) << 8) | static_cast<unsigned char>(byte);
}

constexpr bool isContinuation(char byte) {
    return (static_cast<unsigned char>(byte) & 0xC0) == 0x80;
}

/// Where the last character before @p end begins.
size_t previousStart(std::string_view text, size_t end) {
    do
        --end;
    while (end > 0 && isContinuation(text[end]));
    return end;
}

char32_t characterIn(std::string_view text, size_t begin, size_t end) {
    return decodeUtf8(text.substr(begin, end - begin)).front();
}

bool isSpaceAt(std::string_view text, size_t begin, size_t end) {
    return classify(characterIn(text, begin, end)) == CharClass::Space;
}

bool standsAlone(std::string_view text, size_t start, size_t stop) {
    const bool wordBefore = start > 0 && isWordChar(characterIn(text, previousStart(text, start), start));
    const bool wordAfter =
        stop < text.size() && isWordChar(characterIn(text, stop, nextCharacter(text, stop)));
    return !wordBefore && !wordAfter;
}

} // namespace

void AddedTokenSplitter::add(const AddedToken& token) {
    DIPTYCH_ASSERT(!token.content.empty() && token.content.size() <= kMaxContentBytes);
    uint32_t node = 0;
    for (const char byte : token.content) {
        const auto [edge, added] =
            m_edges.emplace(edgeKey(node, byte), static_cast<uint32_t>(m_tokenOfNode.size()));
        if (added)
            m_tokenOfNode.push_back(-1);
        node = edge->second;
    }
    m_starts[static_cast<unsigned char>(token.content.front())] = true;
    m_tokenOfNode[node] = static_cast<int64_t>(m_tokens.size());
    m_tokens.push_back(token);
}

AddedTokenSplitter::Match AddedTokenSplitter::matchAt(std::string_view text, size_t at) const {
    Match best;
    uint32_t node = 0;
    for (size_t i = at; i < text.size(); ++i) {
        const auto edge = m_edges.find(edgeKey(node, text[i]));
        if (edge == m_edges.end())
            break;
        node = edge->second;
        if (m_tokenOfNode[node] >= 0)
            best = {i + 1 - at, static_cast<size_t>(m_tokenOfNode[node])};
    }
    return best;
}

std::vector<AddedTokenSplitter::Piece> AddedTokenSplitter::split(std::string_view text) const {
    std::vector<Piece> pieces;
    size_t taken = 0; // everything before is in a piece
    for (size_t at = 0; at < text.size();) {
        const Match match = m_starts[static_cast<unsigned char>(text[at])] ? matchAt(text, at) : Match{};
        if (match.length == 0) {
            ++at;
            continue;
        }
        const AddedToken& token = m_tokens[match.token];
        size_t start = at, stop = at + match.length;
        at = stop;
        if (token.singleWord && !standsAlone(text, start, stop))
            continue;
        if (token.stripLeft)
            while (start > taken && isSpaceAt(text, previousStart(text, start), start))
                start = previousStart(text, start);
        if (token.stripRight)
            while (stop < text.size() && isSpaceAt(text, stop, nextCharacter(text, stop)))
                stop = nextCharacter(text, stop);
        start = std::max(start, taken);
        if (start > taken)
            pieces.push_back({text.substr(taken, start - taken), -1});
        pieces.push_back({text.substr(start, std::max(stop, start) - start), token.id});
        taken = std::max(stop, taken);
        at = std::max(at, taken);
    }
    if (taken < text.size())
        pieces.push_back({text.substr(taken), -1});
    return pieces;
}

} // namespace diptych
