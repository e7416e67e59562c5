// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/datasets/class_names.h"

#include "core/base/file.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <system_error>

namespace diptych {
namespace fs = std::filesystem;
namespace {

constexpr uint64_t kMaxListBytes = 64 << 20;

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

} // namespace diptych
