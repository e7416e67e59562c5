// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/standalone/score_tables.h"

#include "core/base/file.h"
#include "core/base/json_stream.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>
#include <string_view>
#include <unordered_map>

namespace diptych {

namespace {

constexpr int kMaxRowDepth = 64; ///< of a line of JSON

[[noreturn]] void fail(const std::filesystem::path& path, size_t line, const std::string& problem) {
    throw Error(ErrorCode::Corrupt, fmt::format("{}:{}: {}", displayPath(path), line, problem));
}

std::string_view trimmed(std::string_view text) {
    const auto isSpace = [](char c) { return c == ' ' || c == '\t' || c == '\r'; };
    while (!text.empty() && isSpace(text.front()))
        text.remove_prefix(1);
    while (!text.empty() && isSpace(text.back()))
        text.remove_suffix(1);
    return text;
}

/// What a message shows of a field.
std::string shown(std::string_view text) {
    constexpr size_t kMost = 40;
    return toValidUtf8(text.size() > kMost ? std::string(text.substr(0, kMost)) + "..." : std::string(text));
}

/// Reads records one by one, with the line each begins on.
class CsvReader {
public:
    CsvReader(std::string_view text, const std::filesystem::path& path) : m_text(text), m_path(path) {}

    /// The next record that is not blank; nullopt at the end.
    std::optional<std::vector<std::string>> next() {
        while (m_at < m_text.size()) {
            m_recordLine = m_line;
            std::vector<std::string> fields = record();
            if (fields.size() > 1 || !trimmed(fields[0]).empty())
                return fields;
        }
        return std::nullopt;
    }
    size_t line() const { return m_recordLine; }

private:
    std::vector<std::string> record() {
        std::vector<std::string> fields;
        for (;;) {
            fields.push_back(field());
            if (m_at >= m_text.size())
                return fields;
            const char end = m_text[m_at++];
            if (end == '\n') {
                ++m_line;
                return fields;
            }
        }
    }

    /// Up to the next comma or line end outside quotes, which stays unread.
    std::string field() {
        std::string value;
        bool quoted = false;
        for (; m_at < m_text.size(); ++m_at) {
            const char c = m_text[m_at];
            if (c == '\0')
                fail(m_path, m_line, "a NUL byte; this is not a text file");
            if (quoted) {
                if (c != '"') {
                    m_line += c == '\n';
                    value += c;
                } else if (m_text.substr(m_at).starts_with("\"\"")) {
                    value += c;
                    ++m_at;
                } else {
                    quoted = false;
                }
            } else if (c == '"') {
                quoted = true;
            } else if (c == ',' || c == '\n') {
                break;
            } else {
                value += c;
            }
        }
        if (quoted)
            fail(m_path, m_recordLine, "a quoted field that begins here does not end");
        return std::string(trimmed(value));
    }

