// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/error.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>

namespace diptych {

/// 128-bit content hash (XXH3), 16 bytes. Not cryptographic: it finds equal content, it proves nothing.
struct Hash128 {
    std::array<uint8_t, 16> bytes{};
    friend auto operator<=>(const Hash128&, const Hash128&) = default;
    std::string hex() const; ///< 32 lower-case digits
    static Result<Hash128> fromHex(std::string_view hex);
};

/// Hash of a stream of pieces; the pieces' borders do not count unless added as such by addField().
class Hasher {
public:
    Hasher();
    ~Hasher();
    Hasher(const Hasher&) = delete;
    Hasher& operator=(const Hasher&) = delete;
    Hasher& add(std::span<const std::byte> bytes);
    Hasher& add(std::string_view text);
    /// Length first, then the text: ("ab","c") and ("a","bc") differ.
    Hasher& addField(std::string_view text);
    Hash128 finish() const;

private:
    void* m_state;
};

Hash128 hashBytes(std::span<const std::byte> bytes);
Hash128 hashText(std::string_view text);
/// Hash of a file's bytes, read in pieces (no memory proportional to the file).
Result<Hash128> hashFile(const std::filesystem::path& path);

} // namespace diptych

template<>
struct std::hash<diptych::Hash128> {
    size_t operator()(const diptych::Hash128& value) const noexcept {
        size_t out = 0;
        for (size_t i = 0; i < sizeof(out); ++i)
            out = (out << 8) | value.bytes[i];
        return out;
    }
};
