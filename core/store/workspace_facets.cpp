// SPDX-License-Identifier: GPL-3.0-or-later
// Reads all that a dataset's samples can be told apart by.
#include "core/store/facet_table.h"
#include "core/store/number_function.h"
#include "core/store/workspace.h"
#include "core/store/workspace_impl.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <unordered_map>

namespace diptych {

class FacetReader {
public:
    FacetReader(sql::Database& database, DatasetId dataset, RunId run) : m_database(database) {
        m_table.m_dataset = dataset;
        m_table.m_run = run;
    }
    FacetTable read(std::vector<std::string> classNames, std::vector<std::string> predictionNames) {
        m_table.m_classNames = std::move(classNames);
        m_table.m_predictionNames = std::move(predictionNames);
        readSamples();
        readTags();
        readColumns();
        if (m_table.m_run)
            readResults();
        return std::move(m_table);
    }

private:
    using Column = FacetTable::Column;
    using Codes = std::unordered_map<std::string, uint32_t>;

    static uint32_t codeOf(Column& column, Codes& codes, const std::string& text) {
        const auto [entry, isNew] = codes.emplace(text, static_cast<uint32_t>(column.texts.size()));
        if (isNew)
            column.texts.push_back(text);
        return entry->second;
    }
    /// By its id; the rows come in ascending order, so the next one is near.
    std::optional<size_t> placeOf(int64_t id) {
        const auto& ids = m_table.m_ids;
        while (m_at < ids.size() && ids[m_at].value < id)
            ++m_at;
        return m_at < ids.size() && ids[m_at].value == id ? std::optional(m_at) : std::nullopt;
    }

    void readSamples() {
        sql::Statement rows(m_database, "SELECT id, label, split FROM samples WHERE dataset_id=? AND "
                                        "position>=0 ORDER BY id");
        rows.bind(m_table.m_dataset.value);
        Codes codes;
        while (rows.step()) {
            m_table.m_ids.push_back({rows.integer(0)});
            m_table.m_labels.push_back(static_cast<int>(rows.integer(1)));
            m_table.m_splits.code.push_back(codeOf(m_table.m_splits, codes, rows.text(2)));
        }
    }

    void readTags() {
        sql::Statement rows(m_database, "SELECT st.sample_id, t.name FROM samples s JOIN sample_tags st ON "
                                        "st.sample_id=s.id JOIN tags t ON t.id=st.tag_id WHERE "
                                        "s.dataset_id=? AND s.position>=0 ORDER BY st.sample_id");
        rows.bind(m_table.m_dataset.value);
        std::vector<std::pair<size_t, std::string>> found;
        m_at = 0;
        while (rows.step())
            if (const auto place = placeOf(rows.integer(0)))
                found.emplace_back(*place, rows.text(1));
        std::vector<std::string>& names = m_table.m_tagNames;
        for (const auto& [place, name] : found)
            names.push_back(name);
        std::sort(names.begin(), names.end());
        names.erase(std::unique(names.begin(), names.end()), names.end());
        m_table.m_firstTag.assign(m_table.size() + 1, 0);
        for (const auto& [place, name] : found) {
            ++m_table.m_firstTag[place + 1];
            m_table.m_tags.push_back(
                static_cast<uint32_t>(std::lower_bound(names.begin(), names.end(), name) - names.begin()));
        }
        for (size_t i = 0; i < m_table.size(); ++i)
            m_table.m_firstTag[i + 1] += m_table.m_firstTag[i];
    }

    void readColumns() {
        sql::Statement rows(m_database,
                            std::string("SELECT s.id, e.key, ") + sql::kMemberText +
                                " FROM samples s, json_each(s.attributes) e WHERE s.dataset_id=? AND "
                                "s.position>=0 AND e.type<>'null' ORDER BY s.id");
        rows.bind(m_table.m_dataset.value);
        std::vector<Column>& columns = m_table.m_columns;
        std::unordered_map<std::string, size_t> known;
        std::vector<Codes> codes;
        m_at = 0;
        while (rows.step()) {
            const auto place = placeOf(rows.integer(0));
            if (!place)
                continue;
            const auto [entry, isNew] = known.emplace(rows.text(1), columns.size());
            if (isNew) {
                columns.push_back({entry->first, std::vector<uint32_t>(m_table.size(), 0), {""}, {}, false});
                codes.emplace_back();
            }
            Column& column = columns[entry->second];
            column.code[*place] = codeOf(column, codes[entry->second], rows.text(2));
        }
        for (Column& column : columns)
            findNumbers(column);
        std::sort(columns.begin(), columns.end(),
                  [](const Column& a, const Column& b) { return a.name < b.name; });
    }

    static void findNumbers(Column& column) {
        column.numbers = {std::numeric_limits<double>::quiet_NaN()};
        column.numeric = column.texts.size() > 1;
        for (size_t code = 1; code < column.texts.size(); ++code) {
            const auto number = sql::numberIn(column.texts[code]);
            column.numeric = column.numeric && number;
            column.numbers.push_back(number.value_or(column.numbers.front()));
        }
    }

    void readResults() {
        m_table.m_firstResult.assign(m_table.size() + 1, 0);
        sql::Statement rows(m_database,
                            "SELECT sample_id, predicted, correct, confidence FROM examples WHERE "
                            "run_id=? ORDER BY sample_id");
        rows.bind(m_table.m_run.value);
        m_at = 0;
        while (rows.step()) {
            const auto place = placeOf(rows.integer(0));
            if (!place)
                continue;
            ++m_table.m_firstResult[*place + 1];
            m_table.m_predicted.push_back(static_cast<int>(rows.integer(1)));
            m_table.m_verdicts.push_back(static_cast<int8_t>(rows.isNull(2) ? -1 : rows.integer(2)));
            m_table.m_confidence.push_back(rows.isNull(3) ? std::nan("") : rows.real(3));
        }
        for (size_t i = 0; i < m_table.size(); ++i)
            m_table.m_firstResult[i + 1] += m_table.m_firstResult[i];
    }

    sql::Database& m_database;
    FacetTable m_table;
    size_t m_at = 0;
};

FacetTable Workspace::facetTable(DatasetId dataset, RunId run) const {
    std::vector<std::string> names = classNames(dataset);
    const RunRecord record = run ? this->run(run) : RunRecord();
    const Reader reader(m_impl->connections);
    return FacetReader(*reader, dataset, run).read(std::move(names), record.classNames);
}

} // namespace diptych
