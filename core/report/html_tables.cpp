// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/report/html_parts.h"

#include <fmt/format.h>

#include <algorithm>

namespace diptych::html {
namespace {

constexpr size_t kTableRowsListed = 1000;

} // namespace

std::string tableSection(const ReportTable& table) {
    const auto open = [&](size_t column, const char* tag) {
        return fmt::format("<{}{}>", tag, table.columns[column].isText ? "" : " class=\"n\"");
    };
    std::string out =
        "<h3>" + escape(table.title) + "</h3><div class=\"scroll\"><table class=\"sortable\"><thead><tr>";
    for (size_t i = 0; i < table.columns.size(); ++i)
        out += open(i, "th") + escape(table.columns[i].title) + "</th>";
    out += "</tr></thead><tbody>";
    for (size_t r = 0; r < std::min(table.rows.size(), kTableRowsListed); ++r) {
        out += "<tr>";
        for (size_t i = 0; i < table.columns.size(); ++i)
            out += open(i, "td") + escape(table.rows[r][i]) + "</td>";
        out += "</tr>";
    }
    out += "</tbody></table></div>";
    if (!table.note.empty())
        out += "<p class=\"soft\">" + escape(table.note) + "</p>";
    if (table.rows.size() > kTableRowsListed)
        out += fmt::format("<p class=\"soft\">and {} more rows.</p>", table.rows.size() - kTableRowsListed);
    return out;
}

std::string partSection(const ReportPart& part) {
    std::string out = part.title.empty() ? "" : "<h3>" + escape(part.title) + "</h3>";
    for (const std::string& paragraph : part.text)
        out += "<p>" + escape(paragraph) + "</p>";
    for (const ReportTable& table : part.tables)
        out += tableSection(table);
    for (const ReportCurve& curve : part.curves)
        out += "<figure><h3>" + escape(curve.title) + "</h3>" + curveChart(curve) + "</figure>";
    for (const ReportGallery& gallery : part.galleries)
        out += gallerySection(gallery);
    return out;
}

} // namespace diptych::html
