// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/json.h"
#include "ui/models/table_model.h"

#include <QString>

#include <vector>

namespace diptych::ui {

/// A table kept with a run: {"title", "columns": [{"title", "kind"}], "rows": [[...], ...]}. Shares are shown
/// in percent and carry kBarRole, null as a dash; cells a row lacks are empty.
class DetailsTableModel : public TableModel<Json> {
    Q_OBJECT

public:
    enum class Kind { Text, Count, Share, Number };
    using TableModel::TableModel;

    void setTable(const Json& table);
    Kind kind(int column) const { return m_columns[static_cast<size_t>(column)].kind; }
    /// Header and all cells as shown, tab-separated, a row a line.
    static QString asText(const QAbstractItemModel& model);

protected:
    int columns() const override { return static_cast<int>(m_columns.size()); }
    QVariant header(int column) const override { return m_columns[static_cast<size_t>(column)].title; }
    bool numeric(int column) const override {
        return m_columns[static_cast<size_t>(column)].kind != Kind::Text;
    }
    QVariant cell(const Json& row, int column, int role) const override;

private:
    struct Column {
        QString title;
        Kind kind = Kind::Text;
    };
    std::vector<Column> m_columns;
};

} // namespace diptych::ui
