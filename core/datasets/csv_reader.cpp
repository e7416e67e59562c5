// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/datasets/csv_reader.h"

#include "core/base/file.h"

#include <fmt/format.h>

#include <algorithm>

namespace diptych {
namespace fs = std::filesystem;
namespace {

std::string extensionOf(const fs::path& path) {
    std::string extension = path.extension().native();
    std::transform(extension.begin(), extension.end(), extension.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
    return extension;
}

/// The separator that parts the header into most fields; a tab for .tsv.
char separatorOf(const fs::path& path) {
    if (extensionOf(path) == ".tsv")
        return '\t';
    LineReader lines(path);
    std::string line;
    while (line.empty() && lines.next(line)) {
    }
    char best = ',';
    for (const char candidate : {',', ';', '\t'}) {
        if (std::count(line.begin(), line.end(), candidate) > std::count(line.begin(), line.end(), best))
            best = candidate;
    }
    return best;
}

} // namespace

CsvReader::CsvReader(const fs::path& path) : m_lines(path), m_separator(separatorOf(path)) {
    readHeader();
}

void CsvReader::readHeader() {
    if (!next(m_header))
        throw Error(ErrorCode::InvalidArgument, fmt::format("{} is empty", displayPath(m_lines.path())));
    for (size_t i = 0; i < m_header.size(); ++i) {
        m_header[i] = trimmed(toValidUtf8(m_header[i]));
        if (m_header[i].empty())
            m_header[i] = fmt::format("column {}", i + 1);
        const auto here = m_header.begin() + static_cast<std::ptrdiff_t>(i);
        if (std::find(m_header.begin(), here, m_header[i]) != here)
            m_header[i] += fmt::format(" ({})", i + 1);
    }
}

bool CsvReader::acceptable(const std::vector<std::string>& fields, ProblemList& problems) const {
    const bool binary = std::any_of(fields.begin(), fields.end(),
                                    [](const auto& field) { return field.find('\0') != std::string::npos; });
    if (binary)
        problems.add("rows with NUL bytes", where(), "has a NUL byte in it: not text; left out");
    else if (fields.size() != m_header.size())
        problems.add(
            "rows of another length", where(),
            fmt::format("has {} fields where the header has {}; left out", fields.size(), m_header.size()));
    return !binary && fields.size() == m_header.size();
}

bool CsvReader::next(std::vector<std::string>& fields) {
    do { // empty lines are no records
        if (!m_lines.next(m_record))
            return false;
        m_firstLine = m_lines.lineNumber();
    } while (m_record.empty());
    while (!parse(fields)) {
        if (m_record.size() > LineReader::kMaxLineBytes || !m_lines.next(m_line))
            throw Error(ErrorCode::Corrupt, fmt::format("{}: a quote that is opened here is never closed",
                                                        m_lines.where(m_firstLine)));
        m_record += '\n';
        m_record += m_line;
    }
    return true;
}

/// @return false if the record ends inside a quoted field
bool CsvReader::parse(std::vector<std::string>& fields) const {
    fields.assign(1, std::string());
    bool quoted = false, fresh = true;
    for (size_t i = 0; i < m_record.size(); ++i) {
        const char c = m_record[i];
        if (quoted && c == '"') {
            if (i + 1 < m_record.size() && m_record[i + 1] == '"')
                fields.back() += m_record[++i];
            else
                quoted = false;
        } else if (quoted) {
            fields.back() += c;
        } else if (c == '"' && fresh) {
            quoted = true;
            fresh = false;
        } else if (c == m_separator) {
            fields.emplace_back();
            fresh = true;
        } else {
            fields.back() += c;
            fresh = false;
        }
    }
    return !quoted;
}

bool isTableFile(const fs::path& path) {
    const std::string extension = extensionOf(path);
    return extension == ".csv" || extension == ".tsv";
}

} // namespace diptych
