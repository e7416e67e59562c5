// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/datasets/table_preview.h"
#include "ui/models/table_model.h"

#include <QStringList>
#include <QWidget>

#include <array>
#include <map>
#include <string>
#include <utility>
#include <vector>

class QComboBox;
class QHeaderView;

namespace diptych::ui {

/// The first rows of a table as they stand there; a header says what its column is taken for.
class RawRowsModel : public TableModel<std::vector<std::string>> {
    Q_OBJECT
public:
    using TableModel::TableModel;
    void setTable(TablePreview table);

protected:
    int columns() const override { return static_cast<int>(m_table.columns.size()); }
    QVariant header(int column) const override;
    QVariant cell(const std::vector<std::string>& row, int column, int role) const override;

private:
    TablePreview m_table;
};

/// Which column of a table is what: a list of columns for each role, with what was found at the top.
class ColumnRoles : public QWidget {
    Q_OBJECT
public:
    explicit ColumnRoles(QWidget* parent = nullptr);
    /// Offers the columns of @p table; a choice stays if it has that column.
    void setTable(const TablePreview& table);
    /// What was chosen before, for the next table.
    void choose(std::map<std::string, std::string> columns) { m_next = std::move(columns); }
    /// Forgets columns and choices.
    void clear();
    /// As ImportOptions::columns; what is left to be found is not in it.
    std::map<std::string, std::string> chosen() const;
    /// Has a click on a column's header ask for its role.
    void attachTo(QHeaderView* header);

Q_SIGNALS:
    void changed(); ///< by the person

private:
    static constexpr size_t kRoles = 6;
    void askForRole(int column);
    void give(const QString& column, int role);

    QHeaderView* m_header = nullptr; // of another's table
    QStringList m_columns;
    std::map<std::string, std::string> m_next; ///< choices, until a table is here
    std::array<QComboBox*, kRoles> m_boxes{};
};

} // namespace diptych::ui
