// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/text/caption_cleaning.h"

#include "core/base/ascii.h"

#include <cctype>

namespace diptych {

std::string lavisCaption(std::string_view caption) {
    constexpr size_t kMostWords = 50;
    std::string out;
    size_t words = 1;
    bool blank = true; // none at the start
    for (const char c : lowerAscii(caption)) {
        const bool space = std::isspace(static_cast<unsigned char>(c)) ||
                           std::string_view(".!\"()*#:;~").find(c) != std::string_view::npos;
        if (!space) {
            out += c;
        } else if (!blank) {
            if (words == kMostWords)
                break;
            ++words;
            out += ' ';
        }
        blank = space;
    }
    while (!out.empty() && out.back() == ' ')
        out.pop_back();
    return out;
}

} // namespace diptych
