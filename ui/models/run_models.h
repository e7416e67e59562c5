// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/results/metric.h"
#include "core/store/run_record.h"
#include "ui/models/table_model.h"

#include <QString>

namespace diptych::ui {

/// Metrics of one run: name, value, 95 % interval, n.
class MetricsModel : public TableModel<Metric> {
    Q_OBJECT

public:
    enum Column { Name, Value, Interval, Chance, Examples, ColumnCount };
    using TableModel::TableModel;

protected:
    int columns() const override { return ColumnCount; }
    QVariant header(int column) const override;
    bool numeric(int column) const override { return column != Name; }
    QVariant cell(const Metric& metric, int column, int role) const override;
};

/// All runs of a workspace, one a row.
class RunsModel : public TableModel<RunRecord> {
    Q_OBJECT

public:
    enum Column {
        Number,
        Task,
        Dataset,
        Model,
        Result,
        Interval,
        Examples,
        Precision,
        Started,
        Duration,
        ColumnCount
    };
    using TableModel::TableModel;
    /// The metric a task is judged by, else its first one; null if there is none.
    static const Metric* primaryMetric(const RunRecord& run);

protected:
    int columns() const override { return ColumnCount; }
    QVariant header(int column) const override;
    bool numeric(int column) const override {
        return column == Number || column == Result || column == Examples || column == Duration;
    }
    QVariant cell(const RunRecord& run, int column, int role) const override;
};

/// One class of a classification run.
struct ClassRow {
    int index = -1;
    QString name;
    int support = 0;
    double recall = 0, precision = 0, f1 = 0; ///< NaN where undefined
};

/// Per-class results; recall, precision and F1 carry kBarRole.
class ClassesModel : public TableModel<ClassRow> {
    Q_OBJECT

public:
    enum Column { Name, Support, Recall, Precision, F1, ColumnCount };
    using TableModel::TableModel;

protected:
    int columns() const override { return ColumnCount; }
    QVariant header(int column) const override;
    bool numeric(int column) const override { return column != Name; }
    QVariant cell(const ClassRow& row, int column, int role) const override;
};

} // namespace diptych::ui
