// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/datasets/line_reader.h"
#include "core/datasets/problem_list.h"

#include <filesystem>
#include <string>
#include <vector>

namespace diptych {

/// Private to core/datasets: a CSV or TSV table with a header. Records are those of RFC 4180: fields in
/// double quotes may hold the separator, line ends, and quotes doubled; a quote in the middle of a plain
/// field stands for itself. The separator is a tab in a .tsv, else the one of comma, semicolon and tab that
/// parts the header into most fields.
class CsvReader {
public:
    /// Reads the header. @throws Error InvalidArgument for an empty file; as LineReader
    explicit CsvReader(const std::filesystem::path& path);

    /// Names of the columns: valid UTF-8, trimmed, none empty, each once.
    const std::vector<std::string>& header() const { return m_header; }
    /// The next record's fields, bytes as they stand there. @return false at the end.
    /// @throws Error LimitExceeded, Corrupt (a quote never closed), with file and line
    bool next(std::vector<std::string>& fields);
    /// Whether the record is text and has as many fields as the header; says so in @p problems if not.
    bool acceptable(const std::vector<std::string>& fields, ProblemList& problems) const;
    std::string where() const { return m_lines.where(m_firstLine); } ///< of the record last read

private:
    bool parse(std::vector<std::string>& fields) const;
    void readHeader();

    LineReader m_lines;
    char m_separator = ',';
    int64_t m_firstLine = 0;
    std::string m_record, m_line;
    std::vector<std::string> m_header;
};

/// Whether the name ends in .csv or .tsv, in any case.
bool isTableFile(const std::filesystem::path& path);

} // namespace diptych
