// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/text/clip_tokenizer.h"

#include "core/base/file.h"
#include "core/text/clip_words.h"
#include "core/text/decoders.h"
#include "core/text/unicode.h"

#include <fmt/format.h>

#include <algorithm>

namespace diptych {

ClipTokenizer::ClipTokenizer(ClipTokenizerSource source)
    : m_model(std::move(source.bpe)),
      m_composes(source.composes),
      m_lowerCases(source.lowerCases),
      m_findsAddedTokens(source.findsAddedTokens),
      m_size(m_model.size()) {
    const std::string& where = source.where;
    for (AddedToken& token : source.addedTokens)
        m_added.add(
            std::move(token), m_model, [this](std::string_view text) { return encodeUtf8(normalise(text)); },
            where);
    m_size = std::max(m_size, m_added.size());
    m_beginId = requireId(source.beginToken, "bos_token", where);
    m_endId = requireId(source.endToken, "eos_token", where);
    m_padId = requireId(source.padToken, "pad_token", where);
}

int64_t ClipTokenizer::requireId(const std::string& token, const char* role, const std::string& where) const {
    if (const auto id = m_model.idOf(token))
        return *id;
    if (const auto id = m_added.idOf(token))
        return *id;
    throw Error(ErrorCode::Corrupt,
                fmt::format("{}: the {} {} is not in the vocabulary", where, role, shownToken(token)));
}

std::u32string ClipTokenizer::normalise(std::string_view text) const {
    std::u32string characters = decodeUtf8(text);
    if (m_composes)
        characters = toNfc(std::move(characters));
    return m_lowerCases ? toLower(characters) : characters;
}

void ClipTokenizer::encodeNormalised(std::u32string_view text, size_t limit,
                                     std::vector<int64_t>& out) const {
    std::string bytes;
    forEachClipWord(text, m_findsAddedTokens, [&](std::u32string_view word) {
        bytes.clear();
        for (const char32_t character : word)
            appendUtf8(character, bytes);
        m_model.encodeWord(bytes, out);
        return out.size() < limit;
    });
}

void ClipTokenizer::encodePlain(std::string_view text, size_t limit, std::vector<int64_t>& out) const {
    const std::u32string characters = normalise(text);
    if (!m_findsAddedTokens || m_added.normalised().empty()) {
        encodeNormalised(characters, limit, out);
        return;
    }
    const std::string normalised = encodeUtf8(characters);
    for (const auto& piece : m_added.normalised().split(normalised)) {
        if (out.size() >= limit)
            return;
        if (piece.id >= 0)
            out.push_back(piece.id);
        else
            encodeNormalised(decodeUtf8(piece.text), limit, out);
    }
}

std::vector<int64_t> ClipTokenizer::encode(std::string_view text, size_t maxLength) const {
    std::vector<int64_t> out;
    if (maxLength == 0)
        return out;
    if (maxLength > 1)
        out.push_back(m_beginId);
    const size_t limit = maxLength - 1; // the end token takes the last place
    std::string repaired;
    if (!isValidUtf8(text))
        text = repaired = encodeUtf8(decodeUtf8(text));
    const auto pieces =
        m_findsAddedTokens ? m_added.raw().split(text) : std::vector<AddedTokenSplitter::Piece>{{text, -1}};
    for (const auto& piece : pieces) {
        if (out.size() >= limit)
            break;
        if (piece.id >= 0)
            out.push_back(piece.id);
        else
            encodePlain(piece.text, limit, out);
    }
    out.resize(std::min(out.size(), limit));
    out.push_back(m_endId);
    return out;
}

std::string ClipTokenizer::decode(std::span<const int64_t> ids) const {
    std::string bytes;
    for (const int64_t id : ids) {
        const AddedToken* added = m_added.find(id);
        if (!added)
            appendTokenBytes(m_model.token(id), bytes);
        else if (!added->special)
            appendTokenBytes(added->normalized ? encodeUtf8(normalise(added->content)) : added->content,
                             bytes);
    }
    return encodeUtf8(
        stripPythonSpaces(decodeUtf8(replacedText(bytes, m_model.endOfWord(), " ")), true, true));
}

std::string_view ClipTokenizer::token(int64_t id) const {
    const AddedToken* added = m_added.find(id);
    return added ? std::string_view(added->content) : m_model.token(id);
}

} // namespace diptych
