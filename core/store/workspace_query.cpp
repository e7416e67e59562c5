// SPDX-License-Identifier: GPL-3.0-or-later
// Which samples: filters, orders, and what there is to filter by.
#include "core/store/workspace.h"
#include "core/store/workspace_impl.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>

namespace diptych {
namespace {

constexpr size_t kValuesListed = 500;

/// The text of a member of json_each(attributes) AS e, as attributeText() writes it.
constexpr const char* kMemberText =
    "CASE e.type WHEN 'true' THEN 'true' WHEN 'false' THEN 'false' ELSE CAST(e.value AS TEXT) END";

/// A LIKE pattern that finds @p text anywhere; '\' is its escape character.
std::string likePattern(const std::string& text) {
    std::string pattern = "%";
    for (const char c : text) {
        if (c == '%' || c == '_' || c == '\\')
            pattern += '\\';
        pattern += c;
    }
    return pattern + "%";
}

/// Column filters as one parameter: [["column", ["value", ...]], ...]
std::string columnsParameter(const std::vector<ColumnFilter>& filters) {
    Json list = Json::array();
    for (const ColumnFilter& filter : filters)
        list.push_back(Json::array({filter.column, filter.values}));
    return canonicalJson(list);
}

std::string whereClause(const SampleFilter& filter) {
    std::string where = " WHERE s.dataset_id=?1 AND s.position>=0";
    if (!filter.labels.empty())
        where += fmt::format(" AND s.label IN ({})", fmt::join(filter.labels, ","));
    if (filter.split)
        where += " AND s.split=?2";
    if (!filter.tag.empty())
        where += " AND s.id IN (SELECT st.sample_id FROM sample_tags st JOIN tags t ON t.id=st.tag_id WHERE "
                 "t.name=?3)";
    if (filter.noted)
        where += " AND s.id IN (SELECT sample_id FROM notes)";
    if (!filter.text.empty())
        where +=
            " AND (s.key LIKE ?4 ESCAPE '\\' OR EXISTS(SELECT 1 FROM captions c WHERE c.sample_id=s.id AND "
            "c.text LIKE ?4 ESCAPE '\\') OR EXISTS(SELECT 1 FROM notes n WHERE n.sample_id=s.id AND n.text "
            "LIKE ?4 ESCAPE '\\'))";
    if (!filter.columns.empty())
        where += fmt::format(
            " AND NOT EXISTS(SELECT 1 FROM json_each(?5) f WHERE NOT EXISTS(SELECT 1 FROM "
            "json_each(s.attributes) e WHERE e.key=json_extract(f.value,'$[0]') AND {} IN (SELECT value FROM "
            "json_each(f.value,'$[1]'))))",
            kMemberText);
    return where + " AND ?6 IS NOT NULL"; // so that there are always six parameters
}

const char* orderClause(const SampleSort& sort) {
    switch (sort.by) {
    case SampleOrder::Import:
        return sort.descending ? " ORDER BY s.position DESC" : " ORDER BY s.position";
    case SampleOrder::Key:
        return sort.descending ? " ORDER BY s.key DESC" : " ORDER BY s.key";
    case SampleOrder::Label:
        return sort.descending ? " ORDER BY s.label DESC, s.position" : " ORDER BY s.label, s.position";
    case SampleOrder::Column:
        return " ORDER BY s.position"; // and then by value, in byValue()
    }
    return "";
}

std::optional<double> numberIn(const std::string& text) {
    double number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end != text.data() + text.size() || !std::isfinite(number))
        return std::nullopt;
    return number;
}

struct Valued {
    SampleId id;
    std::optional<std::string> text;
    double number = 0;
};

std::vector<SampleId> byValue(std::vector<Valued> rows, bool descending) {
    bool numeric = true;
    for (Valued& row : rows) {
        const auto number = row.text ? numberIn(*row.text) : std::optional<double>(0);
        numeric = numeric && number;
        row.number = number.value_or(0);
    }
    std::stable_sort(rows.begin(), rows.end(), [&](const Valued& a, const Valued& b) {
        if (!a.text || !b.text)
            return a.text && !b.text;
        if (numeric)
            return descending ? a.number > b.number : a.number < b.number;
        return descending ? *a.text > *b.text : *a.text < *b.text;
    });
    std::vector<SampleId> ids;
    ids.reserve(rows.size());
    for (const Valued& row : rows)
        ids.push_back(row.id);
    return ids;
}

} // namespace

std::string attributeText(const Json& value) {
    return value.is_string() ? value.get<std::string>() : canonicalJson(value);
}

std::vector<SampleId> Workspace::sampleIds(DatasetId id, const SampleFilter& filter,
                                           const SampleSort& sort) const {
    const bool valued = sort.by == SampleOrder::Column;
    const std::string value = fmt::format(
        "(SELECT {} FROM json_each(s.attributes) e WHERE e.key=?6 AND e.type<>'null')", kMemberText);
    const Reader reader(m_impl->connections);
    sql::Statement statement(*reader, fmt::format("SELECT s.id{} FROM samples s{}{}",
                                                  valued ? ", " + value : std::string(), whereClause(filter),
                                                  orderClause(sort)));
    statement.bind(id.value, filter.split, filter.tag, likePattern(filter.text),
                   columnsParameter(filter.columns), sort.column);
    if (valued) {
        std::vector<Valued> rows;
        while (statement.step())
            rows.push_back({{statement.integer(0)},
                            statement.isNull(1) ? std::nullopt : std::optional(statement.text(1))});
        return byValue(std::move(rows), sort.descending);
    }
    std::vector<SampleId> ids;
    while (statement.step())
        ids.push_back({statement.integer(0)});
    return ids;
}

std::map<int, int64_t> Workspace::labelCounts(DatasetId id) const {
    const Reader reader(m_impl->connections);
    sql::Statement statement(
        *reader, "SELECT label, count(*) FROM samples WHERE dataset_id=? AND position>=0 GROUP BY label");
    statement.bind(id.value);
    std::map<int, int64_t> counts;
    while (statement.step())
        counts.emplace(static_cast<int>(statement.integer(0)), statement.integer(1));
    return counts;
}

std::vector<ColumnInfo> Workspace::columns(DatasetId id) const {
    const Reader reader(m_impl->connections);
    sql::Statement statement(
        *reader,
        fmt::format("SELECT e.key, {} AS text, count(*) AS n FROM samples s, json_each(s.attributes) e "
                    "WHERE s.dataset_id=? AND s.position>=0 AND e.type<>'null' GROUP BY e.key, text "
                    "ORDER BY e.key, n DESC, text",
                    kMemberText));
    statement.bind(id.value);
    std::vector<ColumnInfo> columns;
    while (statement.step()) {
        const std::string name = statement.text(0);
        if (columns.empty() || columns.back().name != name)
            columns.push_back({name, true, 0, {}});
        ColumnInfo& column = columns.back();
        const std::string text = statement.text(1);
        column.numeric = column.numeric && numberIn(text);
        ++column.distinctCount;
        if (column.values.size() < kValuesListed)
            column.values.push_back({text, statement.integer(2)});
    }
    return columns;
}

} // namespace diptych
