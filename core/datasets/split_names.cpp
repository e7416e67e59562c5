// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/datasets/split_names.h"

#include "core/base/ascii.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <map>
#include <set>
#include <utility>

namespace diptych {
namespace {

/// The one table of split names.
constexpr std::array<std::pair<std::string_view, SplitPart>, 21> kWords = {{
    {"train", SplitPart::Train},
    {"training", SplitPart::Train},
    {"trn", SplitPart::Train},
    {"trainset", SplitPart::Train},
    {"val", SplitPart::Validation},
    {"valid", SplitPart::Validation},
    {"validation", SplitPart::Validation},
    {"validate", SplitPart::Validation},
    {"validating", SplitPart::Validation},
    {"valset", SplitPart::Validation},
    {"dev", SplitPart::Validation},
    {"devset", SplitPart::Validation},
    {"development", SplitPart::Validation},
    {"eval", SplitPart::Validation},
    {"evaluation", SplitPart::Validation},
    {"test", SplitPart::Test},
    {"testing", SplitPart::Test},
    {"tst", SplitPart::Test},
    {"testset", SplitPart::Test},
    {"holdout", SplitPart::Test},
    {"heldout", SplitPart::Test},
}};

/// Words that say no more than that there are data of that split.
constexpr std::array<std::string_view, 17> kFillers = {
    "set", "data", "dataset", "split",  "images", "image", "imgs",   "img",  "pictures",
    "jpg", "png",  "photos",  "folder", "files",  "seen",  "unseen", "small"};

bool isLetter(char c) {
    return c >= 'a' && c <= 'z';
}
bool isDigit(char c) {
    return c >= '0' && c <= '9';
}

/// Runs of letters and runs of digits; other characters stand between.
std::vector<std::string> wordsOf(std::string_view name) {
    const std::string lower = lowerAscii(name);
    std::vector<std::string> words;
    for (size_t at = 0; at < lower.size();) {
        const auto sameKind = [&](char c) { return isLetter(lower[at]) ? isLetter(c) : isDigit(c); };
        if (!isLetter(lower[at]) && !isDigit(lower[at])) {
            ++at;
            continue;
        }
        const auto end =
            std::find_if_not(lower.begin() + static_cast<std::ptrdiff_t>(at), lower.end(), sameKind);
        words.emplace_back(lower.begin() + static_cast<std::ptrdiff_t>(at), end);
        at = static_cast<size_t>(std::distance(lower.begin(), end));
    }
    return words;
}

SplitPart partOfWord(const std::string& word) {
    const auto found =
        std::find_if(kWords.begin(), kWords.end(), [&](const auto& entry) { return entry.first == word; });
    return found == kWords.end() ? SplitPart::None : found->second;
}

struct ParsedName {
    SplitPart part = SplitPart::None;
    std::string rest; ///< its other words that mean something
};

ParsedName parse(std::string_view name) {
    ParsedName parsed;
    for (const auto& word : wordsOf(name)) {
        const SplitPart part = partOfWord(word);
        if (part != SplitPart::None && parsed.part != SplitPart::None && part != parsed.part)
            return {};
        if (part != SplitPart::None)
            parsed.part = part;
        else if (!isDigit(word.front()) &&
                 std::find(kFillers.begin(), kFillers.end(), word) == kFillers.end())
            parsed.rest += word + " ";
    }
    return parsed;
}

} // namespace

SplitPart splitPart(std::string_view name) {
    return parse(name).part;
}

bool isSplitName(std::string_view name) {
    const ParsedName parsed = parse(name);
    return parsed.part != SplitPart::None && parsed.rest.empty();
}

std::vector<std::string> splitsAmong(const std::vector<std::string>& names) {
    std::map<std::string, std::set<SplitPart>> partsByRest;
    for (const auto& name : names) {
        const ParsedName parsed = parse(name);
        if (parsed.part != SplitPart::None)
            partsByRest[parsed.rest].insert(parsed.part);
    }
    std::vector<std::string> splits;
    std::copy_if(names.begin(), names.end(), std::back_inserter(splits), [&](const auto& name) {
        const ParsedName parsed = parse(name);
        return parsed.part != SplitPart::None && (parsed.rest.empty() || partsByRest[parsed.rest].size() > 1);
    });
    return splits;
}

} // namespace diptych
