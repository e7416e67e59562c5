// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/json_stream.h"

#include "core/base/encodings.h"
#include "core/base/file.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <limits>
#include <optional>
#include <utility>

namespace diptych {
namespace {

constexpr size_t kShownBytes = 40;
constexpr int kEnd = -1;

bool isNumberCharacter(int c) {
    return (c >= '0' && c <= '9') || c == '-' || c == '+' || c == '.' || c == 'e' || c == 'E';
}

/// -?(0|[1-9][0-9]*)(.[0-9]+)?([eE][+-]?[0-9]+)?
bool isNumber(std::string_view token) {
    size_t at = 0;
    const auto digits = [&] {
        const size_t from = at;
        while (at < token.size() && token[at] >= '0' && token[at] <= '9')
            ++at;
        return at - from;
    };
    const auto take = [&](char a, char b) {
        const bool there = at < token.size() && (token[at] == a || token[at] == b);
        at += there;
        return there;
    };
    take('-', '-');
    if (!take('0', '0') && digits() == 0)
        return false;
    if (take('.', '.') && digits() == 0)
        return false;
    if (take('e', 'E')) {
        take('+', '-');
        if (digits() == 0)
            return false;
    }
    return at == token.size();
}

/// Of a number that no double holds: whether it is too large rather than too near to 0.
bool isHuge(std::string_view token) {
    const size_t end = std::min(token.find_first_of("eE"), token.size());
    const std::string_view mantissa = token.substr(0, end);
    const size_t point = std::min(mantissa.find('.'), mantissa.size());
    const size_t first = std::min(mantissa.find_first_of("123456789"), mantissa.size());
    const int64_t size = static_cast<int64_t>(point) - static_cast<int64_t>(first); // 10^size is near it
    std::string_view exponent = token.substr(std::min(end + 1, token.size()));
    if (exponent.starts_with('+'))
        exponent.remove_prefix(1);
    int64_t power = 0;
    if (std::from_chars(exponent.data(), exponent.data() + exponent.size(), power).ec ==
        std::errc::result_out_of_range)
        return !exponent.starts_with('-');
    return size + power > 0;
}

template<class Number>
std::optional<Number> parsed(std::string_view token) {
    Number value{};
    const auto [end, error] = std::from_chars(token.data(), token.data() + token.size(), value);
    return error == std::errc() && end == token.data() + token.size() ? std::optional(value) : std::nullopt;
}

} // namespace

JsonStream::JsonStream(std::string_view text, std::string shown, JsonDialect dialect, int maxDepth)
    : m_window(text), m_shown(std::move(shown)), m_dialect(dialect), m_maxDepth(maxDepth) {}

JsonStream::JsonStream(TextSource& source, JsonDialect dialect, int maxDepth)
    : m_source(&source), m_shown(source.shown()), m_dialect(dialect), m_maxDepth(maxDepth) {}

bool JsonStream::refill() {
    m_piece.clear();
    while (m_source && m_piece.empty()) {
        if (!m_source->read(m_piece))
            break;
    }
    m_window = m_source ? std::string_view(m_piece) : std::string_view();
    m_at = 0;
    return !m_window.empty();
}

int JsonStream::peek() {
    if (m_at >= m_window.size() && !refill())
        return kEnd;
    return static_cast<unsigned char>(m_window[m_at]);
}

int JsonStream::peekPastBlanks() {
    for (;;) {
        const int c = peek();
        if (c != ' ' && c != '\n' && c != '\r' && c != '\t')
            return c;
        m_line += c == '\n';
        ++m_at;
    }
}

void JsonStream::fail(const std::string& problem) const {
    const std::string place = m_shown.empty() ? std::string() : fmt::format("{}:{}: ", m_shown, m_line);
    throw Error(ErrorCode::Corrupt, fmt::format("{}not valid JSON ({})", place, problem));
}

void JsonStream::failAt(int found, const char* expected) const {
    if (found == kEnd)
        fail(fmt::format("it ends where {} should be", expected));
    const auto c = static_cast<unsigned char>(found);
    fail(c > ' ' && c < 0x7F ? fmt::format("'{}' where {} should be", static_cast<char>(c), expected)
                             : fmt::format("byte 0x{:02X} where {} should be", c, expected));
}

void JsonStream::expect(char wanted, const char* description) {
    const int c = peekPastBlanks();
    if (c != wanted)
        failAt(c, description);
    ++m_at;
}

JsonStream::Kind JsonStream::kind() {
    const int c = peekPastBlanks();
    return c == '{' ? Kind::Object : c == '[' ? Kind::Array : Kind::Other;
}

void JsonStream::enter(char opening, const char* description) {
    expect(opening, description);
    if (++m_depth > m_maxDepth)
        throw Error(ErrorCode::LimitExceeded,
                    m_shown.empty()
                        ? fmt::format("nested deeper than {} levels", m_maxDepth)
                        : fmt::format("{}:{}: nested deeper than {} levels", m_shown, m_line, m_maxDepth));
    m_first = true;
}

void JsonStream::enterObject() {
    enter('{', "an object '{'");
}

void JsonStream::enterArray() {
    enter('[', "a list '['");
}

/// Whether another member or item follows; passes the comma before it, or the end.
bool JsonStream::next(char closing, const char* description) {
    const int c = peekPastBlanks();
    const bool first = std::exchange(m_first, false);
    if (c == closing) {
        ++m_at;
        --m_depth;
        return false;
    }
    if (first)
        return true;
    if (c != ',')
        failAt(c, description);
    ++m_at;
    return true;
}

bool JsonStream::nextMember(std::string& key) {
    if (!next('}', "',' or '}'"))
        return false;
    const int c = peekPastBlanks();
    if (c != '"')
        failAt(c, "a name in double quotes");
    ++m_at;
    readText(key);
    expect(':', "':'");
    return true;
}

bool JsonStream::nextItem() {
    return next(']', "',' or ']'");
}

Json JsonStream::value() {
    const int c = peekPastBlanks();
    if (c == '{') {
        Json object = Json::object();
        std::string key;
        enterObject();
        while (nextMember(key))
            object[key] = value();
        return object;
    }
    if (c == '[') {
        Json list = Json::array();
        enterArray();
        while (nextItem())
            list.push_back(value());
        return list;
    }
    if (c == '"') {
        ++m_at;
        std::string text;
        readText(text);
        return text;
    }
    if (c == '-' || (c >= '0' && c <= '9'))
        return readNumber();
    if (c == 't' || c == 'f') {
        readWord(c == 't' ? "true" : "false");
        return c == 't';
    }
    if (c == 'n') {
        readWord("null");
        return nullptr;
    }
    if (c == 'N' || c == 'I')
        return readNonFinite();
    failAt(c, "a value");
}

void JsonStream::skip() {
    const Kind what = kind();
    if (what == Kind::Object) {
        enterObject();
        while (nextMember(m_token))
            skip();
    } else if (what == Kind::Array) {
        enterArray();
        while (nextItem())
            skip();
    } else if (peek() == '"') {
        ++m_at;
        readText(m_token);
    } else {
        value();
    }
}

void JsonStream::finish() {
    const int c = peekPastBlanks();
    if (c != kEnd)
        failAt(c, "the end");
}

void JsonStream::readText(std::string& out) {
    out.clear();
    bool ascii = true;
    for (;;) {
        const int c = peek();
        if (c == kEnd)
            fail("it ends inside of a text");
        if (c < 0x20)
            failAt(c, "more of a text, or its end,");
        if (c == '"' || c == '\\') {
            ++m_at;
            if (c == '"')
                break;
            readEscape(out);
            continue;
        }
        size_t end = m_at;
        while (end < m_window.size()) {
            const auto byte = static_cast<unsigned char>(m_window[end]);
            if (byte == '"' || byte == '\\' || byte < 0x20)
                break;
            ascii = ascii && byte < 0x80;
            ++end;
        }
        out.append(m_window, m_at, end - m_at);
        m_at = end;
    }
    if (!ascii && !isValidUtf8(out))
        fail(fmt::format("'{}' is not UTF-8", toValidUtf8(std::string_view(out).substr(0, kShownBytes))));
}

void JsonStream::readEscape(std::string& out) {
    const int c = peek();
    if (c == 'u') {
        ++m_at;
        const unsigned unit = readHex();
        if (unit >= 0xD800 && unit < 0xE000)
            readSurrogate(unit, out);
        else
            appendUtf8(unit, out);
        return;
    }
    constexpr std::string_view kNames = "\"\\/bfnrt", kMeanings = "\"\\/\b\f\n\r\t";
    const size_t which = c == kEnd ? std::string_view::npos : kNames.find(static_cast<char>(c));
    if (which == std::string_view::npos)
        failAt(c, "an escape such as \\n");
    out += kMeanings[which];
    ++m_at;
}

unsigned JsonStream::readHex() {
    unsigned value = 0;
    for (int i = 0; i < 4; ++i) {
        const int c = peek();
        const int digit = c >= '0' && c <= '9'   ? c - '0'
                          : c >= 'a' && c <= 'f' ? c - 'a' + 10
                          : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                                 : -1;
        if (digit < 0)
            failAt(c, "four hexadecimal digits");
        value = value * 16 + static_cast<unsigned>(digit);
        ++m_at;
    }
    return value;
}

/// A pair becomes one character; a half without its other one is what the dialect makes of it.
void JsonStream::readSurrogate(unsigned first, std::string& out) {
    const auto lone = [&] {
        if (m_dialect == JsonDialect::Strict)
            fail(fmt::format("\\u{:04x} is half a character", first));
        appendUtf8(0xFFFD, out);
    };
    while (first < 0xDC00 && peek() == '\\') {
        ++m_at;
        if (peek() != 'u') {
            lone();
            readEscape(out);
            return;
        }
        ++m_at;
        const unsigned second = readHex();
        if (second >= 0xDC00 && second < 0xE000) {
            appendUtf8(0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00), out);
            return;
        }
        lone();
        if (second < 0xD800 || second >= 0xE000) {
            appendUtf8(second, out);
            return;
        }
        first = second;
    }
    lone();
}

