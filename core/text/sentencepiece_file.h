// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace diptych {

/// What a SentencePiece model file holds, as far as texts are cut by it.
struct SentencePieceFile {
    enum class PieceType : uint8_t { Normal = 1, Unknown, Control, UserDefined, Unused, Byte };
    struct Piece {
        std::string text;
        float score = 0;
        PieceType type = PieceType::Normal;
    };
    static constexpr int64_t kUnigram = 1, kBpe = 2; ///< of modelType

    std::vector<Piece> pieces; ///< by id
    int64_t modelType = kUnigram;
    bool byteFallback = false, spacesBehind = false; ///< a word's space follows it
    std::string charsmap;                            ///< see Charsmap; may be empty
    bool addsSpace = true, removesExtraSpaces = true, escapesSpaces = true;
};

/// Reads the protocol buffer; fields that do not bear on the ids are skipped.
/// @throws Error Corrupt that names the file and the byte; LimitExceeded
SentencePieceFile readSentencePieceFile(const std::filesystem::path& path);

} // namespace diptych
