// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/json.h"
#include "core/datasets/line_reader.h"

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace diptych {

/// Private to core/datasets: reads JSON objects, one a line; empty lines are passed over.
class JsonLineReader {
public:
    /// @throws as LineReader
    explicit JsonLineReader(const std::filesystem::path& path, const RunContext& context = {})
        : m_lines(path, context) {}

    /// The next object, or why a line is none (a NUL byte, no JSON, no object, nested too deep); nullopt at
    /// the end. @throws Error LimitExceeded for a line that is too long, naming file and line; Cancelled
    std::optional<Result<Json>> next();
    std::string where() const { return m_lines.where(m_lines.lineNumber()); } ///< "file.jsonl:12"

private:
    LineReader m_lines;
    std::string m_line;
};

/// The first object of a file of JSON lines; null if its first line is none, or it cannot be read.
Json firstJsonLine(const std::filesystem::path& path);
/// Whether @p path is a regular file whose name ends as files of JSON lines do.
bool isJsonLinesFile(const std::filesystem::path& path);

} // namespace diptych
