// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/text_source.h"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>

namespace diptych {

/// Private to core/datasets: reads a text file line by line in bounded memory, whatever its size. Encodings
/// are those of TextSource. Lines end with LF or CRLF; with CR alone where the first one does, as old
/// spreadsheets on the Macintosh write them.
class LineReader {
public:
    /// Longest line taken. A longer one is no table but another kind of file.
    static constexpr size_t kMaxLineBytes = size_t{64} << 20;

    /// @throws as TextSource
    explicit LineReader(std::filesystem::path path, const RunContext& context = {});

    /// The next line without its end. @return false at the end of the file. @throws Error LimitExceeded,
    /// Unreadable, naming file and line; Cancelled
    bool next(std::string& line);
    int64_t lineNumber() const { return m_line; } ///< of the line last read, from 1
    /// "file.csv:12"
    std::string where(int64_t line) const;
    const std::filesystem::path& path() const { return m_source.path(); }

private:
    bool fill();
    size_t findEnd(size_t from) const;

    TextSource m_source;
    std::string m_buffer;
    size_t m_at = 0;
    int64_t m_line = 0;
    bool m_carriageReturns = false; ///< CR alone ends a line
};

} // namespace diptych
