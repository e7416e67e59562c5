// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/text/wordpiece_model.h"

#include "core/text/unicode.h"

namespace diptych {

WordPieceModel::WordPieceModel(WordPieceSource source)
    : m_vocabulary(std::move(source.vocabulary), source.where),
      m_continuingPrefix(std::move(source.continuingPrefix)),
      m_maxWordLength(source.maxWordLength),
      m_unknown(m_vocabulary.requireId(source.unknownToken, "unknown token", source.where)) {}

void WordPieceModel::encodeWord(std::string_view word, std::vector<int64_t>& out) const {
    std::vector<size_t> ends; // of the characters
    for (size_t at = 0; at < word.size() && ends.size() <= m_maxWordLength;)
        ends.push_back(at = nextCharacter(word, at));
    if (ends.size() > m_maxWordLength) {
        out.push_back(m_unknown);
        return;
    }
    const size_t before = out.size();
    std::string piece;
    for (size_t first = 0; first < ends.size();) { // index of the character that the next token begins with
        const size_t begin = first == 0 ? 0 : ends[first - 1];
        size_t last = ends.size();
        for (; last > first; --last) {
            piece = first == 0 ? "" : m_continuingPrefix;
            piece += word.substr(begin, ends[last - 1] - begin);
            if (const auto id = m_vocabulary.idOf(piece)) {
                out.push_back(*id);
                break;
            }
        }
        if (last == first) {
            out.resize(before);
            out.push_back(m_unknown);
            return;
        }
        first = last;
    }
}

} // namespace diptych
