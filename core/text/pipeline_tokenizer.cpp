// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/text/pipeline_tokenizer.h"

#include "core/base/file.h"
#include "core/text/unicode.h"

#include <algorithm>

namespace diptych {

PipelineTokenizer::PipelineTokenizer(PipelineSource source) : m_source(std::move(source)) {}

size_t PipelineTokenizer::vocabularySize() const {
    return std::max(m_source.model->size(), m_source.added.size());
}

void PipelineTokenizer::encodeNormalised(std::u32string text, bool first, std::vector<int64_t>& out) const {
    if (text.empty())
        return;
    std::vector<TextPiece> pieces;
    pieces.push_back({std::move(text), first});
    for (const TextPiece& word : m_source.preTokenizer(std::move(pieces)))
        m_source.model->encodeWord(encodeUtf8(word.text), out);
}

/// Whether spaces at a text's start are gone: the library then takes no word for the first. Characters that
/// are dropped wherever they stand do not count.
bool PipelineTokenizer::losesBeginning(std::u32string_view text, std::u32string_view normalised) const {
    const std::u32string without = m_source.normalizer(U"aa");
    while (!text.empty() && m_source.normalizer({U'a', text.front(), U'a'}) == without)
        text.remove_prefix(1);
    return !text.empty() && m_source.normalizer(std::u32string(text.substr(1))) == normalised;
}

void PipelineTokenizer::encodePlain(std::string_view text, bool first, std::vector<int64_t>& out) const {
    const std::u32string characters = decodeUtf8(text);
    std::u32string normalised = m_source.normalizer(characters);
    first = first && !(m_source.marksFirst && losesBeginning(characters, normalised));
    if (m_source.added.normalised().empty()) {
        encodeNormalised(std::move(normalised), first, out);
        return;
    }
    const std::string bytes = encodeUtf8(normalised);
    for (const auto& piece : m_source.added.normalised().split(bytes)) {
        if (piece.id >= 0)
            out.push_back(piece.id);
        else
            encodeNormalised(decodeUtf8(piece.text), first && piece.text.data() == bytes.data(), out);
    }
}

std::vector<int64_t> PipelineTokenizer::encode(std::string_view text, size_t maxLength) const {
    std::string repaired;
    if (!isValidUtf8(text))
        text = repaired = encodeUtf8(decodeUtf8(text));
    std::vector<int64_t> ids;
    for (const auto& piece : m_source.added.raw().split(text)) {
        if (piece.id >= 0)
            ids.push_back(piece.id);
        else
            encodePlain(piece.text, piece.text.data() == text.data(), ids);
    }
    return framedIds(m_source.before, std::move(ids), m_source.after, maxLength, m_source.truncatesLeft);
}

std::string PipelineTokenizer::decode(std::span<const int64_t> ids) const {
    std::vector<std::string> tokens;
    for (const int64_t id : ids) {
        const AddedToken* added = m_source.added.find(id);
        std::string text(token(id));
        if (added && added->normalized)
            text = encodeUtf8(m_source.normalizer(decodeUtf8(text)));
        // A special token that normalisation changes is not known as one.
        const bool skipped = added && added->special && text == added->content;
        if (!skipped && !text.empty())
            tokens.push_back(std::move(text));
    }
    std::string text;
    for (const std::string& part : m_source.decoder(std::move(tokens)))
        text += part;
    return m_source.cleansSpaces ? withoutTokenizationSpaces(std::move(text)) : text;
}

std::string_view PipelineTokenizer::token(int64_t id) const {
    const AddedToken* added = m_source.added.find(id);
    return added ? std::string_view(added->content) : m_source.model->token(id);
}

std::vector<int64_t> framedIds(std::span<const int64_t> before, std::vector<int64_t> ids,
                               std::span<const int64_t> after, size_t maxLength, bool truncatesLeft) {
    const size_t specials = before.size() + after.size();
    const size_t room = maxLength > specials ? maxLength - specials : 0;
    if (ids.size() > room)
        truncatesLeft ? void(ids.erase(ids.begin(), ids.end() - static_cast<ptrdiff_t>(room)))
                      : ids.resize(room);
    std::vector<int64_t> out(before.begin(), before.end());
    out.insert(out.end(), ids.begin(), ids.end());
    out.insert(out.end(), after.begin(), after.end());
    if (out.size() > maxLength)
        out.erase(out.begin(), out.end() - static_cast<ptrdiff_t>(maxLength));
    return out;
}

} // namespace diptych
