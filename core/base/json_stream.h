// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/json.h"
#include "core/base/text_source.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace diptych {

/// What is taken beyond RFC 8259.
enum class JsonDialect {
    Strict, ///< nothing
    Python ///< what Python's json reads: NaN, Infinity, -Infinity, numbers beyond a double (as infinity), and
           ///< surrogates without their other half (as U+FFFD)
};

/// As the functions of core/base/json.h, in a dialect.
Json readJsonFile(const std::filesystem::path& path, uint64_t maxBytes, JsonDialect dialect);
Json parseJson(std::string_view text, std::string_view where, JsonDialect dialect);

/// Reads JSON from front to back: containers are entered, values taken or passed over, so that a file of any
/// size takes no more memory than the values that are kept. Every call checks what it passes, in linear time.
///
///     JsonStream in(source, JsonDialect::Python, 64);
///     in.enterObject();
///     while (in.nextMember(key)) key == "images" ? use(in.value()) : in.skip();
///     in.finish();
///
/// All calls @throw Error Corrupt ("FILE:LINE: not valid JSON (...)"), LimitExceeded (nested deeper than
/// @p maxDepth); from a file also Unreadable and Cancelled.
class JsonStream {
public:
    /// Text in memory, which must outlive this. @param shown names it in messages; empty = none, and no line
    JsonStream(std::string_view text, std::string shown, JsonDialect dialect, int maxDepth);
    JsonStream(TextSource& source, JsonDialect dialect, int maxDepth);

    enum class Kind { Object, Array, Other };
    Kind kind();        ///< of the value that comes next
    void enterObject(); ///< the value that comes next must be one
    void enterArray();
    /// Goes to the next member of the object that was entered last and reads its key; its value must be
    /// taken, entered or skipped. @return false at its end, which leaves it.
    bool nextMember(std::string& key);
    bool nextItem(); ///< the same of an array
    Json value();
    void skip();
    void finish(); ///< nothing but blanks may follow

    int64_t line() const { return m_line; } ///< reached so far, from 1

private:
    bool refill();
    int peek(); ///< the next character; -1 at the end
    int peekPastBlanks();
    void expect(char wanted, const char* description);
    void enter(char opening, const char* description);
    bool next(char closing, const char* description);
    void readText(std::string& out);
    void readEscape(std::string& out);
    unsigned readHex();
    void readSurrogate(unsigned first, std::string& out);
    void readWord(std::string_view word);
    Json readNumber();
    Json readNonFinite();
    [[noreturn]] void fail(const std::string& problem) const;
    [[noreturn]] void failAt(int found, const char* expected) const;

    TextSource* m_source = nullptr;
    std::string m_piece; ///< of the source
    std::string_view m_window;
    size_t m_at = 0;
    std::string m_shown;
    JsonDialect m_dialect;
    int m_maxDepth;
    int m_depth = 0;
    int64_t m_line = 1;
    bool m_first = false; ///< no member or item of the innermost container was read yet
    std::string m_token;
};

} // namespace diptych
