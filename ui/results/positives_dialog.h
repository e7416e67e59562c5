// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/session/run_positives.h"
#include "ui/models/table_model.h"

#include <QDialog>

#include <optional>
#include <vector>

class QLabel;
class QPushButton;

namespace diptych::ui {

class TableView;

/// A caption marked as right for another image, with the names of both.
struct NamedPositive {
    PositivePair pair;
    QString image, captionOf;
};

/// The marks of a dataset and what they change in a run.
struct ShownPositives {
    std::vector<NamedPositive> marks;
    std::optional<RunPositives> run; ///< none without marks
};
/// For a worker thread. @throws Error
ShownPositives positivesOf(const Workspace& workspace, DatasetId dataset, RunId run);

class PositivesModel : public TableModel<NamedPositive> {
    Q_OBJECT

public:
    enum Column { Image, Caption, CaptionOf, When, ColumnCount };
    using TableModel::TableModel;

protected:
    int columns() const override { return ColumnCount; }
    QVariant header(int column) const override;
    QVariant cell(const NamedPositive& row, int column, int role) const override;
};

class CorrectedMetricsModel : public TableModel<CorrectedMetric> {
    Q_OBJECT

public:
    enum Column { Name, Without, With, Change, Queries, ColumnCount };
    using TableModel::TableModel;

protected:
    int columns() const override { return ColumnCount; }
    QVariant header(int column) const override;
    bool numeric(int column) const override { return column != Name; }
    QVariant cell(const CorrectedMetric& row, int column, int role) const override;
};

/// A retrieval run's metrics with and without the captions marked as right, and the list of those marks.
class PositivesDialog : public QDialog {
    Q_OBJECT

public:
    explicit PositivesDialog(QWidget* parent = nullptr);
    void setContents(const ShownPositives& shown, bool writable);

Q_SIGNALS:
    void takeBackRequested(const std::vector<diptych::PositivePair>& pairs);
    void imageRequested(diptych::SampleId image);

private:
    void updateButtons();

    QLabel *m_heading, *m_note;
    TableView *m_metricTable, *m_markTable;
    QPushButton* m_takeBack;
    CorrectedMetricsModel m_metrics;
    PositivesModel m_marks;
    bool m_writable = false;
};

} // namespace diptych::ui
