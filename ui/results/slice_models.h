// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/session/slices.h"
#include "ui/models/table_model.h"

namespace diptych::ui {

/// Slices of a run as a table, in their order: worst first.
class SlicesModel : public TableModel<Slice> {
    Q_OBJECT

public:
    enum Column { Name, Count, Value, Range, Difference, PValue, Verdict, ColumnCount };
    using TableModel::TableModel;

    /// @param slices as sliceRun() returns them; the rows are taken
    void setSlices(RunSlices slices);

protected:
    int columns() const override { return ColumnCount; }
    bool numeric(int column) const override { return column != Name && column != Range && column != Verdict; }
    QVariant header(int column) const override;
    QVariant cell(const Slice& row, int column, int role) const override;

private:
    QVariant shown(const Slice& row, int column) const;
    QVariant sorted(const Slice& row, int column) const;
    QVariant interval(const Slice& row) const;

    QString m_by;
    Metric m_whole;
    double m_low = 0, m_high = 1; ///< of the scale on which intervals are drawn
};

} // namespace diptych::ui
