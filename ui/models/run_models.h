// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/results/metric.h"
#include "core/session/run_columns.h"
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

/// All runs of a workspace, one a row: what they found, what a person added, and (from FixedCount on) what
/// they were asked for. Names and notes can be edited where that is allowed; the model changes nothing
/// itself, it says what is wanted.
class RunsModel : public TableModel<RunRecord> {
    Q_OBJECT

public:
    enum Column {
        Number,
        Star,
        Name,
        Task,
        Dataset,
        Model,
        Result,
        Interval,
        Examples,
        Precision,
        Started,
        Duration,
        Note,
        FixedCount
    };
    using TableModel::TableModel;
    void setRows(std::vector<RunRecord> runs);
    void setEditable(bool editable) { m_editable = editable; }
    bool editable() const { return m_editable; }
    /// A name that stays: "star", "prompts", ...
    QString columnId(int column) const;
    /// Whether it is worth its room where nobody has chosen: something is in it that differs.
    bool isShownByItself(int column) const;
    /// The metric a task is judged by, else its first one; null if there is none.
    static const Metric* primaryMetric(const RunRecord& run);
    Qt::ItemFlags flags(const QModelIndex& index) const override;
    bool setData(const QModelIndex& index, const QVariant& value, int role) override;

Q_SIGNALS:
    void marksEdited(diptych::RunId run, const diptych::RunMarksEdit& edit);

protected:
    int columns() const override { return FixedCount + static_cast<int>(m_asked.size()); }
    QVariant header(int column) const override;
    bool numeric(int column) const override {
        return column == Number || column == Result || column == Examples || column == Duration;
    }
    QVariant cell(const RunRecord& run, int column, int role) const override;

private:
    QVariant askedCell(const RunRecord& run, int column, int role) const;
    QVariant markCell(const RunMarks& marks, int column, int role) const;
    const RunColumn& asked(int column) const { return m_asked[static_cast<size_t>(column - FixedCount)]; }

    std::vector<RunColumn> m_asked;
    bool m_editable = false;
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
