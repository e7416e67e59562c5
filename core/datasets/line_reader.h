// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/error.h"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>

namespace diptych {

/// Private to core/datasets: reads a text file line by line in bounded memory, whatever its size. A UTF-8
/// byte order mark is taken off; lines end with LF or CRLF.
class LineReader {
public:
    /// Longest line taken. A longer one is no table but another kind of file.
    static constexpr size_t kMaxLineBytes = size_t{64} << 20;

    /// @throws Error NotFound, Unreadable (also for what is no regular file), Unsupported (UTF-16 or UTF-32)
    explicit LineReader(std::filesystem::path path);
    ~LineReader();
    LineReader(const LineReader&) = delete;
    LineReader& operator=(const LineReader&) = delete;

    /// The next line without its end. @return false at the end of the file. @throws Error LimitExceeded,
    /// Unreadable, naming file and line
    bool next(std::string& line);
    int64_t lineNumber() const { return m_line; } ///< of the line last read, from 1
    /// "file.csv:12"
    std::string where(int64_t line) const;
    const std::filesystem::path& path() const { return m_path; }

private:
    bool fill();

    std::filesystem::path m_path;
    std::string m_shown;
    int m_fd = -1;
    std::string m_buffer;
    size_t m_at = 0;
    int64_t m_line = 0;
};

} // namespace diptych
