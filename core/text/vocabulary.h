// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/error.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace diptych {

/// How messages write a token or a value: quoted, shortened, valid UTF-8.
std::string shownToken(std::string_view token);

/// Tokens with their ids as a file lists them.
using TokenIds = std::vector<std::pair<std::string, int64_t>>;

/// Token strings and ids, one to one; ids may have gaps.
class Vocabulary {
public:
    /// Largest id + 1 that is accepted.
    static constexpr int64_t kMaxSize = int64_t{1} << 22;

    /// @param where names the source in messages
    /// @throws Error Corrupt for an id or a token given twice; LimitExceeded for an id out of range
    Vocabulary(TokenIds tokens, const std::string& where);
    // m_tokenOfId points into m_idOfToken.
    Vocabulary(const Vocabulary&) = delete;
    Vocabulary& operator=(const Vocabulary&) = delete;

    std::optional<int32_t> idOf(const std::string& token) const;
    /// @throws Error Corrupt "<where>: the <role> '<token>' is not in the vocabulary"
    int32_t requireId(const std::string& token, const char* role, const std::string& where) const;
    /// Empty for an id without a token.
    std::string_view token(int64_t id) const;
    /// Largest id + 1.
    size_t size() const { return m_tokenOfId.size(); }

private:
    std::unordered_map<std::string, int32_t> m_idOfToken;
    std::vector<const std::string*> m_tokenOfId; ///< null where an id is unused
};

} // namespace diptych
