// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/datasets/values.h"

#include "core/base/json_stream.h"
#include "core/datasets/problem_list.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <utility>

namespace diptych {
namespace {

constexpr std::array<std::string_view, 11> kSurelyMissing = {
    "nan", "NaN", "-nan", "-NaN", "<NA>", "NaT", "#N/A", "#N/A N/A", "#NA", "1.#QNAN", "-1.#IND"};
constexpr std::array<std::string_view, 6> kMaybeMissing = {"None", "NULL", "null", "NA", "N/A", "n/a"};
constexpr double kExact = 9007199254740992.0; ///< 2^53: below it a double tells every whole number apart

template<size_t N>
bool isOneOf(const std::array<std::string_view, N>& list, std::string_view text) {
    return std::find(list.begin(), list.end(), text) != list.end();
}

std::optional<int64_t> wholeValue(double value) {
    if (!(std::abs(value) < kExact) || std::floor(value) != value)
        return std::nullopt;
    return static_cast<int64_t>(value);
}

bool equalsIgnoringCase(std::string_view text, std::string_view lower) {
    return std::equal(text.begin(), text.end(), lower.begin(), lower.end(), [](char a, char b) {
        return (a >= 'A' && a <= 'Z' ? static_cast<char>(a - 'A' + 'a') : a) == b;
    });
}

/// Reads what Python prints for a list of texts and numbers: ['a', "it's", 3].
class PythonList {
public:
    explicit PythonList(std::string_view text) : m_text(text) {}

    std::optional<std::vector<std::string>> read() {
        std::vector<std::string> items;
        if (!take('['))
            return std::nullopt;
        while (!take(']')) {
            auto item = readItem();
            if (!item || (!items.empty() && !std::exchange(m_comma, false)))
                return std::nullopt;
            items.push_back(std::move(*item));
            m_comma = take(',');
        }
        skipBlanks();
        return m_at == m_text.size() ? std::optional(std::move(items)) : std::nullopt;
    }

private:
    void skipBlanks() {
        while (m_at < m_text.size() && (m_text[m_at] == ' ' || m_text[m_at] == '\n' || m_text[m_at] == '\t'))
            ++m_at;
    }
    bool take(char wanted) {
        skipBlanks();
        const bool there = m_at < m_text.size() && m_text[m_at] == wanted;
        m_at += there;
        return there;
    }
    std::optional<std::string> readItem() {
        skipBlanks();
        if (m_at >= m_text.size())
            return std::nullopt;
        const char quote = m_text[m_at];
        if (quote != '\'' && quote != '"') {
            const size_t end = std::min(m_text.find_first_of(",]", m_at), m_text.size());
            const std::string item = trimmed(std::string(m_text.substr(m_at, end - m_at)));
            m_at = end;
            return wholeNumber(item) ? std::optional(item) : std::nullopt;
        }
        std::string item;
        for (++m_at; m_at < m_text.size() && m_text[m_at] != quote; ++m_at) {
            // Of the escapes of Python's repr() those of quotes and back slashes; others stay as they are.
            if (m_text[m_at] == '\\' && m_at + 1 < m_text.size() &&
                (m_text[m_at + 1] == '\\' || m_text[m_at + 1] == '\'' || m_text[m_at + 1] == '"'))
                ++m_at;
            item += m_text[m_at];
        }
        if (m_at++ >= m_text.size())
            return std::nullopt;
        return trimmed(item);
    }

    std::string_view m_text;
    size_t m_at = 0;
    bool m_comma = false;
};

} // namespace

Missing missingness(std::string_view text) {
    if (text.empty() || isOneOf(kSurelyMissing, text))
        return Missing::Yes;
    return isOneOf(kMaybeMissing, text) ? Missing::Maybe : Missing::No;
}

std::optional<int64_t> wholeNumber(std::string_view text) {
    if (text.starts_with('+'))
        text.remove_prefix(1);
    if (text.empty() || !((text.front() >= '0' && text.front() <= '9') || text.front() == '-'))
        return std::nullopt;
    const char* const end = text.data() + text.size();
    int64_t value = 0;
    const auto whole = std::from_chars(text.data(), end, value);
    if (whole.ec == std::errc() && whole.ptr == end)
        return value;
    double number = 0;
    const auto parsed = std::from_chars(text.data(), end, number);
    if (parsed.ec != std::errc() || parsed.ptr != end)
        return std::nullopt;
    return wholeValue(number);
}

std::optional<int64_t> jsonWholeNumber(const Json& value) {
    if (value.is_number_unsigned() && value.get<uint64_t>() > static_cast<uint64_t>(INT64_MAX))
        return std::nullopt;
    if (value.is_number_integer())
        return value.get<int64_t>();
    if (value.is_number_float())
        return wholeValue(value.get<double>());
    if (value.is_string())
        return wholeNumber(trimmed(value.get_ref<const std::string&>()));
    return std::nullopt;
}

std::optional<bool> truthValue(std::string_view text) {
    if (equalsIgnoringCase(text, "true"))
        return true;
    if (equalsIgnoringCase(text, "false"))
        return false;
    return std::nullopt;
}

std::optional<std::string> jsonPlainText(const Json& value) {
    if (value.is_null() || (value.is_number_float() && std::isnan(value.get<double>())))
        return std::string();
    if (value.is_string())
        return plainText(value.get_ref<const std::string&>());
    if (value.is_boolean())
        return std::string(value.get<bool>() ? "true" : "false");
    if (value.is_number_integer())
        return value.dump();
    if (const auto number = jsonWholeNumber(value))
        return std::to_string(*number);
    return std::nullopt;
}

std::string plainText(std::string_view field) {
    std::string text = trimmed(std::string(field));
    return missingness(text) == Missing::Yes ? std::string() : text;
}

std::string canonicalId(std::string_view text) {
    std::string id = plainText(text);
    // Only a fraction goes: 007 and 7 may be two ids.
    const size_t point = id.find('.');
    const bool fraction = point != std::string::npos && point > 0 &&
                          id.find_first_not_of('0', point + 1) == std::string::npos &&
                          wholeNumber(std::string_view(id).substr(0, point));
    if (fraction)
        id.resize(point);
    return id;
}

std::string jsonId(const Json& value) {
    if (value.is_boolean())
        return {};
    return value.is_string() ? canonicalId(value.get_ref<const std::string&>())
                             : jsonPlainText(value).value_or(std::string());
}

std::optional<std::vector<std::string>> listInField(std::string_view field) {
    const std::string text = trimmed(std::string(field));
    if (!text.starts_with('[') || !text.ends_with(']'))
        return std::nullopt;
    Json list;
    try {
        list = parseJson(text, {}, JsonDialect::Python);
    } catch (const Error&) { // no JSON: perhaps what Python prints
        return PythonList(text).read();
    }
    std::vector<std::string> items;
    for (const Json& item : list) {
        const auto plain = jsonPlainText(item);
        if (!plain)
            return std::nullopt;
        items.push_back(*plain);
    }
    return items;
}

} // namespace diptych
