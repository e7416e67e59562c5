// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/store/number_function.h"

#include <sqlite3.h>

#include <charconv>
#include <cmath>

namespace diptych::sql {
namespace {

void asNumber(sqlite3_context* context, int, sqlite3_value** values) {
    const int type = sqlite3_value_type(values[0]);
    if (type == SQLITE_INTEGER || type == SQLITE_FLOAT) {
        sqlite3_result_value(context, values[0]);
    } else if (type == SQLITE_TEXT) {
        const auto* text = reinterpret_cast<const char*>(sqlite3_value_text(values[0]));
        const auto length = static_cast<size_t>(sqlite3_value_bytes(values[0]));
        if (const auto number = text ? numberIn({text, length}) : std::nullopt)
            sqlite3_result_double(context, *number);
    }
}

} // namespace

std::optional<double> numberIn(std::string_view text) {
    double number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end != text.data() + text.size() || !std::isfinite(number))
        return std::nullopt;
    return number;
}

void addNumberFunction(sqlite3* handle) {
    sqlite3_create_function_v2(handle, "as_number", 1, SQLITE_UTF8 | SQLITE_DETERMINISTIC, nullptr, asNumber,
                               nullptr, nullptr, nullptr);
}

} // namespace diptych::sql
