// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/session/session.h"
#include "core/text/prompts.h"
#include "ui/jobs/job_runner.h"
#include "ui/pages/page.h"

#include <QTimer>

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

class QComboBox;
class QFormLayout;
class QFrame;
class QLabel;
class QLineEdit;
class QPushButton;

namespace diptych::ui {

class AlphaChoice;
class ParamForm;

/// Which samples of the dataset are evaluated.
enum class SamplesChoice { All, Selection, Filter, Again };

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
    /// The run that is repeated, to mark what is not as it was there.
    struct Baseline {
        RunId run;
        RunSpec spec;
    };
    struct Choices {
        std::vector<DatasetInfo> datasets;
        std::vector<std::vector<std::string>> splits; ///< of each dataset
        std::vector<size_t> corrected;                ///< of each dataset: labels that are not those imported
        std::vector<ModelRecord> models;
        std::vector<PromptSet> prompts; ///< that the workspace keeps
        std::optional<Baseline> again;  ///< the run to repeat, where that was asked for
    };
    QWidget* buildForm();
    QFormLayout* buildChoices();
    QWidget* buildAgainBar();
    QWidget* buildRunBar();
    QWidget* buildPreview();
    void connectState();
    void reload();
    void fillChoices(Choices choices);
    void chooseTask();
    void fillSplits();
    void fillLabelSources();
    void fillSamples();
    void followSamples();
    RunSamples chosenSamples() const;
    bool filterIsEmpty() const;
    RunSpec spec() const;
    const diptych::Task& task() const;
    void chooseSuitableDataset();

    /// Reads files: on a worker. @throws Error
    static Baseline baselineOf(const RunRecord& run, const Choices& choices);
    void applyBaseline();
    void setBaseline(std::optional<Baseline> baseline);
    void markChanges();

    /// What keeps it from running, for people; empty = nothing that is known so far.
    QString problem() const;
    QString unfitModel() const;
    void checkSuitable();
    void changed();
    void updatePreview();
    void showPreview(const Preview& preview);
    void showNoPreview(const QString& why);
    void encode();
    void run();

    LatestOnly m_loading, m_checking, m_previewing;
    JobHandle m_running, m_encoding;
    QTimer m_previewDelay;
    Choices m_choices;
    QComboBox *m_task, *m_dataset, *m_model, *m_split, *m_samples, *m_labelSource, *m_device, *m_precision;
    AlphaChoice* m_alpha;
    QLineEdit* m_seed;
    std::vector<std::pair<QLabel*, QWidget*>> m_labels; ///< of the fields above, for marks
    QLabel* m_summary;
    QLabel* m_problem;
    ParamForm* m_params;
    std::string m_shownTask;            ///< whose parameters are shown
    std::map<std::string, Json> m_kept; ///< parameters as they were left, by task
    QFrame* m_againBar;
    QLabel* m_againText;
    QPushButton* m_restore;
    std::optional<Baseline> m_baseline;
    std::string m_againDataset; ///< of the run that is, or was, repeated; and its samples
    RunSamples m_againSamples;
    std::vector<QMetaObject::Connection> m_samplesFollowed; ///< selection and filter of the dataset
    int m_samplesVersion = 0;    ///< another one for other samples, however they are called
    QString m_unsuitable;        ///< why the task cannot run on this dataset and split
    std::string m_suitableKey;   ///< what that was found of
    bool m_previewWaits = false; ///< asks again when the model is free
    QPushButton* m_run;
    QWidget* m_previewPanel;
    QLabel *m_previewHeading, *m_previewNote;
    QFormLayout* m_previewForm;
    QPushButton* m_encode;
    DatasetId m_wantedDataset;
    ModelId m_wantedModel;
    RunId m_wantedRun;
};

} // namespace diptych::ui
