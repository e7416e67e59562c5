// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/ascii.h"

namespace diptych {

std::string lowerAscii(std::string_view text) {
    std::string lower(text);
    for (char& c : lower)
        if (c >= 'A' && c <= 'Z')
            c = static_cast<char>(c - 'A' + 'a');
    return lower;
}

std::optional<int64_t> digitsOf(std::string_view text) {
    constexpr size_t kMostDigits = 18; // the longest that always fits
    if (text.empty() || text.size() > kMostDigits)
        return std::nullopt;
    int64_t value = 0;
    for (const char c : text) {
        if (c < '0' || c > '9')
            return std::nullopt;
        value = 10 * value + (c - '0');
    }
    return value;
}

} // namespace diptych
