// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/text/sentencepiece_conversion.h"

#include "core/text/unicode.h"

#include <fmt/format.h>

#include <algorithm>
#include <unordered_set>

namespace diptych {

std::vector<std::string> sentinelTokens(int64_t count, bool descending) {
    std::vector<std::string> out;
    for (int64_t i = 0; i < count; ++i)
        out.push_back(fmt::format("<extra_id_{}>", i));
    if (descending)
        std::reverse(out.begin(), out.end());
    return out;
}

std::vector<UnigramPiece> convertedPieces(const SentencePieceFile& file, const std::string& tokenizerClass,
                                          int64_t sentinels) {
    std::vector<UnigramPiece> out;
    for (const SentencePieceFile::Piece& piece : file.pieces)
        out.push_back({piece.text, piece.score});
    if (tokenizerClass == "XLMRobertaTokenizer") {
        out.erase(out.begin(), out.begin() + static_cast<ptrdiff_t>(std::min<size_t>(out.size(), 3)));
        const UnigramPiece front[] = {{"<s>"}, {"<pad>"}, {"</s>"}, {"<unk>"}};
        out.insert(out.begin(), std::begin(front), std::end(front));
        out.push_back({"<mask>"});
        return out;
    }
    for (std::string& token : sentinelTokens(sentinels, true))
        out.push_back({std::move(token)});
    return out;
}

TokenIds convertedVocabulary(const SentencePieceFile& file) {
    TokenIds out;
    for (const SentencePieceFile::Piece& piece : file.pieces)
        out.emplace_back(piece.text, static_cast<int64_t>(out.size()));
    return out;
}

std::vector<BpeMerge> convertedMerges(const SentencePieceFile& file, const std::string& where) {
    std::unordered_set<std::string_view> known;
    for (const SentencePieceFile::Piece& piece : file.pieces)
        known.insert(piece.text);
    std::vector<BpeMerge> out;
    for (const SentencePieceFile::Piece& piece : file.pieces) {
        const std::string_view text = piece.text;
        for (size_t at = nextCharacter(text, 0); at < text.size(); at = nextCharacter(text, at))
            if (known.count(text.substr(0, at)) && known.count(text.substr(at)))
                out.push_back({std::string(text.substr(0, at)), std::string(text.substr(at)), where});
    }
    return out;
}

std::vector<AddedToken> convertedAddedTokens(const SentencePieceFile& file) {
    using Type = SentencePieceFile::PieceType;
    std::vector<AddedToken> out;
    for (const SentencePieceFile::Piece& piece : file.pieces) {
        if (piece.type != Type::Control && piece.type != Type::UserDefined)
            continue;
        AddedToken token;
        token.content = piece.text;
        token.special = piece.type == Type::Control;
        out.push_back(std::move(token));
    }
    return out;
}

} // namespace diptych
