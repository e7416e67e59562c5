// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/report/report_tables.h"

#include "core/metrics/number_text.h"
#include "core/results/json_read.h"

#include <fmt/format.h>

#include <cmath>

namespace diptych {
namespace {

std::string valueText(const Json& value, const std::string& kind) {
    if (value.is_string())
        return value.get<std::string>();
    if (!value.is_number() || !std::isfinite(value.get<double>()))
        return "–";
    const auto number = value.get<double>();
    if (kind == "share")
        return shareText(number);
    return kind == "count" ? fmt::format("{:.0f}", number) : numberText(number);
}

} // namespace

std::vector<ReportTable> reportTables(const Json& details) {
    std::vector<ReportTable> tables;
    for (const Json& entry : listOf(details, "tables")) {
        ReportTable table;
        table.title = textOf(memberOf(entry, "title"));
        table.note = textOf(memberOf(entry, "note"));
        std::vector<std::string> kinds;
        for (const Json& column : listOf(entry, "columns")) {
            kinds.push_back(textOf(memberOf(column, "kind")));
            table.columns.push_back({textOf(memberOf(column, "title")), kinds.back() == "text"});
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

std::string runSamplesText(const Json& details) {
    const Json& samples = memberOf(details, "samples");
    if (!samples.is_object())
        return {};
    return fmt::format("{} of {}: {}", wholeOf(memberOf(samples, "count")), wholeOf(memberOf(samples, "of")),
                       textOf(memberOf(samples, "choice")));
}

} // namespace diptych
