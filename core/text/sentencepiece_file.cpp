// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/text/sentencepiece_file.h"

#include "core/base/file.h"
#include "core/text/tokenizer_files.h"
#include "core/text/tokenizer_reading.h"

#include <fmt/format.h>

#include <cmath>
#include <cstring>

namespace diptych {
namespace {

/// One field of a protocol buffer message.
struct Field {
    uint64_t number = 0;
    uint64_t value = 0;     ///< of varints and fixed sizes
    std::string_view bytes; ///< of strings and messages
};

/// Walks over the fields of a message. Groups are refused, which nobody writes any more.
class MessageReader {
public:
    /// @param offset where @p bytes begins in the file
    MessageReader(std::string_view bytes, size_t offset, const std::string& where)
        : m_bytes(bytes), m_offset(offset), m_where(where) {}

    bool next(Field& field) {
        if (m_at == m_bytes.size())
            return false;
        const uint64_t key = readVarint();
        field = {key >> 3, 0, {}};
        switch (key & 7u) {
        case 0:
            field.value = readVarint();
            break;
        case 1:
            field.value = readFixed(8);
            break;
        case 2:
            field.bytes = readBytes(readVarint());
            break;
        case 5:
            field.value = readFixed(4);
            break;
        default:
            fail("a field of an unknown kind");
        }
        return true;
    }

    MessageReader inside(const Field& field) const {
        const auto begin = static_cast<size_t>(field.bytes.data() - m_bytes.data());
        return {field.bytes, m_offset + begin, m_where};
    }

private:
    [[noreturn]] void fail(const char* what) const {
        corrupt(m_where, fmt::format("at byte {} stands {}; it is no SentencePiece model or cut short",
                                     m_offset + m_at, what));
    }

    uint64_t readVarint() {
        uint64_t out = 0;
        for (unsigned shift = 0; shift < 64; shift += 7) {
            if (m_at == m_bytes.size())
                fail("the end");
            const auto byte = static_cast<unsigned char>(m_bytes[m_at++]);
            out |= static_cast<uint64_t>(byte & 0x7Fu) << shift;
            if (byte < 0x80)
                return out;
        }
        fail("a number of too many bytes");
    }

    std::string_view readBytes(uint64_t size) {
        if (size > m_bytes.size() - m_at)
            fail("a size beyond the end");
        const std::string_view out = m_bytes.substr(m_at, size);
        m_at += size;
        return out;
    }

    uint64_t readFixed(size_t size) {
        const std::string_view bytes = readBytes(size);
        uint64_t out = 0;
        for (size_t i = size; i-- > 0;)
            out = (out << 8) | static_cast<unsigned char>(bytes[i]);
        return out;
    }

    std::string_view m_bytes;
    size_t m_offset, m_at = 0;
    const std::string& m_where;
};

SentencePieceFile::Piece readPiece(MessageReader reader, const std::string& where) {
    SentencePieceFile::Piece out;
    for (Field field; reader.next(field);) {
        if (field.number == 1) {
            out.text = field.bytes;
        } else if (field.number == 2) {
            const auto bits = static_cast<uint32_t>(field.value);
            std::memcpy(&out.score, &bits, sizeof(out.score));
        } else if (field.number == 3) {
            if (field.value < 1 || field.value > 6)
                corrupt(where, fmt::format("a piece has the unknown type {}", field.value));
            out.type = static_cast<SentencePieceFile::PieceType>(field.value);
        }
    }
    if (out.text.empty() || !isValidUtf8(out.text))
        corrupt(where, fmt::format("the piece {} is empty or not UTF-8", shownToken(out.text)));
    if (!std::isfinite(out.score))
        corrupt(where, fmt::format("the score of {} is not a number", shownToken(out.text)));
    return out;
}

void readTrainerSpec(MessageReader reader, SentencePieceFile& out) {
    for (Field field; reader.next(field);) {
        if (field.number == 3)
            out.modelType = static_cast<int64_t>(field.value);
        else if (field.number == 24)
            out.spacesBehind = field.value != 0;
        else if (field.number == 35)
            out.byteFallback = field.value != 0;
    }
}

void readNormalizerSpec(MessageReader reader, SentencePieceFile& out) {
    for (Field field; reader.next(field);) {
        if (field.number == 2)
            out.charsmap = field.bytes;
        else if (field.number == 3)
            out.addsSpace = field.value != 0;
        else if (field.number == 4)
            out.removesExtraSpaces = field.value != 0;
        else if (field.number == 5)
            out.escapesSpaces = field.value != 0;
    }
}

} // namespace

SentencePieceFile readSentencePieceFile(const std::filesystem::path& path) {
    const std::string where = displayPath(path);
    const auto content = readFile(path, kMaxTokenizerFileBytes);
    if (!content)
        throw content.error();
    const std::string_view bytes(reinterpret_cast<const char*>(content->data()), content->size());
    SentencePieceFile out;
    MessageReader reader(bytes, 0, where);
    for (Field field; reader.next(field);) {
        if (field.number == 1)
            out.pieces.push_back(readPiece(reader.inside(field), where));
        else if (field.number == 2)
            readTrainerSpec(reader.inside(field), out);
        else if (field.number == 3)
            readNormalizerSpec(reader.inside(field), out);
    }
    if (out.pieces.empty())
        corrupt(where, "it holds no pieces");
    return out;
}

} // namespace diptych
