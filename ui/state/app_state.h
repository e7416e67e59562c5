// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/store/records.h"
#include "ui/state/dataset_view.h"

#include <QObject>
#include <QString>

#include <map>
#include <memory>
#include <vector>

namespace diptych {
class Session;
}

namespace diptych::ui {

class Selection;

/// An example to look at, and the list it was picked from (for previous and next; null = what is looked at of
/// its dataset).
struct SampleRequest {
    SampleId sample;
    RunId run; ///< none = no run in particular
    SampleList siblings;
};

/// A set of samples of one dataset to look at; the members as in ViewSpec.
struct DatasetRequest {
    DatasetId dataset;
    SampleFilter filter;
    SampleList ids;
    QString title;
    RunId run;
};

/// What is open and what is selected, shared by all pages; owned by the shell, passed by reference. Holds no
/// data of the workspace, only the session, ids and requests. GUI thread only.
class AppState : public QObject {
    Q_OBJECT
public:
    explicit AppState(QObject* parent = nullptr);
    ~AppState() override;

    /// Null while no workspace is open. Workers take a copy; never call it from the GUI thread beyond
    /// workspace().path().
    const std::shared_ptr<Session>& session() const { return m_session; }
    QString workspacePath() const { return m_workspacePath; }
    bool readOnly() const { return m_readOnly; }
    void setSession(std::shared_ptr<Session> session);

    DatasetId currentDataset() const { return m_currentDataset; }
    SampleId currentSample() const { return m_currentSample; }
    RunId currentRun() const { return m_currentRun; }
    ModelId currentModel() const { return m_currentModel; }
    /// Which samples of a dataset are selected; the same object until another workspace is open. Its current
    /// sample becomes currentSample() whenever it changes.
    Selection& selection(DatasetId dataset);
    /// What of a dataset is looked at; the same object until another workspace is open.
    DatasetView& view(DatasetId dataset);
    void setCurrentDataset(DatasetId id);
    void setCurrentSample(SampleId id);
    void setCurrentRun(RunId id);
    void setCurrentModel(ModelId id);

    /// Called after a job has changed the workspace; pages load again what they show.
    void notifyDatasetsChanged() { Q_EMIT datasetsChanged(); }
    void notifyModelsChanged() { Q_EMIT modelsChanged(); }
    void notifyRunsChanged() { Q_EMIT runsChanged(); }
    void notifyPromptsChanged() { Q_EMIT promptsChanged(); }
    void notifyTagsChanged() { Q_EMIT tagsChanged(); }
    void notifySavedViewsChanged() { Q_EMIT savedViewsChanged(); }
    void notifyPositivesChanged() { Q_EMIT positivesChanged(); }

    /// Sets the current sample (and run) and brings the Inspector forward.
    void showSample(SampleId sample, RunId run = {}, SampleList siblings = {});
    /// Has these samples looked at and brings the Datasets page forward, whose grid shows them.
    void showDatasetFiltered(const DatasetRequest& request);
    /// Brings the Runs page forward with this run open.
    void showRun(RunId run);
    /// Brings the Diptych page forward with two runs beside each other, or more of them in a table.
    void showComparison(const std::vector<RunId>& runs) { Q_EMIT comparisonRequested(runs); }
    /// Brings the Evaluate page forward with dataset and model chosen (either may be none).
    void showEvaluate(DatasetId dataset, ModelId model);
    /// Brings the Evaluate page forward with everything as it was in this run.
    void evaluateAgain(RunId run) { Q_EMIT evaluateAgainRequested(run); }
    /// Called when a run has been stored: changes nothing that is shown, the shell tells of it.
    /// @param what was evaluated, for people
    void announceRun(RunId run, const QString& what) { Q_EMIT runAnnounced(run, what); }
    /// Brings a page forward by its id.
    void showPage(const QString& pageId);
    /// Brings the Search page forward with what is nearest to this sample in @p dataset.
    void showSimilar(SampleId sample, DatasetId dataset) { Q_EMIT similarRequested(sample, dataset); }
    /// Brings the Datasets or Models page forward with its dialog.
    /// @param path what to import or add; empty = ask
    void requestImportDataset(const QString& path = {}) { Q_EMIT importDatasetRequested(path); }
    void requestAddModel(const QString& path = {}) { Q_EMIT addModelRequested(path); }

    /// The last request, for a page that loads only when it comes forward.
    const SampleRequest& lastSampleRequest() const { return m_sampleRequest; }

Q_SIGNALS:
    void workspaceChanged(); ///< another session, or none; ids held from before are void
    void datasetsChanged();
    void modelsChanged();
    void runsChanged();
    void promptsChanged(); ///< those that the workspace keeps under a name
    void tagsChanged();
    void savedViewsChanged();
    void positivesChanged(); ///< captions marked as right for other images
    void currentDatasetChanged(diptych::DatasetId id);
    void currentRunChanged(diptych::RunId id);
    void sampleRequested(const diptych::ui::SampleRequest& request);
    void runRequested(diptych::RunId run);
    void comparisonRequested(const std::vector<diptych::RunId>& runs);
    void evaluateRequested(diptych::DatasetId dataset, diptych::ModelId model);
    void evaluateAgainRequested(diptych::RunId run);
    void runAnnounced(diptych::RunId run, const QString& what);
    void similarRequested(diptych::SampleId sample, diptych::DatasetId dataset);
    void pageRequested(const QString& pageId);
    void selectionCreated(diptych::ui::Selection* selection); ///< of a dataset, for the first time
    void viewCreated(diptych::ui::DatasetView* view);         ///< likewise
    void importDatasetRequested(const QString& path);
    void addModelRequested(const QString& path);

private:
    std::shared_ptr<Session> m_session;
    QString m_workspacePath;
    bool m_readOnly = false;
    DatasetId m_currentDataset;
    SampleId m_currentSample;
    RunId m_currentRun;
    ModelId m_currentModel;
    std::map<DatasetId, std::unique_ptr<Selection>> m_selections;
    std::map<DatasetId, std::unique_ptr<DatasetView>> m_views;
    SampleRequest m_sampleRequest;
};

} // namespace diptych::ui
