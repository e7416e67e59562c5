// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/store/records.h"
#include "core/store/run_record.h"
#include "ui/jobs/job_runner.h"
#include "ui/pages/inspector/inspected.h"
#include "ui/pages/inspector/inspector_models.h"
#include "ui/pages/page.h"
#include "ui/state/app_state.h"
#include "ui/widgets/sample_actions.h"

#include <QImage>
#include <QPointer>

#include <optional>
#include <vector>

class QLabel;
class QStackedWidget;
class QToolButton;

namespace diptych::ui {

class ElidedLabel;
class FullScreenPicture;
class ImageView;
class MarksEditor;
class NeighbourStrip;
class NeighboursPanel;
class TableView;
class TextScoreField;
class WherePanel;

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
        std::string datasetName;
        std::vector<SampleRun> runs;
    };
    QWidget* buildPicture();
    QLayout* buildBar();
    QWidget* buildFacts();
    QWidget* buildResults();
    void request(const SampleRequest& request);
    void load();
    void show(Shown shown);
    void showFacts(const Shown& shown);
    /// Previous and next go through what is looked at of the dataset, unless another list was asked for.
    void followView(DatasetId dataset);
    void showPlace();
    void chooseRun(int row);
    void step(int by);
    void goTo(SampleId sample);
    /// Puts the picture, or its crop for the model, into the view.
    void showPicture();
    void loadCrop();
    Inspected inspected() const;
    /// Has the parts below look at the sample with the eyes of the run that is chosen.
    void inspect();
    void showFullScreen();
    void fillFullScreen();
    SampleTarget target() const;

    SampleRequest m_request;
    bool m_moved = false;             ///< to this sample, and the selection has not followed yet
    QPointer<DatasetView> m_followed; ///< whose samples are the siblings; null = a list of their own
    ptrdiff_t m_place = 0; ///< of the sample among its siblings, or where it was before they lost it
    DatasetId m_shownDataset;
    std::string m_datasetName;
    LatestOnly m_loading, m_cropping;
    QImage m_image;
    QString m_imageError;
    PredictionsModel m_predictions;
    SampleRunsModel m_runs;
    QStackedWidget* m_stack;
    ImageView* m_view;
    ElidedLabel* m_title;
    QLabel *m_path, *m_facts, *m_captions, *m_runHeading, *m_outcome, *m_position;
    QToolButton *m_similar, *m_previous, *m_next, *m_crop, *m_fullScreenButton;
    QPointer<FullScreenPicture> m_fullScreen; ///< while it is open
    TextScoreField* m_textScore;
    WherePanel* m_where;
    NeighboursPanel* m_neighbours;
    MarksEditor* m_marks;
    NeighbourStrip* m_strip;
    TableView *m_predictionTable, *m_runTable;
};

} // namespace diptych::ui
