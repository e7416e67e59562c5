// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/text/word_list.h"

#include "core/base/file.h"

#include <sstream>

namespace diptych {

std::vector<std::string> readWordList(const std::string& nameOrFile) {
    const std::filesystem::path file = nameOrFile == kCommonWords
                                           ? resourceDirectory() / "vocabularies" / "common.txt"
                                           : std::filesystem::path(nameOrFile);
    std::vector<std::string> words;
    std::istringstream lines(readTextFile(file));
    for (std::string line; std::getline(lines, line);) {
        line.erase(line.find_last_not_of(" \t\r") + 1);
        line.erase(0, line.find_first_not_of(" \t"));
        if (!line.empty() && line.front() != '#')
            words.push_back(std::move(line));
    }
    if (words.empty())
        throw Error(ErrorCode::InvalidArgument, displayPath(file) + ": has no words, one a line");
    return words;
}

} // namespace diptych
