// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/text/text_pattern.h"

#include <string_view>

namespace diptych {

/// The words of a known regular expression; null for any other. Linear in the text.
Matcher wordPattern(std::string_view regex);
/// GPT-2's words, which ByteLevel uses where it splits.
Matches gpt2Words(std::u32string_view text);

} // namespace diptych
