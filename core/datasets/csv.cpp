// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/file.h"
#include "core/datasets/formats.h"
#include "core/datasets/line_reader.h"
#include "core/datasets/table_import.h"

#include <fmt/format.h>

#include <algorithm>
#include <system_error>
#include <unordered_map>

namespace diptych {
namespace fs = std::filesystem;
namespace {

/// A metadata table inside an image folder, as the Hugging Face "imagefolder" loader has it.
constexpr const char* kFolderTable = "metadata.csv";

std::string extensionOf(const fs::path& path) {
    std::string extension = path.extension().native();
    std::transform(extension.begin(), extension.end(), extension.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
    return extension;
}

fs::path tableOf(const fs::path& source) {
    std::error_code failed;
    return fs::is_directory(source, failed) ? source / kFolderTable : source;
}

int detect(const fs::path& source) {
    std::error_code failed;
    if (fs::is_directory(source, failed))
        return fs::is_regular_file(source / kFolderTable, failed) ? 80 : 0;
    const std::string extension = extensionOf(source);
    return extension == ".csv" || extension == ".tsv" ? 90 : 0;
}

/// Records of RFC 4180: fields in double quotes may hold the separator, line ends, and quotes doubled. A
/// quote in the middle of a plain field stands for itself.
class RecordReader {
public:
    explicit RecordReader(const fs::path& path) : m_lines(path) {}

    void setSeparator(char separator) { m_separator = separator; }
    /// @return false at the end. @throws Error LimitExceeded, Corrupt (a quote never closed), with file and
    /// line
    bool next(std::vector<std::string>& fields);
    std::string where() const { return m_lines.where(m_firstLine); } ///< of the record last read
    LineReader& lines() { return m_lines; }

private:
    bool parse(std::vector<std::string>& fields) const;

    LineReader m_lines;
    char m_separator = ',';
    int64_t m_firstLine = 0;
    std::string m_record, m_line;
};

bool RecordReader::next(std::vector<std::string>& fields) {
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
bool RecordReader::parse(std::vector<std::string>& fields) const {
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

std::vector<std::string> readHeader(RecordReader& records, const fs::path& path) {
    std::vector<std::string> header;
    if (!records.next(header))
        throw Error(ErrorCode::InvalidArgument, fmt::format("{} is empty", displayPath(path)));
    for (size_t i = 0; i < header.size(); ++i) {
        header[i] = trimmed(toValidUtf8(header[i]));
        if (header[i].empty())
            header[i] = fmt::format("column {}", i + 1);
        if (std::find(header.begin(), header.begin() + static_cast<std::ptrdiff_t>(i), header[i]) !=
            header.begin() + static_cast<std::ptrdiff_t>(i))
            header[i] += fmt::format(" ({})", i + 1);
    }
    return header;
}

/// Where the columns stand in a record; -1 = not there.
struct Positions {
    int image = -1, label = -1, labelName = -1, caption = -1, split = -1, id = -1;
    std::vector<std::pair<size_t, std::string>> others;
};

Positions locate(const std::vector<std::string>& header, const TableColumns& columns) {
    Positions at;
    for (size_t i = 0; i < header.size(); ++i) {
        bool used = false;
        const auto take = [&](const std::string& column, int& position) {
            if (column == header[i]) {
                position = static_cast<int>(i);
                used = true;
            }
        };
        take(columns.image, at.image);
        take(columns.label, at.label);
        take(columns.labelName, at.labelName);
        take(columns.caption, at.caption);
        take(columns.split, at.split);
        take(columns.id, at.id);
        if (!used)
            at.others.emplace_back(i, header[i]);
    }
    return at;
}

TableRow makeRow(std::vector<std::string>& fields, const Positions& at, std::string where) {
    const auto text = [&](int position) {
        return position < 0 ? std::string() : trimmed(toValidUtf8(fields[static_cast<size_t>(position)]));
    };
    TableRow row;
    row.where = std::move(where);
    row.label = text(at.label);
    row.labelName = text(at.labelName);
    row.split = text(at.split);
    row.id = text(at.id);
    if (auto caption = text(at.caption); !caption.empty())
        row.captions.push_back(std::move(caption));
    for (const auto& [position, name] : at.others)
        row.attributes[name] = toValidUtf8(fields[position]);
    row.image = trimmed(fields[static_cast<size_t>(at.image)]);
    return row;
}

DatasetIndex read(const fs::path& source, const ImportOptions& options, const RunContext& context) {
    const fs::path path = tableOf(source);
    RecordReader records(path);
    records.setSeparator(separatorOf(path));
    const auto header = readHeader(records, path);
    const Positions at = locate(header, mapColumns(header, options.columns, displayPath(path)));
    TableImport table(path, options);
    std::vector<std::string> fields;
    context.begin("Reading the table", 0);
    while (records.next(fields)) {
        context.throwIfCancelled();
        context.advance();
        const bool binary = std::any_of(fields.begin(), fields.end(), [](const auto& field) {
            return field.find('\0') != std::string::npos;
        });
        if (binary)
            table.problems().add("rows with NUL bytes", records.where(),
                                 "has a NUL byte in it: not text; left out");
        else if (fields.size() != header.size())
            table.problems().add(
                "rows of another length", records.where(),
                fmt::format("has {} fields where the header has {}; left out", fields.size(), header.size()));
        else
            table.add(makeRow(fields, at, records.where()));
    }
    context.end();
    DatasetIndex index = table.finish(context);
    index.columns = header;
    return index;
}

} // namespace

std::vector<std::string> csvColumns(const fs::path& source) {
    const fs::path path = tableOf(source);
    RecordReader records(path);
    records.setSeparator(separatorOf(path));
    return readHeader(records, path);
}

DatasetFormat csvFormat() {
    return {"csv", "CSV or TSV table",
            "A table with a header: a column that names the images, and columns for label, caption, split "
            "and id; "
            "rows that name one image again add captions",
            detect, read};
}

} // namespace diptych
