// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/console.h"

#include <utf8proc.h>

#include <algorithm>

namespace diptych::cli {

size_t displayWidth(std::string_view utf8) {
    size_t width = 0;
    const auto* at = reinterpret_cast<const utf8proc_uint8_t*>(utf8.data());
    auto left = static_cast<utf8proc_ssize_t>(utf8.size());
    while (left > 0) {
        utf8proc_int32_t codePoint = 0;
        const auto length = utf8proc_iterate(at, left, &codePoint);
        if (length <= 0) { // ill-formed: a replacement character's width
            ++width, ++at, --left;
            continue;
        }
        width += static_cast<size_t>(std::max(0, utf8proc_charwidth(codePoint)));
        at += length;
        left -= length;
    }
    return width;
}

void Table::addRow(std::vector<std::string> cells) {
    for (auto& cell : cells)
        cell = oneLine(cell);
    cells.resize(m_columns.size());
    m_rows.push_back(std::move(cells));
}

std::string Table::text() const {
    std::vector<size_t> widths;
    for (size_t i = 0; i < m_columns.size(); ++i) {
        widths.push_back(displayWidth(m_columns[i].title));
        for (const auto& row : m_rows)
            widths[i] = std::max(widths[i], displayWidth(row[i]));
    }
    std::string out;
    const auto addLine = [&](const auto& cellText) {
        std::string line;
        for (size_t i = 0; i < m_columns.size(); ++i) {
            const std::string& cell = cellText(i);
            const std::string padding(widths[i] - displayWidth(cell), ' ');
            line += i == 0 ? "" : "  ";
            line += m_columns[i].align == Align::Right ? padding + cell : cell + padding;
        }
        line.erase(line.find_last_not_of(' ') + 1);
        out += line + '\n';
    };
    addLine([&](size_t i) -> const std::string& { return m_columns[i].title; });
    std::vector<std::string> rules;
    for (const size_t width : widths) {
        rules.emplace_back();
        for (size_t i = 0; i < width; ++i)
            rules.back() += "─";
    }
    addLine([&](size_t i) -> const std::string& { return rules[i]; });
    for (const auto& row : m_rows)
        addLine([&](size_t i) -> const std::string& { return row[i]; });
    return out;
}

} // namespace diptych::cli
