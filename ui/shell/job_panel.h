// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/jobs/job_runner.h"

#include <QFrame>
#include <QMap>

class QVBoxLayout;

namespace diptych::ui {

class JobRow;

/// What is under way, at the foot of the window: a line for each job with its progress, rate, time left and a
/// button that stops it; runs that wait can be put in another order. Takes no room while nothing runs.
class JobPanel : public QFrame {
    Q_OBJECT
public:
    explicit JobPanel(JobRunner& jobs, QWidget* parent = nullptr);
    int rowCount() const { return static_cast<int>(m_rows.size()); }

Q_SIGNALS:
    /// A shown job has ended; one line for the status bar.
    void ended(const QString& text);

protected:
    void paintEvent(QPaintEvent*) override;

private:
    void handle(const JobEvent& event);
    void orderRows();

    JobRunner& m_jobs;
    QVBoxLayout* m_column;
    QMap<JobId, JobRow*> m_rows;
};

/// "Encoding images  ·  120 of 360  ·  14.2/s  ·  17 s left"
QString progressText(const ProgressUpdate& progress);

} // namespace diptych::ui
