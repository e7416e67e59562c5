// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace diptych {

/// A to Z in lower case; all other bytes as they are.
std::string lowerAscii(std::string_view text);
/// The decimal digits that are all of @p text, up to 18 of them; nothing for anything else.
std::optional<int64_t> digitsOf(std::string_view text);

} // namespace diptych
