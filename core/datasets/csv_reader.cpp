// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/datasets/csv_reader.h"

#include "core/base/encodings.h"
#include "core/base/file.h"
#include "core/datasets/names.h"
#include "core/image/image.h"
#include "core/video/media.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace diptych {
namespace fs = std::filesystem;
namespace {

constexpr std::array<char, 4> kSeparators = {',', ';', '\t', '|'};
constexpr size_t kShownBytes = 60;

/// Of a spreadsheet's first line "sep=;".
std::optional<char> declaredSeparator(std::string_view line) {
    while (line.starts_with('"'))
        line.remove_prefix(1);
    if (line.size() < 5 || (line.substr(0, 4) != "sep=" && line.substr(0, 4) != "SEP="))
        return std::nullopt;
    const char separator = line[4];
    const bool alone =
        line.find_first_not_of(std::array{separator, '"', '\0'}.data(), 5) == std::string::npos;
    return alone ? std::optional(separator) : std::nullopt;
}

/// The separator behind "x.jpg#0"; 0 if the line does not begin so.
char separatorOfNumbered(std::string_view line) {
    const size_t end = line.find_first_of(std::string_view(kSeparators.data(), kSeparators.size()));
    const std::string_view name = line.substr(0, end);
    return end != std::string_view::npos && withoutCaptionNumber(name).size() < name.size() ? line[end]
                                                                                            : '\0';
}

/// The separator that parts the line into most fields.
char commonestSeparator(std::string_view line) {
    std::array<int64_t, kSeparators.size()> counts{};
    bool quoted = false;
    for (const char c : line) {
        quoted = quoted != (c == '"');
        for (size_t i = 0; i < kSeparators.size(); ++i)
            counts[i] += !quoted && c == kSeparators[i];
    }
    const auto most = std::max_element(counts.begin(), counts.end()); // the first of equals
    return kSeparators[static_cast<size_t>(most - counts.begin())];
}

bool isBlank(const std::string& field) {
    return field.find_first_not_of(" \t\r") == std::string::npos;
}

} // namespace

CsvReader::CsvReader(const fs::path& path, const RunContext& context) : m_lines(path, context) {
    chooseSeparator();
    readHeader();
}

/// The next line that is not empty: empty lines are no records.
bool CsvReader::nextLine() {
    do {
        if (!m_lines.next(m_line))
            return false;
    } while (m_line.empty());
    return true;
}

void CsvReader::chooseSeparator() {
    bool any = nextLine();
    if (const auto declared = any ? declaredSeparator(m_line) : std::nullopt) {
        m_separator = *declared;
        any = nextLine();
    } else if (const char numbered = separatorOfNumbered(m_line)) {
        m_separator = numbered;
        m_numbered = true;
    } else {
        m_separator = lowerExtension(m_lines.path()) == ".tsv" ? '\t' : commonestSeparator(m_line);
    }
    if (!any)
        throw Error(ErrorCode::InvalidArgument, fmt::format("{} is empty", displayPath(m_lines.path())));
    m_firstText = toValidUtf8(std::string_view(m_line).substr(0, kShownBytes));
    m_lineHeld = true;
}

void CsvReader::readHeader() {
    const std::string first = m_line;
    const int64_t line = m_lines.lineNumber();
    std::vector<std::string> fields;
    next(fields);
    const bool oneLine = m_lines.lineNumber() == line;
    m_firstIsRecord = oneLine && std::any_of(fields.begin(), fields.end(), [](const std::string& field) {
                          const std::string name = trimmed(field);
                          return name.find('\0') == std::string::npos &&
                                 (hasImageExtension(withoutCaptionNumber(name)) || hasClipExtension(name));
                      });
    if (m_firstIsRecord) {
        m_line = first;
        m_lineHeld = true;
    }
    if (m_numbered) // captions may have the separator in them
        fields.resize(2);
    KeySet names;
    for (size_t i = 0; i < fields.size(); ++i) {
        const std::string name = m_firstIsRecord ? std::string() : trimmed(readableText(fields[i]));
        m_header.push_back(names.unique(name.empty() ? fmt::format("column {}", i + 1) : name));
    }
    m_lastKeepsSeparators = m_numbered;
}

