// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/store/records.h"
#include "core/store/run_record.h"
#include "ui/jobs/job_runner.h"
#include "ui/models/table_model.h"
#include "ui/pages/page.h"
#include "ui/state/app_state.h"
#include "ui/widgets/sample_actions.h"

#include <QImage>

#include <optional>
#include <vector>

class QLabel;
class QStackedWidget;
class QToolButton;

namespace diptych::ui {

class ElidedLabel;
class ImageView;
class MarksEditor;
class NeighbourStrip;
class TableView;

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

/// One example, large: its picture, what is known of it, and what each run made of it.
class InspectorPage : public Page {
    Q_OBJECT

public:
    explicit InspectorPage(const PageContext& context);
    void activated() override;
    void refresh() override;

protected:
    void keyPressEvent(QKeyEvent* event) override;

private:
    struct Shown {
        Sample sample;
        QString label;
        QImage image;
        QString imageError;
        std::vector<SampleRun> runs;
    };
    QWidget* buildPicture();
    QWidget* buildFacts();
    void request(const SampleRequest& request);
    void load();
    void show(Shown shown);
    void showFacts(const Shown& shown);
    void showPlace();
    void chooseRun(int row);
    void step(int by);
    void goTo(SampleId sample);
    /// Puts the picture, or its crop for the model, into the view.
    void showPicture();
    void loadCrop();
    SampleTarget target() const;

    SampleRequest m_request;
    bool m_moved = false; ///< to this sample, and the selection has not followed yet
    DatasetId m_shownDataset;
    LatestOnly m_loading, m_cropping;
    QImage m_image;
    QString m_imageError;
    PredictionsModel m_predictions;
    SampleRunsModel m_runs;
    QStackedWidget* m_stack;
    ImageView* m_view;
    ElidedLabel* m_title;
    QLabel *m_path, *m_facts, *m_captions, *m_runHeading, *m_outcome, *m_position;
    QToolButton *m_similar, *m_previous, *m_next, *m_crop;
    MarksEditor* m_marks;
    NeighbourStrip* m_strip;
    TableView *m_predictionTable, *m_runTable;
};

} // namespace diptych::ui
