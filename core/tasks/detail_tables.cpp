// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/tasks/detail_tables.h"

#include <utility>

namespace diptych {
namespace {

const char* kindName(ColumnKind kind) {
    switch (kind) {
    case ColumnKind::Count:
        return "count";
    case ColumnKind::Share:
        return "share";
    case ColumnKind::Number:
        return "number";
    case ColumnKind::Text:
        break;
    }
    return "text";
}

} // namespace

Json detailTable(const std::string& title, const std::vector<DetailColumn>& columns, Json rows) {
    Json header = Json::array();
    for (const DetailColumn& column : columns)
        header.push_back({{"title", column.title}, {"kind", kindName(column.kind)}});
    return {{"title", title}, {"columns", std::move(header)}, {"rows", std::move(rows)}};
}

Json detailCurve(const std::string& id, const std::string& title, const std::string& x, const std::string& y,
                 const std::vector<DetailSeries>& series) {
    Json list = Json::array();
    for (const DetailSeries& line : series) {
        Json points = Json::array();
        for (const auto& [at, value] : line.points)
            points.push_back(Json::array({at, value}));
        Json entry = {{"name", line.name}, {"points", std::move(points)}};
        if (!line.band.empty())
            entry["band"] = line.band;
        if (line.dashed)
            entry["dashed"] = true;
        list.push_back(std::move(entry));
    }
    return {{"id", id}, {"title", title}, {"x", x}, {"y", y}, {"series", std::move(list)}};
}

} // namespace diptych
