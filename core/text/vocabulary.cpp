// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/text/vocabulary.h"

#include "core/base/file.h"

#include <fmt/format.h>

namespace diptych {

std::string shownToken(std::string_view token) {
    constexpr size_t kShown = 60;
    return "'" + toValidUtf8(token.substr(0, kShown)) + (token.size() > kShown ? "...'" : "'");
}

Vocabulary::Vocabulary(TokenIds tokens, const std::string& where) {
    m_idOfToken.reserve(tokens.size());
    for (auto& [token, id] : tokens) {
        if (id < 0 || id >= kMaxSize)
            throw Error(ErrorCode::LimitExceeded,
                        fmt::format("{}: token {} has id {}; ids from 0 to {} are read", where,
                                    shownToken(token), id, kMaxSize - 1));
        const auto index = static_cast<size_t>(id);
        if (index >= m_tokenOfId.size())
            m_tokenOfId.resize(index + 1, nullptr);
        if (m_tokenOfId[index])
            throw Error(ErrorCode::Corrupt, fmt::format("{}: id {} is given to both {} and {}", where, id,
                                                        shownToken(*m_tokenOfId[index]), shownToken(token)));
        const auto [entry, added] = m_idOfToken.emplace(std::move(token), static_cast<int32_t>(id));
        if (!added)
            throw Error(ErrorCode::Corrupt,
                        fmt::format("{}: token {} is listed twice", where, shownToken(entry->first)));
        m_tokenOfId[index] = &entry->first;
    }
}

std::optional<int32_t> Vocabulary::idOf(const std::string& token) const {
    const auto found = m_idOfToken.find(token);
    return found == m_idOfToken.end() ? std::nullopt : std::optional(found->second);
}

int32_t Vocabulary::requireId(const std::string& token, const char* role, const std::string& where) const {
    if (const auto id = idOf(token))
        return *id;
    throw Error(ErrorCode::Corrupt,
                fmt::format("{}: the {} {} is not in the vocabulary", where, role, shownToken(token)));
}

std::string_view Vocabulary::token(int64_t id) const {
    if (id < 0 || static_cast<size_t>(id) >= m_tokenOfId.size() || !m_tokenOfId[static_cast<size_t>(id)])
        return {};
    return *m_tokenOfId[static_cast<size_t>(id)];
}

} // namespace diptych