void JsonStream::readWord(std::string_view word) {
    for (const char wanted : word) {
        const int c = peek();
        if (c != static_cast<unsigned char>(wanted))
            failAt(c, fmt::format("the word {}", word).c_str());
        ++m_at;
    }
}

/// NaN or Infinity, or -Infinity behind its sign.
Json JsonStream::readNonFinite() {
    const bool isNan = peek() == 'N';
    if (m_dialect == JsonDialect::Strict)
        fail(isNan ? "NaN is no number in JSON" : "Infinity is no number in JSON");
    readWord(isNan ? "NaN" : "Infinity");
    return isNan ? std::numeric_limits<double>::quiet_NaN() : std::numeric_limits<double>::infinity();
}

Json JsonStream::readNumber() {
    m_token.clear();
    for (int c = peek(); isNumberCharacter(c); c = peek()) {
        m_token += static_cast<char>(c);
        ++m_at;
    }
    if (m_token == "-" && peek() == 'I')
        return -readNonFinite().get<double>();
    if (!isNumber(m_token))
        fail(fmt::format("'{}' is no number", m_token.substr(0, kShownBytes)));
    if (m_token.find_first_of(".eE") == std::string::npos) {
        if (const auto whole = m_token[0] == '-' ? std::nullopt : parsed<uint64_t>(m_token))
            return *whole;
        if (const auto whole = parsed<int64_t>(m_token))
            return *whole;
    }
    if (const auto number = parsed<double>(m_token))
        return *number;
    if (!isHuge(m_token))
        return m_token[0] == '-' ? -0.0 : 0.0;
    if (m_dialect == JsonDialect::Strict)
        fail(fmt::format("{} is beyond the range of a number", m_token.substr(0, kShownBytes)));
    constexpr double kInfinity = std::numeric_limits<double>::infinity();
    return m_token[0] == '-' ? -kInfinity : kInfinity;
}

} // namespace diptych
