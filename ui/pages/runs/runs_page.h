// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/store/run_record.h"
#include "core/store/run_warnings.h"
#include "ui/jobs/job_runner.h"
#include "ui/models/run_models.h"
#include "ui/pages/page.h"
#include "ui/results/result_view.h"

#include <memory>
#include <utility>
#include <vector>

class QLabel;
class QLineEdit;
class QPushButton;
class QSplitter;
class QStackedWidget;
class QTabWidget;

namespace diptych::ui {

class ElidedLabel;
class EmptyState;
class RunListColumns;
class RunNotices;
class ErrorBanner;
class TableView;

/// A run that was deleted, whole, so that it can be brought back.
struct RemovedRun {
    RunRecord run;
    std::vector<ExampleResult> examples;
};

/// All runs, and the one chosen through the views its task offers.
class RunsPage : public Page {
    Q_OBJECT

public:
    explicit RunsPage(const PageContext& context);
    ~RunsPage() override;
    void activated() override;
    void refresh() override;
    void focusSearch() override;
    bool cancel() override;
    /// Result files of CLIP_benchmark, as runs of their own beside the others.
    void importResults(const QStringList& files);
    /// Of the run shown, in the form of the Hateful Memes Challenge (predictionsCsv()).
    void exportPredictions(const QString& file);

private:
    QWidget* buildList();
    QWidget* buildDetails();
    void reload();
    void openRun(RunId id);
    void showRun(std::shared_ptr<const RunRecord> run);
    void rebuildViews(const RunRecord& run);
    void setRuns(std::vector<RunRecord> runs);
    void showPictures(const RunWarning& warning);
    void showExamples(const ExampleFilter& filter, const QString& title);
    void showSamples(const SampleList& samples, const QString& title);
    void selectExamples(const ExampleFilter& filter); ///< in every view of the dataset
    void openReport();                                ///< the dialog, with the runs selected ticked
    void showWritten(const QString& file);
    void choosePredictionsFile();
    std::vector<RunId> selectedRuns() const;
    void compareSelected();
    /// What Report and Delete act on: the runs selected, else the one shown; oldest first.
    std::vector<RunId> chosenRuns() const;
    void updateActions();
    void editMarks(const std::vector<RunId>& runs, const RunMarksEdit& edit);
    void removeSelected();
    void offerUndo();
    void restoreRemoved();

    RunsModel m_runs;
    RunListColumns* m_columns; // Qt parent
    LatestOnly m_loading, m_opening, m_selecting;
    RunId m_wanted;
    bool m_refilling = false; ///< the list is being filled again; what is selected is about to be again
    std::shared_ptr<const RunRecord> m_current;
    QString m_tab;         ///< id of the view that was last chosen
    std::string m_viewsOf; ///< the task whose views there are; empty = numbers alone
    std::vector<std::pair<QString, ResultView*>> m_views; // Qt parent: m_tabs
    QStackedWidget* m_stack;
    QPushButton* m_compare;
    EmptyState* m_empty;
    ErrorBanner* m_notice;
    std::shared_ptr<const std::vector<RemovedRun>> m_removed; ///< by the last Delete, for Undo
    QSplitter* m_splitter;
    QLineEdit* m_search;
    TableView* m_table;
    ElidedLabel *m_title, *m_subtitle;
    RunNotices* m_notices;
    QTabWidget* m_tabs;
    QPushButton *m_import, *m_report, *m_predictions, *m_again, *m_remove;
};

} // namespace diptych::ui
