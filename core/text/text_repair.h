// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <string_view>

namespace diptych {

/// What ftfy's fix_text() (6.3) does to a text: character references, C1 controls, Latin ligatures, full and
/// half widths, curly quotes, line breaks, terminal escapes and control characters, then NFC, line by line.
/// Its guesses at text that was decoded by a wrong charset ("Ã©") are not made; such text stays as it is.
std::u32string repairedText(std::u32string_view text);

} // namespace diptych
