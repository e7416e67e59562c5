// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <string_view>

namespace diptych {

/// Character references of HTML 5 as the characters they stand for, as Python's html.unescape(): also without
/// a semicolon where HTML allows it, and of unknown names the longest beginning that is known.
std::u32string unescapeHtml(std::u32string_view text);

/// Only those that end in a semicolon, and Latin letters and symbols whose names are in capitals, as ftfy's
/// unescape_html().
std::u32string unescapeWholeHtml(std::u32string_view text);

} // namespace diptych
