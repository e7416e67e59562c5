// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/text/sentencepiece_bpe.h"

#include "core/text/unicode.h"

#include <queue>

#include <unordered_map>

namespace diptych {
namespace {

/// A piece of the text in a doubly linked list by position; merged away where its text is empty.
struct Symbol {
    std::string_view text;
    int64_t previous = -1, next = -1;
    bool whole = false; ///< never merged
};

struct Candidate {
    float score = 0;
    int64_t left = 0, right = 0;
    size_t size = 0; ///< of the union; another one when either has been merged since
    bool operator<(const Candidate& other) const {
        return score != other.score ? score < other.score : left > other.left;
    }
};

class Merger {
public:
    Merger(std::string_view text, const FindPiece& find, const PrefixTrie* whole) : m_find(find) {
        while (!text.empty()) {
            size_t length = 0;
            if (whole)
                whole->forEachPrefix(text, [&](size_t size, int32_t) { length = size; });
            const bool isWhole = length > 0;
            if (!isWhole)
                length = nextCharacter(text, 0);
            const auto index = static_cast<int64_t>(m_symbols.size());
            m_symbols.push_back({text.substr(0, length), index - 1, index + 1, isWhole});
            text.remove_prefix(length);
        }
        if (!m_symbols.empty())
            m_symbols.back().next = -1;
        for (size_t i = 1; i < m_symbols.size(); ++i)
            offer(static_cast<int64_t>(i) - 1, static_cast<int64_t>(i));
    }

    std::vector<std::string_view> merged() {
        while (!m_queue.empty()) {
            const Candidate best = m_queue.top();
            m_queue.pop();
            Symbol &left = at(best.left), &right = at(best.right);
            if (left.text.empty() || right.text.empty() || left.text.size() + right.text.size() != best.size)
                continue;
            left.text = {left.text.data(), best.size};
            left.next = right.next;
            right.text = {};
            if (left.next >= 0)
                at(left.next).previous = best.left;
            offer(left.previous, best.left);
            offer(best.left, left.next);
        }
        std::vector<std::string_view> out;
        for (const Symbol& symbol : m_symbols)
            if (!symbol.text.empty())
                appendUsed(symbol.text, out);
        return out;
    }

private:
    Symbol& at(int64_t index) { return m_symbols[static_cast<size_t>(index)]; }

    void offer(int64_t left, int64_t right) {
        if (left < 0 || right < 0 || at(left).whole || at(right).whole)
            return;
        const std::string_view first = at(left).text;
        const std::string_view text(first.data(), first.size() + at(right).text.size());
        const auto piece = m_find(text);
        if (!piece)
            return;
        m_queue.push({piece->score, left, right, text.size()});
        if (piece->isUnused)
            m_parts[text] = first.size();
    }

    /// Unused pieces are taken apart into what they were merged from.
    void appendUsed(std::string_view text, std::vector<std::string_view>& out) const {
        std::vector<std::string_view> pending = {text};
        while (!pending.empty()) {
            const std::string_view piece = pending.back();
            pending.pop_back();
            const auto parts = m_parts.find(piece);
            if (parts == m_parts.end()) {
                out.push_back(piece);
                continue;
            }
            pending.push_back(piece.substr(parts->second));
            pending.push_back(piece.substr(0, parts->second));
        }
    }

    const FindPiece& m_find;
    std::vector<Symbol> m_symbols;
    std::priority_queue<Candidate> m_queue;
    std::unordered_map<std::string_view, size_t> m_parts; ///< of unused pieces: where they were joined last
};

} // namespace

std::vector<std::string_view> mergedPieces(std::string_view text, const FindPiece& find,
                                           const PrefixTrie* whole) {
    return Merger(text, find, whole).merged();
}

} // namespace diptych
