// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/text/siglip_tokenizer.h"

#include "core/base/file.h"
#include "core/text/decoders.h"
#include "core/text/tokenizer_reading.h"
#include "core/text/unicode.h"

#include <fmt/format.h>

#include <algorithm>

namespace diptych {
namespace {

constexpr std::string_view kSpace = "\xE2\x96\x81"; // U+2581

/// canonicalize_text of SiglipTokenizer.
std::u32string canonical(std::u32string_view text, bool lowerCases) {
    std::u32string out = lowerCases ? toLowerText(text) : std::u32string(text);
    std::erase_if(out, isAsciiPunctuation);
    return singleSpaced(out);
}

} // namespace

SiglipTokenizer::SiglipTokenizer(Source source)
    : m_pieces(std::move(source.file), source.where),
      m_lowerCases(source.lowerCases),
      m_padsLeft(source.padsLeft),
      m_truncatesLeft(source.truncatesLeft),
      m_cleansSpaces(source.cleansSpaces),
      m_size(m_pieces.size()) {
    auto& named = source.tokens.named;
    std::unordered_set<std::string> specials;
    for (const auto& [role, token] : named)
        specials.insert(token.content);
    for (const AddedToken& token : source.tokens.further)
        specials.insert(token.content);
    for (const AddedToken& token : source.tokens.added) {
        const int64_t id = addToken(token, source.where);
        if (specials.count(token.content) || token.special)
            m_specials.insert(id);
    }
    const auto idOfRole = [&](const char* role) {
        const std::string& content = named.at(role).content;
        for (const auto& [id, token] : m_added)
            if (token.content == content)
                return id;
        corrupt(source.where, fmt::format("the {} {} has no id", role, shownToken(content)));
    };
    m_endId = idOfRole("eos_token");
    m_padId = idOfRole("pad_token");
    m_unknownId = idOfRole("unk_token");
    m_unknownToken = named.at("unk_token").content;
    m_unknownLength = m_pieces.encode(m_unknownToken).size();
}

/// The token's id: the model's, else the one that the files list, else the next.
int64_t SiglipTokenizer::addToken(const AddedToken& token, const std::string& where) {
    if (token.content.empty() || token.content.size() > AddedTokenSplitter::kMaxContentBytes)
        corrupt(where, fmt::format("the added token {} is empty or longer than {} bytes",
                                   shownToken(token.content), AddedTokenSplitter::kMaxContentBytes));
    if (token.singleWord)
        unsupported(where, fmt::format("the added token {} sets 'single_word'", shownToken(token.content)));
    const auto known = m_pieces.idOf(token.content);
    if (known && token.id >= 0 && token.id != *known)
        corrupt(where, fmt::format("the added token {} has id {}, the model gives it {}",
                                   shownToken(token.content), token.id, *known));
    const int64_t id = known ? *known : token.id >= 0 ? token.id : static_cast<int64_t>(m_size);
    if (id >= Vocabulary::kMaxSize)
        throw Error(ErrorCode::LimitExceeded,
                    fmt::format("{}: the added token {} has id {}; ids from 0 to {} are read", where,
                                shownToken(token.content), id, Vocabulary::kMaxSize - 1));
    if (!m_added.emplace(id, token).second)
        corrupt(where, fmt::format("id {} is given to both {} and {}", id, shownToken(m_added[id].content),
                                   shownToken(token.content)));
    m_size = std::max(m_size, static_cast<size_t>(id) + 1);
    // Whitespace is taken from the neighbours, which stay texts of their own.
    m_splitter.add({.content = token.content, .id = id});
    return id;
}

void SiglipTokenizer::encodePlain(std::string_view text, std::vector<int64_t>& out) const {
    // The unknown token in front keeps SentencePiece from eating a leading space.
    const std::vector<int64_t> ids =
        m_pieces.encode(m_unknownToken + encodeUtf8(canonical(decodeUtf8(text), m_lowerCases)));
    const size_t dropped = ids.size() >= m_unknownLength ? m_unknownLength : 0;
    out.insert(out.end(), ids.begin() + static_cast<ptrdiff_t>(dropped), ids.end());
}

std::vector<int64_t> SiglipTokenizer::encode(std::string_view text, size_t maxLength) const {
    if (maxLength == 0)
        return {};
    const std::string whole = std::string(kSpace) + replacedText(encodeUtf8(decodeUtf8(text)), kSpace, " ");
    const auto pieces = m_splitter.split(whole);
    std::vector<int64_t> ids;
    size_t plainIds = 0; // in front, which come from text and not from an added token
    for (size_t i = 0; i < pieces.size(); ++i) {
        if (pieces[i].id >= 0) {
            ids.push_back(pieces[i].id);
            continue;
        }
        const bool left = i > 0 && m_added.at(pieces[i - 1].id).stripRight;
        const bool right = i + 1 < pieces.size() && m_added.at(pieces[i + 1].id).stripLeft;
        encodePlain(encodeUtf8(stripPythonSpaces(decodeUtf8(pieces[i].text), left, right)), ids);
        if (i == 0)
            plainIds = ids.size();
    }
    // An unknown character is not the unknown token, though it has the same id.
    const bool isUnknownText = plainIds > 1 && ids[1] == m_unknownId;
    if (ids.size() > 1 && token(ids[0]) == kSpace && m_specials.count(ids[1]) && !isUnknownText)
        ids.erase(ids.begin());
    if (const size_t room = maxLength - 1; m_truncatesLeft && ids.size() > room)
        ids.erase(ids.begin(), ids.end() - static_cast<ptrdiff_t>(room));
    else
        ids.resize(std::min(ids.size(), room));
    if (ids.empty() || ids.back() != m_endId)
        ids.push_back(m_endId);
    return ids;
}

std::string SiglipTokenizer::decode(std::span<const int64_t> ids) const {
    std::string out, bytes;
    const auto flush = [&] {
        out += toValidUtf8(bytes);
        bytes.clear();
    };
    for (const int64_t id : ids) {
        const std::string_view text = token(id);
        if (text.empty() || m_specials.count(id))
            continue;
        const bool isPiece = id < static_cast<int64_t>(m_pieces.size());
        const auto type = isPiece ? m_pieces.piece(id).type : SentencePieceFile::PieceType::UserDefined;
        if (type == SentencePieceFile::PieceType::Byte && text.size() == 6) {
            bytes.push_back(static_cast<char>(std::stoi(std::string(text.substr(3, 2)), nullptr, 16)));
            continue;
        }
        flush();
        if (type != SentencePieceFile::PieceType::Control)
            out += replacedText(text, kSpace, " ");
    }
    flush();
    out = encodeUtf8(stripPythonSpaces(decodeUtf8(out), true, true));
    return m_cleansSpaces ? withoutTokenizationSpaces(std::move(out)) : out;
}

std::string_view SiglipTokenizer::token(int64_t id) const {
    const auto added = m_added.find(id);
    if (added != m_added.end())
        return added->second.content;
    return id >= 0 && id < static_cast<int64_t>(m_pieces.size()) ? std::string_view(m_pieces.piece(id).text)
                                                                 : std::string_view();
}

std::shared_ptr<const Tokenizer> loadSiglipTokenizer(const TokenizerFiles& files) {
    SiglipTokenizer::Source source;
    const auto path = files.directory / "spiece.model";
    source.where = displayPath(path);
    std::error_code ignored;
    if (!std::filesystem::exists(path, ignored))
        throw Error(ErrorCode::NotFound,
                    fmt::format("{} holds no spiece.model, which a SiglipTokenizer is read from",
                                displayPath(files.directory)));
    source.file = readSentencePieceFile(path);
    for (const auto& [role, content] :
         {std::pair("eos_token", "</s>"), std::pair("unk_token", "<unk>"), std::pair("pad_token", "</s>")}) {
        AddedToken& token = source.tokens.named[role];
        token.content = content;
        token.stripLeft = token.stripRight = true;
    }
    readSpecialTokens(files, source.tokens);
    listNamedTokens(source.tokens);
    if (files.config) {
        const TokenizerFile& config = *files.config;
        source.lowerCases = jsonBool(config.value, "do_lower_case", true, config.where);
        source.padsLeft = jsonString(config.value, "padding_side", "right", config.where) == "left";
        source.truncatesLeft = jsonString(config.value, "truncation_side", "right", config.where) == "left";
        source.cleansSpaces = jsonBool(config.value, "clean_up_tokenization_spaces", false, config.where);
    }
    return std::make_shared<const SiglipTokenizer>(std::move(source));
}

} // namespace diptych
