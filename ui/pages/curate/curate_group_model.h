// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/models/table_model.h"

#include <QString>

namespace diptych::ui {

/// What the list shows of a CurateGroup.
struct CurateRow {
    QString title, valueText, note;
    double value = 0;
    int images = 0;
};

/// What a check has found, a row for each group of images.
class CurateGroupModel : public TableModel<CurateRow> {
    Q_OBJECT

public:
    enum Column { Title, Images, Value, Note, ColumnCount };
    using TableModel::TableModel;
    void setHeaders(const QString& title, const QString& value) {
        m_title = title;
        m_value = value;
        Q_EMIT headerDataChanged(Qt::Horizontal, 0, ColumnCount - 1);
    }

protected:
    int columns() const override { return ColumnCount; }
    QVariant header(int column) const override {
        return column == Title    ? m_title
               : column == Images ? tr("Images")
               : column == Value  ? m_value
                                  : QString();
    }
    bool numeric(int column) const override { return column == Images || column == Value; }
    QVariant cell(const CurateRow& row, int column, int role) const override {
        if (role == kSortRole && column == Images)
            return row.images;
        if (role == kSortRole && column == Value)
            return row.value;
        if (role != Qt::DisplayRole && role != kSortRole)
            return {};
        return column == Title    ? row.title
               : column == Images ? QVariant(row.images)
               : column == Value  ? row.valueText
                                  : row.note;
    }

private:
    QString m_title, m_value;
};

} // namespace diptych::ui
