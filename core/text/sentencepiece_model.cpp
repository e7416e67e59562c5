// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/text/sentencepiece_model.h"

#include "core/text/sentencepiece_bpe.h"
#include "core/text/tokenizer_reading.h"
#include "core/text/unicode.h"
#include "core/text/vocabulary.h"

#include <fmt/format.h>

namespace diptych {
namespace {

using Type = SentencePieceFile::PieceType;

constexpr std::string_view kSpace = "\xE2\x96\x81"; // U+2581

UnigramSource unigramSource(const SentencePieceFile& file, int64_t unknownId, const std::string& where) {
    UnigramSource out;
    out.where = where;
    out.singlePrecision = true;
    out.unknownId = unknownId;
    for (const SentencePieceFile::Piece& piece : file.pieces) {
        const bool isNormal = piece.type == Type::Normal, always = piece.type == Type::UserDefined;
        out.pieces.push_back({piece.text, piece.score, isNormal || always, always, isNormal});
    }
    return out;
}

std::optional<PrefixTrie> userDefined(const SentencePieceFile& file) {
    std::vector<std::pair<std::string_view, int32_t>> keys;
    for (const SentencePieceFile::Piece& piece : file.pieces)
        if (piece.type == Type::UserDefined)
            keys.emplace_back(piece.text, 0);
    return keys.empty() ? std::nullopt : std::optional<PrefixTrie>(std::move(keys));
}

void check(const SentencePieceFile& file, const std::string& where) {
    if (file.modelType != SentencePieceFile::kUnigram && file.modelType != SentencePieceFile::kBpe)
        unsupported(where, "it is a SentencePiece model of words or characters");
    if (file.spacesBehind)
        unsupported(where, "it sets 'treat_whitespace_as_suffix'");
    if (file.pieces.size() > static_cast<size_t>(Vocabulary::kMaxSize))
        throw Error(ErrorCode::LimitExceeded, fmt::format("{}: it has {} pieces; at most {} are read", where,
                                                          file.pieces.size(), Vocabulary::kMaxSize));
}

} // namespace

SentencePieceModel::SentencePieceModel(SentencePieceFile file, const std::string& where)
    : m_file(std::move(file)) {
    check(m_file, where);
    m_idOfPiece.reserve(m_file.pieces.size());
    for (const SentencePieceFile::Piece& piece : m_file.pieces) {
        const auto id = static_cast<int64_t>(m_idOfPiece.size());
        if (!m_idOfPiece.emplace(piece.text, id).second)
            corrupt(where, fmt::format("the piece {} is there twice", shownToken(piece.text)));
        if (piece.type == Type::Unknown)
            m_unknownId = id;
    }
    if (m_unknownId < 0)
        corrupt(where, "it has no unknown piece");
    m_userDefined = userDefined(m_file);
    if (m_file.modelType == SentencePieceFile::kUnigram)
        m_unigram = std::make_unique<const UnigramModel>(unigramSource(m_file, m_unknownId, where));
    if (!m_file.charsmap.empty())
        m_charsmap.emplace(m_file.charsmap, where);
    for (unsigned byte = 0; m_file.byteFallback && byte < 256; ++byte) {
        const std::string text = fmt::format("<0x{:02X}>", byte);
        const auto id = idOf(text);
        if (!id || piece(*id).type != Type::Byte)
            corrupt(where, fmt::format("it sets 'byte_fallback' and has no byte piece {}", text));
        m_byteIds.push_back(*id);
    }
}

std::optional<int64_t> SentencePieceModel::idOf(std::string_view piece) const {
    const auto found = m_idOfPiece.find(piece);
    return found == m_idOfPiece.end() ? std::nullopt : std::optional(found->second);
}

/// What the text begins with and what stands for it.
Charsmap::Match SentencePieceModel::prefixOf(std::string_view text) const {
    size_t length = 0;
    if (m_userDefined)
        m_userDefined->forEachPrefix(text, [&](size_t size, int32_t) { length = size; });
    if (length > 0)
        return {length, text.substr(0, length)};
    if (const auto match = m_charsmap ? m_charsmap->longest(text) : std::nullopt)
        return *match;
    length = nextCharacter(text, 0);
    return {length, text.substr(0, length)};
}

std::string SentencePieceModel::normalised(std::string_view text) const {
    const std::string_view space = m_file.escapesSpaces ? kSpace : " ";
    const bool removes = m_file.removesExtraSpaces;
    while (removes && !text.empty()) {
        const Charsmap::Match match = prefixOf(text);
        if (match.replacement != " ")
            break;
        text.remove_prefix(match.length);
    }
    std::string out;
    if (text.empty())
        return out;
    if (m_file.addsSpace)
        out += space;
    bool afterSpace = removes;
    while (!text.empty()) {
        const Charsmap::Match match = prefixOf(text);
        text.remove_prefix(match.length);
        std::string_view rest = match.replacement;
        while (afterSpace && rest.starts_with(' '))
            rest.remove_prefix(1);
        for (const char byte : rest)
            byte == ' ' ? out += space : out += byte;
        if (!rest.empty())
            afterSpace = removes && rest.ends_with(' ');
    }
    while (removes && out.ends_with(space))
        out.resize(out.size() - space.size());
    return out;
}

/// Pieces of normalised text, with -1 for what is unknown.
std::vector<UnigramModel::Cut> SentencePieceModel::cut(std::string_view text) const {
    if (m_unigram)
        return m_unigram->cut(text);
    const auto find = [this](std::string_view piece) -> std::optional<ScoredPiece> {
        const auto id = idOf(piece);
        if (!id)
            return std::nullopt;
        const SentencePieceFile::Piece& found = this->piece(*id);
        if (found.type == Type::Normal || found.type == Type::UserDefined || found.type == Type::Unused)
            return ScoredPiece{found.score, found.type == Type::Unused};
        return std::nullopt;
    };
    std::vector<UnigramModel::Cut> out;
    for (const std::string_view piece : mergedPieces(text, find, m_userDefined ? &*m_userDefined : nullptr)) {
        const auto id = idOf(piece);
        const bool isUnknown = !id || *id == m_unknownId;
        if (isUnknown && !out.empty() && out.back().id < 0)
            out.back().text = {out.back().text.data(), out.back().text.size() + piece.size()};
        else
            out.push_back({piece, isUnknown ? -1 : *id});
    }
    return out;
}

std::vector<int64_t> SentencePieceModel::encode(std::string_view text) const {
    std::vector<int64_t> out;
    const std::string word = normalised(text);
    for (const UnigramModel::Cut& piece : cut(word)) {
        if (piece.id >= 0)
            out.push_back(piece.id);
        else if (!m_file.byteFallback) // several unknown characters may together be a piece
            out.push_back(idOf(piece.text).value_or(m_unknownId));
        else
            for (const char byte : piece.text)
                out.push_back(m_byteIds[static_cast<unsigned char>(byte)]);
    }
    return out;
}

} // namespace diptych
