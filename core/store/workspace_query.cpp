// SPDX-License-Identifier: GPL-3.0-or-later
// Which samples: filters, orders, and what there is to filter by.
#include "core/store/number_function.h"
#include "core/store/workspace.h"
#include "core/store/workspace_impl.h"

#include <fmt/format.h>

#include <algorithm>

namespace diptych {
namespace {

constexpr size_t kValuesListed = 500;

/// Its number, NULL where it is none.
constexpr const char* kMemberNumber =
    "CASE e.type WHEN 'true' THEN NULL WHEN 'false' THEN NULL ELSE as_number(e.value) END";

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

std::string textList(const std::vector<std::string>& texts) {
    return canonicalJson(Json(texts));
}

/// Column filters as one parameter: [["column", ["value", ...]], ...]
std::string columnsParameter(const std::vector<ColumnFilter>& filters) {
    Json list = Json::array();
    for (const ColumnFilter& filter : filters)
        list.push_back(Json::array({filter.column, filter.values}));
    return canonicalJson(list);
}

Json orNull(const std::optional<double>& number) {
    return number ? Json(*number) : Json();
}

/// Column ranges as one parameter: [["column", least or null, most or null], ...]
std::string rangesParameter(const std::vector<ColumnRange>& ranges) {
    Json list = Json::array();
    for (const ColumnRange& range : ranges)
        list.push_back(Json::array({range.column, orNull(range.range.least), orNull(range.range.most)}));
    return canonicalJson(list);
}

/// What every attribute has to have, of json_each(?@p parameter) AS f: some member of the column of which
/// @p condition holds.
std::string eachColumn(int parameter, const std::string& condition) {
    return fmt::format(" AND NOT EXISTS(SELECT 1 FROM json_each(?{}) f WHERE NOT EXISTS(SELECT 1 FROM "
                       "json_each(s.attributes) e WHERE e.key=json_extract(f.value,'$[0]') AND {}))",
                       parameter, condition);
}

std::string outcomeClause(const OutcomeFilter& outcome) {
    std::string where = "SELECT x.sample_id FROM examples x WHERE x.run_id=?8";
    if (outcome.verdict != Verdict::Any)
        where += outcome.verdict == Verdict::Right ? " AND x.correct=1" : " AND x.correct=0";
    if (!outcome.predicted.empty())
        where += fmt::format(" AND x.predicted IN ({})", fmt::join(outcome.predicted, ","));
    if (outcome.confidence.least)
        where += " AND x.confidence>=?9";
    if (outcome.confidence.most)
        where += " AND x.confidence<=?10";
    return fmt::format(" AND s.id IN ({})", where);
}

std::string tagClause(const std::vector<std::string>& tags) {
    std::string clause = "s.id IN (SELECT st.sample_id FROM sample_tags st JOIN tags t ON t.id=st.tag_id "
                         "WHERE t.name IN (SELECT value FROM json_each(?3)))";
    if (std::find(tags.begin(), tags.end(), "") != tags.end())
        clause += " OR NOT EXISTS(SELECT 1 FROM sample_tags st WHERE st.sample_id=s.id)";
    return " AND (" + clause + ")";
}

constexpr const char* kTextClause =
    " AND (s.key LIKE ?4 ESCAPE '\\' OR EXISTS(SELECT 1 FROM captions c WHERE c.sample_id=s.id AND "
    "c.text LIKE ?4 ESCAPE '\\') OR EXISTS(SELECT 1 FROM notes n WHERE n.sample_id=s.id AND n.text "
    "LIKE ?4 ESCAPE '\\'))";

std::string whereClause(const SampleFilter& filter) {
    std::string where = " WHERE s.dataset_id=?1 AND s.position>=0";
    if (!filter.labels.empty())
        where += fmt::format(" AND s.label IN ({})", fmt::join(filter.labels, ","));
    if (!filter.splits.empty())
        where += " AND s.split IN (SELECT value FROM json_each(?2))";
    if (!filter.tags.empty())
        where += tagClause(filter.tags);
    if (filter.noted)
        where += " AND s.id IN (SELECT sample_id FROM notes)";
    if (!filter.text.empty())
        where += kTextClause;
    if (!filter.columns.empty())
        where += eachColumn(
            5, fmt::format("{} IN (SELECT value FROM json_each(f.value,'$[1]'))", sql::kMemberText));
    if (!filter.ranges.empty())
        where += eachColumn(6, fmt::format("{0} IS NOT NULL AND "
                                           "{0}>=coalesce(json_extract(f.value,'$[1]'),-9e999) AND "
                                           "{0}<=coalesce(json_extract(f.value,'$[2]'),9e999)",
                                           kMemberNumber));
    if (filter.selection)
        where += " AND s.id IN (SELECT vs.sample_id FROM view_samples vs WHERE vs.view_id=?7)";
    if (filter.outcome)
        where += outcomeClause(*filter.outcome);
    return where + " AND ?11 IS NOT NULL"; // so that there are always eleven parameters
}

/// A filter that names what is gone would find nothing without a word. @throws Error NotFound
void requireThere(sql::Database& database, const SampleFilter& filter) {
    if (filter.selection && !sql::Statement(database, "SELECT 1 FROM views WHERE id=? AND filter IS NULL")
                                 .bind(filter.selection.value)
                                 .step())
        throw Error(ErrorCode::NotFound,
                    "The saved selection that the filter asks for is no longer in the workspace. Choose "
                    "another one or clear the filter");
    if (filter.outcome &&
        !sql::Statement(database, "SELECT 1 FROM runs WHERE id=?").bind(filter.outcome->run.value).step())
        throw Error(ErrorCode::NotFound,
                    fmt::format("Run {}, whose results the filter asks for, is no longer in the workspace. "
                                "Choose another run or clear the filter",
                                filter.outcome->run.value));
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

struct Valued {
    SampleId id;
    std::optional<std::string> text;
    double number = 0;
};

std::vector<SampleId> byValue(std::vector<Valued> rows, bool descending) {
    bool numeric = true;
    for (Valued& row : rows) {
        const auto number = row.text ? sql::numberIn(*row.text) : std::optional<double>(0);
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
        "(SELECT {} FROM json_each(s.attributes) e WHERE e.key=?11 AND e.type<>'null')", sql::kMemberText);
    const Reader reader(m_impl->connections);
    requireThere(*reader, filter);
    const OutcomeFilter outcome = filter.outcome.value_or(OutcomeFilter());
    sql::Statement statement(*reader, fmt::format("SELECT s.id{} FROM samples s{}{}",
                                                  valued ? ", " + value : std::string(), whereClause(filter),
                                                  orderClause(sort)));
    statement.bind(id.value, textList(filter.splits), textList(filter.tags), likePattern(filter.text),
                   columnsParameter(filter.columns), rangesParameter(filter.ranges), filter.selection.value,
                   outcome.run.value, outcome.confidence.least, outcome.confidence.most, sort.column);
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
                    sql::kMemberText));
    statement.bind(id.value);
    std::vector<ColumnInfo> columns;
    while (statement.step()) {
        const std::string name = statement.text(0);
        if (columns.empty() || columns.back().name != name)
            columns.push_back({name, true, 0, {}});
        ColumnInfo& column = columns.back();
        const std::string text = statement.text(1);
        column.numeric = column.numeric && sql::numberIn(text);
        ++column.distinctCount;
        if (column.values.size() < kValuesListed)
            column.values.push_back({text, statement.integer(2)});
    }
    return columns;
}

} // namespace diptych
