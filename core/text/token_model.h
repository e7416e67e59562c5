// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace diptych {

/// A vocabulary and how words are cut into its tokens. Safe to call from several threads.
class TokenModel {
public:
    virtual ~TokenModel() = default;
    /// Appends the ids of one word (UTF-8, not empty).
    virtual void encodeWord(std::string_view word, std::vector<int64_t>& out) const = 0;
    virtual std::optional<int64_t> idOf(const std::string& token) const = 0;
    /// Empty for an id without a token.
    virtual std::string_view token(int64_t id) const = 0;
    /// Largest id + 1.
    virtual size_t size() const = 0;
};

} // namespace diptych
