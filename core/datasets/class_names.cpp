// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/datasets/class_names.h"

#include "core/base/encodings.h"
#include "core/base/file.h"
#include "core/datasets/line_reader.h"

#include <fmt/format.h>

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
        LineReader reader(folder / name);
        std::vector<std::string> lines;
        uint64_t bytes = 0;
        for (std::string line; reader.next(line); bytes += line.size()) {
            if (bytes > kMaxListBytes)
                throw Error(ErrorCode::LimitExceeded,
                            fmt::format("{} is longer than {} MB; this is no list of classes",
                                        displayPath(folder / name), kMaxListBytes >> 20));
            lines.push_back(trimmed(readableText(line)));
        }
        while (!lines.empty() && lines.back().empty())
            lines.pop_back();
        return lines;
    }
    return std::nullopt;
}

} // namespace diptych
