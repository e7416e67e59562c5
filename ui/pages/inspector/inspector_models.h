// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/store/run_record.h"
#include "ui/models/table_model.h"

namespace diptych::ui {

/// The name of a class, a dash where there is none.
QString classNameOf(const std::vector<std::string>& names, int index);

/// One prediction of the chosen run for the sample shown.
struct PredictionRow {
    QString name;
    double score = 0;
    bool right = false;
};

/// The predictions of one run, best first; the score carries kBarRole.
class PredictionsModel : public TableModel<PredictionRow> {
    Q_OBJECT

public:
    enum Column { Name, Score, ColumnCount };
    using TableModel::TableModel;

protected:
    int columns() const override { return ColumnCount; }
    QVariant header(int column) const override;
    QVariant cell(const PredictionRow& row, int column, int role) const override;
};

/// What every run found for the sample shown.
class SampleRunsModel : public TableModel<SampleRun> {
    Q_OBJECT

public:
    enum Column { Number, Prediction, Score, Verdict, Model, Task, ColumnCount };
    using TableModel::TableModel;

protected:
    int columns() const override { return ColumnCount; }
    QVariant header(int column) const override;
    QVariant cell(const SampleRun& row, int column, int role) const override;
};

} // namespace diptych::ui
