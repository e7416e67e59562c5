// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/store/row_checksum.h"

#include "core/base/hash.h"

#include <fmt/format.h>
#include <sqlite3.h>

#include <cstdint>
#include <cstring>
#include <new>

namespace diptych::sql {
namespace {

template<class T>
void addBytes(std::string& buffer, const T& value) {
    buffer.append(reinterpret_cast<const char*>(&value), sizeof(value));
}

void addValue(std::string& buffer, sqlite3_value* value) {
    const int type = sqlite3_value_type(value);
    buffer += static_cast<char>(type);
    if (type == SQLITE_INTEGER) {
        addBytes(buffer, static_cast<int64_t>(sqlite3_value_int64(value)));
    } else if (type == SQLITE_FLOAT) {
        addBytes(buffer, sqlite3_value_double(value));
    } else if (type == SQLITE_TEXT || type == SQLITE_BLOB) {
        // The text first: asking for it may change the length.
        const void* data = type == SQLITE_TEXT ? static_cast<const void*>(sqlite3_value_text(value))
                                               : sqlite3_value_blob(value);
        const auto length = static_cast<int64_t>(sqlite3_value_bytes(value));
        addBytes(buffer, length);
        if (length > 0)
            buffer.append(static_cast<const char*>(data), static_cast<size_t>(length));
    }
}

void rowChecksum(sqlite3_context* context, int count, sqlite3_value** values) {
    try {
        thread_local std::string buffer;
        buffer.clear();
        for (int i = 0; i < count; ++i)
            addValue(buffer, values[i]);
        int64_t checksum = 0;
        std::memcpy(&checksum, hashText(buffer).bytes.data(), sizeof(checksum));
        sqlite3_result_int64(context, checksum);
    } catch (const std::bad_alloc&) {
        sqlite3_result_error_nomem(context);
    }
}

/// Calls @p each with every name of "a, b, c".
template<class Each>
void forEachName(std::string_view columns, Each each) {
    while (!columns.empty()) {
        const size_t comma = columns.find(", ");
        each(columns.substr(0, comma));
        columns.remove_prefix(comma == std::string_view::npos ? columns.size() : comma + 2);
    }
}

} // namespace

void addRowChecksum(sqlite3* handle) {
    sqlite3_create_function_v2(handle, "row_checksum", -1, SQLITE_UTF8 | SQLITE_DETERMINISTIC, nullptr,
                               rowChecksum, nullptr, nullptr, nullptr);
}

std::string insertWithChecksum(std::string_view table, std::string_view columns) {
    std::string values;
    int count = 0;
    forEachName(columns, [&](std::string_view) {
        values += fmt::format("{}?{}", values.empty() ? "" : ", ", ++count);
    });
    return fmt::format("INSERT INTO {}({}, checksum) VALUES({}, row_checksum({}))", table, columns, values,
                       values);
}

std::string rowIsIntact(std::string_view alias, std::string_view columns) {
    std::string values;
    forEachName(columns, [&](std::string_view name) {
        values += fmt::format("{}{}.{}", values.empty() ? "" : ", ", alias, name);
    });
    return fmt::format("row_checksum({})={}.checksum", values, alias);
}

} // namespace diptych::sql
