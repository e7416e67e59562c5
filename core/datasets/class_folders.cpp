// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/datasets/class_folders.h"

#include "core/base/ascii.h"
#include "core/base/encodings.h"
#include "core/base/file.h"
#include "core/datasets/class_names.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <numeric>
#include <optional>
#include <set>

namespace diptych {
namespace {

using Names = std::vector<std::string>;

/// A line's first word, and what follows it: "7: seven" and "7,seven" are taken apart as "7 seven" is.
struct ListLine {
    std::string first, rest;
};

ListLine takeApart(const std::string& line) {
    const auto end = line.find_first_of(" \t,;:");
    if (end == std::string::npos)
        return {line, {}};
    const auto rest = line.find_first_not_of(" \t,;:", end);
    return {line.substr(0, end), rest == std::string::npos ? std::string() : line.substr(rest)};
}

/// The same for names that people write differently.
std::string plain(const std::string& name) {
    std::string text = lowerAscii(name);
    std::replace_if(
        text.begin(), text.end(), [](char c) { return c == '_' || c == '-'; }, ' ');
    return text;
}

/// The name of every folder, or nothing if one of them has none.
template<typename NameOf>
std::optional<Names> namesOfAll(const Names& folders, const NameOf& nameOf) {
    Names names;
    for (const auto& folder : folders) {
        auto name = nameOf(folder);
        if (!name || name->empty())
            return std::nullopt;
        names.push_back(std::move(*name));
    }
    return names;
}

std::optional<std::string> lookUp(const std::map<std::string, std::string>& names, const std::string& key) {
    const auto found = names.find(key);
    return found == names.end() ? std::nullopt : std::optional(found->second);
}

/// Lines such as "n01440764 tench"; "7" in a line is the folder "007" too.
std::optional<Names> byFirstWord(const Names& folders, const Names& list) {
    std::map<std::string, std::string> nameOf;
    std::map<int64_t, std::string> nameOfNumber;
    for (const auto& line : list) {
        const ListLine parts = takeApart(line);
        nameOf.emplace(parts.first, parts.rest);
        if (const auto number = digitsOf(parts.first))
            nameOfNumber.emplace(*number, parts.rest);
    }
    return namesOfAll(folders, [&](const std::string& folder) -> std::optional<std::string> {
        if (auto name = lookUp(nameOf, folder))
            return name;
        const auto number = digitsOf(folder);
        const auto found = number ? nameOfNumber.find(*number) : nameOfNumber.end();
        return found == nameOfNumber.end() ? std::nullopt : std::optional(found->second);
    });
}

/// Lines that are the folders' names, alone or behind a number ("1 001.Black_footed_Albatross").
std::map<std::string, std::string> ownNames(const Names& list) {
    std::map<std::string, std::string> nameOf;
    for (const auto& line : list)
        nameOf.emplace(plain(line), line);
    for (const auto& line : list) {
        const ListLine parts = takeApart(line);
        if (digitsOf(parts.first) && !parts.rest.empty())
            nameOf.emplace(plain(parts.rest), parts.rest);
    }
    return nameOf;
}

/// The numbers of folders such as "7" or "class7", which differ in nothing else; nothing if one has none or
/// two have the same.
std::optional<std::vector<int64_t>> numbersOf(const Names& folders) {
    std::vector<int64_t> numbers;
    std::set<std::string> prefixes;
    for (const auto& folder : folders) {
        const auto last = folder.find_last_not_of("0123456789");
        const size_t start = last == std::string::npos ? 0 : last + 1;
        const auto number = digitsOf(std::string_view(folder).substr(start));
        if (!number)
            return std::nullopt;
        numbers.push_back(*number);
        prefixes.insert(folder.substr(0, start));
    }
    const bool distinct = std::set(numbers.begin(), numbers.end()).size() == numbers.size();
    return distinct && prefixes.size() == 1 ? std::optional(numbers) : std::nullopt;
}

/// Where only one of the two ways of counting is possible: a 0 tells that they count from 0, a number as
/// large as the list that they count from 1.
std::optional<Names> byNumber(const std::vector<int64_t>& numbers, const Names& list) {
    const auto [low, high] = std::minmax_element(numbers.begin(), numbers.end());
    const auto lines = static_cast<int64_t>(list.size());
    const bool fromZero = *low == 0 && *high < lines, fromOne = *low >= 1 && *high == lines;
    if (!fromZero && !fromOne)
        return std::nullopt;
    Names names;
    for (const int64_t number : numbers)
        names.push_back(list[static_cast<size_t>(number - (fromOne ? 1 : 0))]);
    return names;
}

/// Line i for the i-th folder: by their numbers where they have some, else in the order of their bytes.
Names byPosition(const Names& folders, const std::optional<std::vector<int64_t>>& numbers,
                 const Names& list) {
    std::vector<size_t> order(folders.size());
    std::iota(order.begin(), order.end(), size_t(0));
    if (numbers)
        std::sort(order.begin(), order.end(),
                  [&](size_t a, size_t b) { return (*numbers)[a] < (*numbers)[b]; });
    Names names(folders.size());
    for (size_t i = 0; i < order.size(); ++i)
        names[order[i]] = list[i];
    return names;
}

/// The folders' own names, or in order, or as they are: with a word on it.
Names byGuess(const Names& folders, const Names& list, const std::string& root, ProblemList& problems) {
    const auto known = ownNames(list);
    const auto named = std::count_if(folders.begin(), folders.end(),
                                     [&](const auto& folder) { return known.contains(plain(folder)); });
    if (named > 0) {
        for (const auto& folder : folders)
            if (!known.contains(plain(folder)))
                problems.note(
                    "class folders that the class list does not name", root,
                    fmt::format("the class list does not name the class folder '{}'; it keeps its name",
                                folder));
        return folders;
    }
    if (list.size() == folders.size()) {
        Names names = byPosition(folders, numbersOf(folders), list);
        problems.note(
            "class lists", root,
            fmt::format("the class list names no class folder, so its lines were taken in order: folder "
                        "'{}' is '{}', folder '{}' is '{}'. If that is wrong, write lines of folder and name",
                        folders.front(), names.front(), folders.back(), names.back()));
        return names;
    }
    problems.note(
        "class lists", root,
        fmt::format("the class list has {} lines and there are {} class folders; the folders' names are used",
                    list.size(), folders.size()));
    return folders;
}

} // namespace

Names nameClassFolders(const Names& folders, const std::filesystem::path& root, ProblemList& problems) {
    Names own;
    for (const auto& folder : folders)
        own.push_back(readableText(folder)); // no two names become one
    const auto list = readClassList(root);
    if (!list || own.empty())
        return own;
    if (auto names = byFirstWord(own, *list))
        return *names;
    const auto known = ownNames(*list);
    if (auto names = namesOfAll(own, [&](const auto& folder) { return lookUp(known, plain(folder)); }))
        return *names;
    if (const auto numbers = numbersOf(own)) {
        if (auto names = byNumber(*numbers, *list))
            return *names;
    }
    return byGuess(own, *list, displayPath(root), problems);
}

} // namespace diptych
