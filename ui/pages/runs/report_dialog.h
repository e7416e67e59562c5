// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/session/report_builder.h"
#include "ui/jobs/job_runner.h"

#include <QDialog>
#include <QTimer>

#include <map>
#include <memory>
#include <vector>

class QComboBox;
class QLineEdit;
class QListWidget;
class QListWidgetItem;
class QPlainTextEdit;
class QPushButton;
class QSpinBox;

namespace diptych::ui {

class ErrorBanner;
class ReportPreview;

/// What a report dialog starts with.
struct ReportChoice {
    std::vector<RunRecord> runs;    ///< all there are, as in lists
    std::vector<RunId> chosen;      ///< those ticked
    std::vector<SampleId> selected; ///< images selected in the data set; may be none
    std::vector<SampleId> filtered; ///< what its filter leaves; empty where it leaves all
};

/// Chooses what a report holds, with its pages beside the choice as they would be printed, and saves or
/// prints it.
class ReportDialog : public QDialog {
    Q_OBJECT
public:
    ReportDialog(std::shared_ptr<Session> session, JobRunner& jobs, ReportChoice choice, QWidget* parent);
    ~ReportDialog() override;
    /// In the form that the file's ending asks for.
    void saveTo(const QString& file);

Q_SIGNALS:
    void saved(const QString& file);

private:
    QWidget* buildChoices();
    QWidget* buildExamples();
    void listRuns();
    void listSections();
    std::vector<RunId> chosenRuns() const;
    FullReportOptions options() const;
    std::vector<SheetRule> sheets() const;
    void showComment(QListWidgetItem* section);
    void later(); ///< the preview follows when the choice rests
    void updatePreview();
    void save();
    void print();

    std::shared_ptr<Session> m_session;
    JobRunner& m_jobs;
    ReportChoice m_choice;
    LatestOnly m_making, m_saving;
    QTimer m_rest;
    std::map<std::string, std::string> m_comments;
    std::shared_ptr<const ReportModel> m_report; ///< as shown; null while it is made
    QLineEdit *m_title, *m_slices;
    QListWidget *m_runs, *m_sections;
    QPlainTextEdit* m_comment;
    QComboBox* m_rule;
    QSpinBox *m_count, *m_seed;
    ReportPreview* m_preview;
    ErrorBanner* m_notice;
    QPushButton *m_save, *m_print;
};

} // namespace diptych::ui