    std::string_view m_text;
    const std::filesystem::path& m_path;
    size_t m_at = 0, m_line = 1, m_recordLine = 1;
};

struct Columns {
    size_t id = 0, score = 0, label = 0, count = 0;
};

Columns findColumns(const std::vector<std::string>& header, const std::filesystem::path& path, size_t line) {
    const auto find = [&](std::string_view name) {
        const auto found = std::ranges::find(header, name);
        if (found == header.end())
            fail(path, line, fmt::format("no column '{}'; the header must name id, score and label", name));
        if (std::find(found + 1, header.end(), name) != header.end())
            fail(path, line, fmt::format("two columns '{}'", name));
        return static_cast<size_t>(found - header.begin());
    };
    return {find("id"), find("score"), find("label"), header.size()};
}

std::optional<double> parseNumber(std::string_view text) {
    if (text.starts_with('+'))
        text.remove_prefix(1);
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size() || !std::isfinite(value))
        return std::nullopt;
    return value;
}

/// Remembers ids and refuses one that comes again.
class UniqueIds {
public:
    void add(const std::string& id, const std::filesystem::path& path, size_t line) {
        const auto [known, isNew] = m_lines.try_emplace(id, line);
        if (!isNew)
            fail(path, line, fmt::format("id '{}' was used before, on line {}", shown(id), known->second));
    }

private:
    std::unordered_map<std::string, size_t> m_lines;
};

double scoreOf(const Json& row, const char* key, const std::string& where) {
    if (!row.contains(key) || row[key].is_null())
        throw Error(ErrorCode::Corrupt, fmt::format("{}: '{}' is missing", where, key));
    return jsonNumber(row, key, 0, where);
}

std::string idOf(const Json& row, const std::string& where) {
    const auto found = row.find("id");
    if (found != row.end() && found->is_string() && !found->get_ref<const std::string&>().empty())
        return found->get<std::string>();
    if (found != row.end() && found->is_number_integer())
        return found->dump();
    throw Error(ErrorCode::Corrupt, fmt::format("{}: 'id' should be a text or a whole number", where));
}

Json parseRow(std::string_view line, const std::string& where) {
    Json row;
    try {
        JsonStream in(line, {}, JsonDialect::Strict, kMaxRowDepth);
        row = in.value();
        in.finish();
    } catch (const Error& error) {
        throw error.withContext(where);
    }
    if (!row.is_object())
        throw Error(ErrorCode::Corrupt, fmt::format("{}: a JSON object is expected on every line", where));
    return row;
}

} // namespace

BinaryScores readBinaryScores(const std::filesystem::path& path) {
    const std::string text = readTextFile(path, kMaxTableBytes);
    CsvReader reader(text, path);
    const auto header = reader.next();
    if (!header)
        fail(path, 1, "the file is empty; a header line 'id,score,label' is expected");
    const Columns columns = findColumns(*header, path, reader.line());
    BinaryScores table;
    UniqueIds ids;
    while (const auto fields = reader.next()) {
        const size_t line = reader.line();
        if (fields->size() != columns.count)
            fail(path, line, fmt::format("{} fields; the header has {}", fields->size(), columns.count));
        const std::string& id = (*fields)[columns.id];
        if (id.empty())
            fail(path, line, "the id is empty");
        ids.add(id, path, line);
        const std::string& scoreText = (*fields)[columns.score];
        const auto score = parseNumber(scoreText);
        if (!score)
            fail(path, line, fmt::format("score '{}' is not a finite number", shown(scoreText)));
        const std::string& labelText = (*fields)[columns.label];
        const auto label = parseNumber(labelText);
        if (!label || (*label != 0 && *label != 1))
            fail(path, line, fmt::format("label '{}' is neither 0 nor 1", shown(labelText)));
        table.ids.push_back(id);
        table.scores.push_back(*score);
        table.labels.push_back(*label == 1);
    }
    if (table.ids.empty())
        fail(path, reader.line(), "no rows after the header");
    return table;
}

PairTable readPairScores(const std::filesystem::path& path) {
    const std::string text = readTextFile(path, kMaxTableBytes);
    PairTable table;
    UniqueIds ids;
    size_t lineNumber = 0;
    for (size_t at = 0; at < text.size();) {
        const size_t end = std::min(text.find('\n', at), text.size());
        const std::string_view line = trimmed(std::string_view(text).substr(at, end - at));
        at = end + 1;
        ++lineNumber;
        if (line.empty())
            continue;
        const std::string where = fmt::format("{}:{}", displayPath(path), lineNumber);
        const Json row = parseRow(line, where);
        table.ids.push_back(idOf(row, where));
        ids.add(table.ids.back(), path, lineNumber);
        table.tags.push_back(jsonString(row, "tag", std::string(), where));
        table.scores.push_back({scoreOf(row, "c0_i0", where), scoreOf(row, "c0_i1", where),
                                scoreOf(row, "c1_i0", where), scoreOf(row, "c1_i1", where)});
    }
    if (table.ids.empty())
        fail(path, 1, "the file has no rows");
    return table;
}

} // namespace diptych
