// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/session/published_number.h"
#include "ui/models/table_model.h"

namespace diptych::ui {

/// Known causes of a difference to a published number, with what the run says of each.
class KnownCausesModel : public TableModel<KnownCause> {
    Q_OBJECT
public:
    enum Column { Title, State, Finding, Columns };
    using TableModel::TableModel;

protected:
    int columns() const override { return Columns; }
    QVariant header(int column) const override;
    QVariant cell(const KnownCause& row, int column, int role) const override;
};

/// A run as it is, in the first row, and as others would count it.
class ProtocolsModel : public TableModel<ProtocolResult> {
    Q_OBJECT
public:
    using TableModel::TableModel;
    /// @param metrics the run's, which the columns are
    void setMetrics(std::vector<Metric> metrics);
    int gainedColumn() const { return static_cast<int>(m_metrics.size()) + 1; }

protected:
    int columns() const override { return static_cast<int>(m_metrics.size()) + 3; }
    bool numeric(int column) const override { return column > 0; }
    QVariant header(int column) const override;
    QVariant cell(const ProtocolResult& row, int column, int role) const override;

private:
    const Metric* metricOf(const ProtocolResult& row, int column) const;

    std::vector<Metric> m_metrics;
};

} // namespace diptych::ui
