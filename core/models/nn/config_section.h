// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/json.h"
#include "core/models/nn/activation.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace diptych {

/// Reads the keys of one JSON object of a model's configuration; every complaint names object and key.
/// Refers to the object given, which must outlive it.
class ConfigSection {
public:
    // Generous bounds: several times the largest model published, small enough that no product of them
    // overflows.
    static constexpr int64_t kMaxWidth = 16384;
    static constexpr int64_t kMaxHidden = 131072;
    static constexpr int64_t kMaxLayers = 256;
    static constexpr int64_t kMaxImageSize = 4096;
    static constexpr int64_t kMaxVocabulary = 4'000'000;
    static constexpr int64_t kMaxContext = 65536;

    /// @param where names the source in messages. @throws Error Corrupt if it is no object
    ConfigSection(const Json& object, std::string where);
    /// A member object; an empty one where it is absent or null.
    ConfigSection section(const char* key) const;

    bool has(const char* key) const; ///< there and not null
    int64_t integer(const char* key, int64_t fallback) const;
    /// 1 to @p most. @throws Error LimitExceeded
    int64_t size(const char* key, int64_t fallback, int64_t most) const;
    double number(const char* key, double fallback) const;
    std::string text(const char* key, const std::string& fallback) const;
    bool flag(const char* key, bool fallback) const;
    /// A list of whole numbers. @throws Error Corrupt
    std::vector<int64_t> integers(const char* key, const std::vector<int64_t>& fallback) const;
    /// @throws Error Unsupported that lists the activations known
    Activation activation(const char* key, Activation fallback) const;
    /// An epsilon between 0 and 1. @throws Error Corrupt
    double epsilon(const char* key, double fallback) const;
    [[noreturn]] void fail(ErrorCode code, const std::string& problem) const;

private:
    const Json& m_object;
    std::string m_where;
};

} // namespace diptych
