// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <vector>

namespace diptych {

/// The word list that comes with the program: things, animals, places, colours, kinds of picture.
inline constexpr const char* kCommonWords = "common";

/// kCommonWords, else a file: one word or phrase a line, UTF-8; blank lines and lines that begin with '#' do
/// not count. @throws Error for a file that cannot be read; InvalidArgument for one without words
std::vector<std::string> readWordList(const std::string& nameOrFile);

} // namespace diptych
