// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/json.h"

#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace diptych {

/// Begin and end of each match, in order, none empty.
using Matches = std::vector<std::pair<size_t, size_t>>;
/// Finds a pattern in a text.
using Matcher = std::function<Matches(std::u32string_view)>;

/// The pattern of a Replace or Split step. Supported: a text as it stands; the word patterns of GPT-2, Qwen 2
/// and Llama 3; one character class, repeated or not ("\s+", " {2,}", "[!?]", "[^a-z]+"); a choice of such
/// classes and texts, perhaps at the start or the end only ("\A +| +\z", "<image>|photo").
/// @throws Error Unsupported that names any other pattern; Corrupt
Matcher readPattern(const Json& step, const std::string& where);

/// A text with every match of a pattern replaced.
std::u32string replaceMatches(std::u32string_view text, const Matcher& matcher, std::u32string_view by);

} // namespace diptych
