// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/datasets/line_reader.h"
#include "core/datasets/problem_list.h"

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace diptych {

/// Private to core/datasets: a CSV or TSV table. Records are those of RFC 4180: fields in double quotes may
/// hold the separator, line ends, and quotes doubled; a quote in the middle of a plain field stands for
/// itself. The separator is what a first line "sep=;" says, as spreadsheets write it; a tab in a .tsv; else
/// the one of comma, semicolon, tab and bar that parts the first line into most fields. Time is linear in the
/// size of the file.
class CsvReader {
public:
    /// Longest field taken.
    static constexpr size_t kMaxFieldBytes = size_t{1} << 20;

    /// Reads the header. @throws Error InvalidArgument for an empty file; as LineReader
    explicit CsvReader(const std::filesystem::path& path, const RunContext& context = {});

    /// Names of the columns: valid UTF-8, trimmed, none empty, each once.
    const std::vector<std::string>& header() const { return m_header; }
    /// False if the first line names an image: it is the first record, and the columns are "column 1", ...
    bool hasHeader() const { return !m_firstIsRecord; }
    const std::string& firstLine() const { return m_firstText; } ///< valid UTF-8, shortened, for messages
    /// Whether this is a table of numbered captions, "x.jpg#0<tab>caption", as Flickr8k and Flickr30k have
    /// it: without a header, without quoting.
    bool numberedCaptions() const { return m_numbered; }
    /// Of a table with two columns: what follows the first separator is the second column, separators and
    /// all, where it would be more than one field.
    void keepSeparatorsInLastColumn() { m_lastKeepsSeparators = m_header.size() == 2; }

    /// The next record's fields, bytes as they stand there. @return false at the end.
    /// @throws Error LimitExceeded (a quote still open after kMaxFieldBytes), Corrupt (a quote never closed),
    /// with file and line of the quote; Cancelled
    bool next(std::vector<std::string>& fields);
    /// Whether the record is text and has as many fields as the header; says so in @p problems if not.
    bool acceptable(const std::vector<std::string>& fields, ProblemList& problems) const;
    /// A field as UTF-8; what is not UTF-8 is read as Windows-1252, and told once.
    std::string text(const std::string& field, ProblemList& problems);
    std::string where() const { return m_lines.where(m_firstLine); } ///< of the record last read

private:
    bool nextLine();
    void chooseSeparator();
    void readHeader();
    void splitLine(std::vector<std::string>& fields);
    size_t splitQuoted(std::string& field, size_t from);
    void endRecord(std::vector<std::string>& fields) const;
    [[noreturn]] void failAtQuote(ErrorCode code, std::string_view problem, size_t column) const;

    LineReader m_lines;
    char m_separator = ',';
    std::string m_line;
    bool m_lineHeld = false; ///< m_line is still to be split
    std::vector<std::string> m_header;
    std::string m_firstText;
    bool m_firstIsRecord = false, m_numbered = false, m_lastKeepsSeparators = false;
    bool m_encodingTold = false;

    // The record that is being read
    int64_t m_firstLine = 0;
    bool m_quoted = false;   ///< inside quotes
    bool m_fresh = true;     ///< at the beginning of a field
    int64_t m_quoteLine = 0; ///< of the quote opened last
    int64_t m_strayQuote =
        0;              ///< line on which a quote of an earlier line ends in the middle of a field; or 0
    std::string m_last; ///< the last column as it stands there
};

/// Whether the name ends in .csv or .tsv, in any case.
bool isTableFile(const std::filesystem::path& path);

} // namespace diptych
