// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/datasets/class_names.h"

#include "core/base/file.h"

#include <algorithm>
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

} // namespace diptych