bool CsvReader::next(std::vector<std::string>& fields) {
    if (!std::exchange(m_lineHeld, false) && !nextLine())
        return false;
    m_firstLine = m_lines.lineNumber();
    m_strayQuote = 0;
    m_last.clear();
    m_fresh = true;
    m_quoted = false;
    fields.assign(1, std::string());
    splitLine(fields);
    while (m_quoted) {
        if (fields.back().size() > kMaxFieldBytes)
            failAtQuote(ErrorCode::LimitExceeded,
                        fmt::format("is not closed within {} MB", kMaxFieldBytes >> 20), fields.size());
        if (!m_lines.next(m_line))
            failAtQuote(ErrorCode::Corrupt, "is never closed", fields.size());
        fields.back() += '\n';
        if (fields.size() >= m_header.size())
            (m_last += '\n') += m_line;
        splitLine(fields);
    }
    endRecord(fields);
    return true;
}

void CsvReader::failAtQuote(ErrorCode code, std::string_view problem, size_t column) const {
    const std::string name =
        column <= m_header.size() ? fmt::format(", in column '{}',", m_header[column - 1]) : "";
    throw Error(code, fmt::format("{}: a quote that is opened here{} {}. Close it, or write it twice where "
                                  "it belongs to the text",
                                  m_lines.where(m_quoteLine), name, problem));
}

void CsvReader::splitLine(std::vector<std::string>& fields) {
    for (size_t i = 0; i < m_line.size();) {
        if (m_quoted) {
            i = splitQuoted(fields.back(), i);
        } else if (m_line[i] == '"' && m_fresh && !m_numbered) {
            m_quoted = true;
            m_fresh = false;
            m_quoteLine = m_lines.lineNumber();
            ++i;
        } else if (m_line[i] == m_separator) {
            fields.emplace_back();
            m_fresh = true;
            ++i;
            if (fields.size() == m_header.size())
                m_last = m_line.substr(i);
        } else {
            const size_t end = std::min(m_line.find(m_separator, i), m_line.size());
            fields.back().append(m_line, i, end - i);
            m_fresh = false;
            i = end;
        }
    }
}

/// Takes what is inside of quotes, up to their end or that of the line. @return where it stopped
size_t CsvReader::splitQuoted(std::string& field, size_t from) {
    const size_t quote = std::min(m_line.find('"', from), m_line.size());
    field.append(m_line, from, quote - from);
    if (quote == m_line.size())
        return quote;
    if (quote + 1 < m_line.size() && m_line[quote + 1] == '"') {
        field += '"';
        return quote + 2;
    }
    m_quoted = false;
    const bool ends = quote + 1 == m_line.size() || m_line[quote + 1] == m_separator;
    if (!ends && m_quoteLine != m_lines.lineNumber())
        m_strayQuote = m_lines.lineNumber();
    return quote + 1;
}

void CsvReader::endRecord(std::vector<std::string>& fields) const {
    const size_t columns = m_header.size();
    if (columns == 0 || fields.size() <= columns)
        return;
    if (m_lastKeepsSeparators) {
        fields.resize(columns);
        fields.back() = m_last;
    }
    while (fields.size() > columns && isBlank(fields.back())) // columns a spreadsheet once had
        fields.pop_back();
}

bool CsvReader::acceptable(const std::vector<std::string>& fields, ProblemList& problems) const {
    const auto any = [&](auto&& is) { return std::any_of(fields.begin(), fields.end(), is); };
    if (m_strayQuote != 0)
        problems.add("stray quotes", m_lines.where(m_quoteLine),
                     fmt::format("a quote that is opened here ends in the middle of a field, on line {}; the "
                                 "lines up to that are left out",
                                 m_strayQuote));
    else if (any([](const auto& field) { return field.find('\0') != std::string::npos; }))
        problems.add("rows with NUL bytes", where(), "has a NUL byte in it: not text; left out");
    else if (any([](const auto& field) { return field.size() > kMaxFieldBytes; }))
        problems.add("rows with huge fields", where(),
                     fmt::format("has a field of more than {} MB; left out", kMaxFieldBytes >> 20));
    else if (fields.size() != m_header.size())
        problems.add(
            "rows of another length", where(),
            fmt::format("has {} fields where the header has {}; left out", fields.size(), m_header.size()));
    else
        return true;
    return false;
}

std::string CsvReader::text(const std::string& field, ProblemList& problems) {
    if (isValidUtf8(field))
        return field;
    if (!std::exchange(m_encodingTold, true))
        problems.note(
            "tables that are not UTF-8", where(),
            fmt::format("is not UTF-8; read as Windows-1252, '{}'. If that is wrong, save the file as "
                        "UTF-8",
                        fromWindows1252(std::string_view(field).substr(0, kShownBytes))));
    return fromWindows1252(field);
}

bool isTableFile(const fs::path& path) {
    const std::string extension = lowerExtension(path);
    return extension == ".csv" || extension == ".tsv";
}

} // namespace diptych
