// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/report/report_tables.h"

#include <fmt/format.h>

#include <cmath>

namespace diptych {
namespace {

/// A list member of an object; an empty list if it is none.
const Json& listOf(const Json& object, const char* key) {
    static const Json kEmpty = Json::array();
    if (!object.is_object())
        return kEmpty;
    const auto found = object.find(key);
    return found != object.end() && found->is_array() ? *found : kEmpty;
}

std::string textOf(const Json& object, const char* key) {
    if (!object.is_object())
        return {};
    const auto found = object.find(key);
    return found != object.end() && found->is_string() ? found->get<std::string>() : "";
}

std::string valueText(const Json& value, const std::string& kind) {
    if (value.is_string())
        return value.get<std::string>();
    if (!value.is_number() || !std::isfinite(value.get<double>()))
        return "–";
    const auto number = value.get<double>();
    if (kind == "share")
        return fmt::format("{:.1f} %", 100 * number);
    return kind == "count" ? fmt::format("{:.0f}", number) : fmt::format("{:.4g}", number);
}

} // namespace

std::vector<ReportTable> reportTables(const Json& details) {
    std::vector<ReportTable> tables;
    for (const Json& entry : listOf(details, "tables")) {
        ReportTable table;
        table.title = textOf(entry, "title");
        std::vector<std::string> kinds;
        for (const Json& column : listOf(entry, "columns")) {
            kinds.push_back(textOf(column, "kind"));
            table.columns.push_back({textOf(column, "title"), kinds.back() == "text"});
        }
        for (const Json& row : listOf(entry, "rows")) {
            if (!row.is_array() || row.size() != kinds.size())
                continue;
            std::vector<std::string>& cells = table.rows.emplace_back();
            for (size_t i = 0; i < kinds.size(); ++i)
                cells.push_back(valueText(row[i], kinds[i]));
        }
        if (!table.columns.empty() && !table.rows.empty())
            tables.push_back(std::move(table));
    }
    return tables;
}

} // namespace diptych
