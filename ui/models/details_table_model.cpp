// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/details_table_model.h"

#include "ui/models/formatting.h"
#include "ui/models/json_fields.h"

#include <QStringList>

#include <cmath>

namespace diptych::ui {
namespace {

DetailsTableModel::Kind kindOf(const QString& name) {
    using enum DetailsTableModel::Kind;
    return name == QLatin1String("count")    ? Count
           : name == QLatin1String("share")  ? Share
           : name == QLatin1String("number") ? Number
                                             : Text;
}

QString shown(const Json& value, DetailsTableModel::Kind kind) {
    if (value.is_string())
        return toText(value);
    if (value.is_boolean())
        return value.get<bool>() ? DetailsTableModel::tr("yes") : DetailsTableModel::tr("no");
    const double number = numberOf(value);
    if (!std::isfinite(number))
        return value.is_null() || value.is_number() ? QStringLiteral("–") : toQString(value.dump());
    switch (kind) {
    case DetailsTableModel::Kind::Count:
        return exactCountText(std::llround(number));
    case DetailsTableModel::Kind::Share:
        return shareText(number);
    default:
        return numberText(number);
    }
}

} // namespace

void DetailsTableModel::setTable(const Json& table) {
    setRows({}); // no row may be asked for with columns of another table
    beginResetModel();
    m_columns.clear();
    for (const Json& column : listOf(table, "columns"))
        m_columns.push_back({toText(memberOf(column, "title")), kindOf(toText(memberOf(column, "kind")))});
    endResetModel();
    const Json& rows = listOf(table, "rows");
    setRows({rows.begin(), rows.end()});
}

QVariant DetailsTableModel::cell(const Json& row, int column, int role) const {
    const Json& value = itemOf(row, static_cast<size_t>(column));
    const Kind kind = m_columns[static_cast<size_t>(column)].kind;
    const double number = numberOf(value);
    switch (role) {
    case Qt::DisplayRole:
        return row.is_array() && static_cast<size_t>(column) < row.size() ? shown(value, kind) : QString();
    case kSortRole:
        if (kind == Kind::Text)
            return shown(value, kind);
        return std::isfinite(number) ? number : -std::numeric_limits<double>::infinity();
    case kBarRole:
        return kind == Kind::Share && std::isfinite(number) ? QVariant(number) : QVariant();
    default:
        return {};
    }
}

QString DetailsTableModel::asText(const QAbstractItemModel& model) {
    QStringList lines, cells;
    for (int column = 0; column < model.columnCount(); ++column)
        cells.append(model.headerData(column, Qt::Horizontal).toString());
    lines.append(cells.join(QLatin1Char('\t')));
    for (int row = 0; row < model.rowCount(); ++row) {
        cells.clear();
        for (int column = 0; column < model.columnCount(); ++column)
            cells.append(model.index(row, column).data().toString());
        lines.append(cells.join(QLatin1Char('\t')));
    }
    return lines.join(QLatin1Char('\n'));
}

} // namespace diptych::ui
