// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/datasets/class_names.h"

#include "core/base/file.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <map>
#include <system_error>
#include <unordered_map>

namespace diptych {
namespace fs = std::filesystem;
namespace {

constexpr uint64_t kMaxListBytes = 64 << 20;
constexpr int64_t kPlainLabels = 1000; ///< numbers below this are indices whatever their gaps

std::optional<int64_t> wholeNumber(const std::string& text) {
    int64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size())
        return std::nullopt;
    return value;
}

/// The labels as numbers, or nothing if one of them is none.
std::optional<std::vector<int64_t>> allNumbers(const LabelTable& table) {
    std::vector<int64_t> numbers;
    numbers.reserve(table.values.size());
    for (const auto& value : table.values) {
        const auto number = value.empty() ? std::optional<int64_t>(-1) : wholeNumber(value);
        if (!number)
            return std::nullopt;
        numbers.push_back(*number);
    }
    return numbers;
}

ResolvedLabels indexByName(const LabelTable& table, std::vector<std::string> names, ProblemList& problems) {
    std::unordered_map<std::string, int> indices;
    for (size_t i = 0; i < names.size(); ++i)
        indices.emplace(names[i], static_cast<int>(i));
    ResolvedLabels resolved{std::move(names), {}};
    for (size_t i = 0; i < table.values.size(); ++i) {
        const auto found = indices.find(table.values[i]);
        resolved.labels.push_back(found == indices.end() ? -1 : found->second);
        if (found == indices.end() && !table.values[i].empty())
            problems.add(
                "labels out of range", table.wheres[i],
                fmt::format("label '{}' is not in the class list; kept without a label", table.values[i]));
    }
    return resolved;
}

ResolvedLabels indexByNumber(const LabelTable& table, const std::vector<int64_t>& numbers,
                             std::vector<std::string> names, ProblemList& problems) {
    ResolvedLabels resolved{std::move(names), {}};
    const auto count = static_cast<int64_t>(resolved.classNames.size());
    for (size_t i = 0; i < numbers.size(); ++i) {
        const bool inside = numbers[i] >= 0 && numbers[i] < count;
        resolved.labels.push_back(inside ? static_cast<int>(numbers[i]) : -1);
        if (!inside && numbers[i] != -1)
            problems.add("labels out of range", table.wheres[i],
                         fmt::format("label {} is out of range (0 to {}); kept without a label", numbers[i],
                                     count - 1));
    }
    return resolved;
}

std::vector<std::string> sortedDistinct(std::vector<std::string> values) {
    std::sort(values.begin(), values.end());
    values.erase(std::unique(values.begin(), values.end()), values.end());
    if (!values.empty() && values.front().empty())
        values.erase(values.begin());
    return values;
}

ResolvedLabels numbered(const LabelTable& table, const std::vector<int64_t>& numbers, ProblemList& problems) {
    std::map<int64_t, std::string> names;
    for (size_t i = 0; i < numbers.size(); ++i) {
        if (numbers[i] >= 0 && names[numbers[i]].empty())
            names[numbers[i]] = table.nameOfLabel[i];
    }
    const int64_t highest = names.empty() ? -1 : names.rbegin()->first;
    const bool dense = highest < std::max(kPlainLabels, 10 * static_cast<int64_t>(names.size()));
    std::vector<std::string> list;
    if (dense) {
        for (int64_t i = 0; i <= highest; ++i) {
            const auto name = names.find(i);
            list.push_back(name == names.end() || name->second.empty() ? std::to_string(i) : name->second);
        }
        return indexByNumber(table, numbers, std::move(list), problems);
    }
    // Numbers such as catalogue ids: classes in their order.
    std::map<int64_t, int> positions;
    for (const auto& [number, name] : names) {
        positions[number] = static_cast<int>(list.size());
        list.push_back(name.empty() ? std::to_string(number) : name);
    }
    ResolvedLabels resolved{std::move(list), {}};
    for (const int64_t number : numbers)
        resolved.labels.push_back(number < 0 ? -1 : positions[number]);
    return resolved;
}

} // namespace

std::optional<std::vector<std::string>> readClassList(const fs::path& folder) {
    for (const char* name : {"classes.txt", "classnames.txt"}) {
        std::error_code failed;
        if (!fs::exists(folder / name, failed))
            continue;
        const std::string text = toValidUtf8(readTextFile(folder / name, kMaxListBytes));
        std::vector<std::string> lines;
        for (size_t at = 0; at <= text.size();) {
            const size_t end = std::min(text.find('\n', at), text.size());
            lines.push_back(trimmed(text.substr(at, end - at)));
            at = end + 1;
        }
        while (!lines.empty() && lines.back().empty())
            lines.pop_back();
        return lines;
    }
    return std::nullopt;
}

std::vector<std::string> nameClassFolders(const std::vector<std::string>& folders, const fs::path& root,
                                          ProblemList& problems) {
    std::vector<std::string> names;
    for (const auto& folder : folders)
        names.push_back(toValidUtf8(folder));
    const auto list = readClassList(root);
    if (!list)
        return names;
    std::map<std::string, std::string> nameOf;
    for (const auto& line : *list) {
        const auto gap = line.find_first_of(" \t");
        if (gap != std::string::npos)
            nameOf.emplace(line.substr(0, gap), trimmed(line.substr(gap)));
    }
    const bool byFolder =
        std::all_of(names.begin(), names.end(), [&](const auto& name) { return nameOf.contains(name); });
    if (byFolder) {
        for (auto& name : names)
            name = nameOf[name];
    } else if (list->size() == names.size()) {
        names = *list;
    } else {
        problems.add(
            "class lists", displayPath(root),
            fmt::format("the class list has {} lines and there are {} class folders; the folders' names are "
                        "used",
                        list->size(), names.size()));
    }
    return names;
}

ResolvedLabels resolveLabels(const LabelTable& table, const fs::path& folder, ProblemList& problems) {
    const auto numbers = allNumbers(table);
    const auto list = readClassList(folder);
    if (numbers && list)
        return indexByNumber(table, *numbers, *list, problems);
    if (numbers)
        return numbered(table, *numbers, problems);
    return indexByName(table, list ? *list : sortedDistinct(table.values), problems);
}

} // namespace diptych
