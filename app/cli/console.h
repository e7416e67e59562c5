// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/context.h"
#include "core/base/json.h"

#include <cstddef>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace diptych::cli {

/// Where a command's words go: results to standard output, everything else (progress, warnings, errors) to
/// standard error. Text is UTF-8 whatever the locale; control characters in it (a file name may hold an
/// escape sequence) are made harmless. A reader that closed the pipe is no error: what follows is dropped.
/// Thread-safe, since progress comes from worker threads.
class Console {
public:
    Console(int outputDescriptor, int errorDescriptor);
    ~Console();
    Console(const Console&) = delete;
    Console& operator=(const Console&) = delete;

    void setJson(bool json) { m_json = json; }
    /// Whether standard output is for a machine: exactly one JSON value.
    bool json() const { return m_json; }

    void print(std::string_view line);    ///< a line of the result
    void printRaw(std::string_view text); ///< as it is: a whole document
    void printJson(const OrderedJson& value);
    void note(std::string_view line);     ///< "line" on standard error; silent with --json
    void warn(std::string_view line);     ///< "diptych: warning: line"
    void error(std::string_view message); ///< "diptych: error: message", always one line

    /// Draws or redraws the progress line, if standard error is a terminal.
    void showProgress(const ProgressUpdate& update);
    void clearProgress();

    /// errno of the first failed write to standard output other than a closed pipe; 0 = none.
    int outputErrno() const { return m_outputErrno; }

private:
    void writeAll(int descriptor, std::string_view text);
    void clearProgressLocked();

    std::mutex m_mutex;
    int m_output, m_error;
    bool m_json = false, m_errorIsTerminal = false, m_outputClosed = false, m_progressShown = false;
    int m_outputErrno = 0;
};

/// @p text with line breaks as blanks and other control characters as "\x1b"; ill-formed UTF-8 as U+FFFD.
std::string oneLine(std::string_view text);
/// The progress line for a terminal @p width columns wide, without line break.
std::string progressLine(const ProgressUpdate& update, size_t width);
/// "12s", "3m 05s", "2h 07m"
std::string formatDuration(double seconds);
/// 1234567 -> "1,234,567"
std::string formatCount(int64_t count);
/// "1.5 GB"; decimal units
std::string formatBytes(uint64_t bytes);

/// Columns a text takes in a terminal: wide characters two, combining ones none.
size_t displayWidth(std::string_view utf8);

/// A table for people: columns as wide as their widest cell, two blanks between, a rule below the header.
class Table {
public:
    enum class Align { Left, Right };
    struct Column {
        std::string title;
        Align align = Align::Left;
    };
    explicit Table(std::vector<Column> columns) : m_columns(std::move(columns)) {}
    /// Cells beyond the columns are left out, missing ones are empty.
    void addRow(std::vector<std::string> cells);
    std::string text() const; ///< ends with a line break
    bool empty() const { return m_rows.empty(); }

private:
    std::vector<Column> m_columns;
    std::vector<std::vector<std::string>> m_rows;
};

} // namespace diptych::cli
