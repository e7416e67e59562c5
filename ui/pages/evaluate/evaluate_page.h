// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/session/session.h"
#include "ui/jobs/job_runner.h"
#include "ui/pages/page.h"

#include <QTimer>

#include <optional>
#include <vector>

class QComboBox;
class QFormLayout;
class QLabel;
class QPushButton;

namespace diptych::ui {

class ParamForm;

/// Choose a task, a dataset and a model, edit the task's parameters with the score following, and run.
/// Everything it shows of a task comes from the registry.
class EvaluatePage : public Page {
    Q_OBJECT

public:
    explicit EvaluatePage(const PageContext& context);
    void activated() override;
    void refresh() override;
    bool cancel() override;

private:
    struct Choices {
        std::vector<DatasetInfo> datasets;
        std::vector<std::vector<std::string>> splits; ///< of each dataset
        std::vector<ModelRecord> models;
    };
    QWidget* buildForm();
    QWidget* buildRunBar();
    QWidget* buildPreview();
    void reload();
    void fillChoices(Choices choices);
    void chooseTask();
    void fillSplits();
    RunSpec spec() const;
    /// What the task needs and the dataset lacks, for people; empty = nothing.
    static QString missingNeed(const TaskInfo& info, const DatasetInfo& dataset);
    void chooseSuitableDataset();
    QString unsuitable() const;
    void changed();
    void updatePreview();
    void showPreview(const std::optional<Preview>& preview);
    void encode();
    void run();

    LatestOnly m_loading, m_previewing;
    JobHandle m_running;
    QTimer m_previewDelay;
    Choices m_choices;
    QComboBox *m_task, *m_dataset, *m_model, *m_split, *m_device, *m_precision;
    QLabel* m_summary;
    QLabel* m_problem;
    ParamForm* m_params;
    QPushButton* m_run;
    QWidget* m_previewPanel;
    QLabel *m_previewHeading, *m_previewNote;
    QFormLayout* m_previewForm;
    QPushButton* m_encode;
    DatasetId m_wantedDataset;
    ModelId m_wantedModel;
};

} // namespace diptych::ui
