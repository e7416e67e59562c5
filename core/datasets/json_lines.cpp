// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/datasets/json_lines.h"

#include "core/base/json_stream.h"
#include "core/datasets/json_items.h"
#include "core/datasets/names.h"
#include "core/datasets/problem_list.h"

#include <fmt/format.h>

#include <system_error>

namespace diptych {

std::optional<Result<Json>> JsonLineReader::next() {
    while (m_lines.next(m_line)) {
        if (trimmed(m_line).empty())
            continue;
        if (m_line.find('\0') != std::string::npos)
            return failure(ErrorCode::Corrupt, "has a NUL byte in it: not text; left out");
        Json value;
        try {
            JsonStream in(m_line, {}, JsonDialect::Python, kMaxJsonDepth);
            value = in.value();
            in.finish();
        } catch (const Error& error) {
            return failure(error.code(), fmt::format("is {}; left out", error.what()));
        }
        if (!value.is_object())
            return failure(ErrorCode::Corrupt,
                           fmt::format("should be an object {{...}}, it is {}; left out", value.type_name()));
        return value;
    }
    return std::nullopt;
}

Json firstJsonLine(const std::filesystem::path& path) {
    try {
        JsonLineReader objects(path);
        const auto first = objects.next();
        return first && *first ? **first : Json();
    } catch (const Error&) { // whoever reads it says why it cannot be read
        return {};
    }
}

bool isJsonLinesFile(const std::filesystem::path& path) {
    std::error_code failed;
    const std::string extension = lowerExtension(path);
    return (extension == ".jsonl" || extension == ".ndjson" || extension == ".jsonlines") &&
           std::filesystem::is_regular_file(path, failed);
}

} // namespace diptych
