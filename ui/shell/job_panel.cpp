// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/shell/job_panel.h"

#include "ui/models/formatting.h"
#include "ui/theme/theme.h"
#include "ui/widgets/elided_label.h"

#include <QElapsedTimer>
#include <QHBoxLayout>
#include <QLabel>
#include <QPainter>
#include <QProgressBar>
#include <QTimer>
#include <QToolButton>
#include <QVBoxLayout>

#include <cmath>
#include <utility>

namespace diptych::ui {

namespace {
constexpr int kBarSteps = 1000;
constexpr int kTitleWidth = 220, kBarWidth = 240;
// What is over sooner would only make the window jump.
constexpr int kDelayMs = 250;
constexpr double kWorthSayingSeconds = 1;
} // namespace

QString progressText(const ProgressUpdate& progress) {
    QStringList parts;
    if (!progress.stage.empty())
        parts << toQString(progress.stage);
    if (progress.total > 0)
        parts << JobPanel::tr("%1 of %2").arg(exactCountText(progress.done), exactCountText(progress.total));
    else if (progress.done > 0)
        parts << exactCountText(progress.done);
    if (progress.itemsPerSecond > 0)
        parts << JobPanel::tr("%1/s").arg(rateText(progress.itemsPerSecond));
    if (progress.secondsLeft >= 1)
        parts << (progress.secondsLeft < 60
                      ? JobPanel::tr("%1 s left").arg(std::lround(progress.secondsLeft))
                      : JobPanel::tr("%1 left").arg(durationText(std::round(progress.secondsLeft))));
    if (!progress.message.empty())
        parts << toQString(progress.message);
    return parts.join(QStringLiteral("  ·  "));
}

/// One job of the panel.
class JobRow : public QWidget {
public:
    JobRow(JobRunner& jobs, JobId id, QWidget* parent)
        : QWidget(parent),
          m_title(new QLabel(this)),
          m_detail(new ElidedLabel(Qt::ElideRight, this)),
          m_bar(new QProgressBar(this)),
          m_sooner(new QToolButton(this)),
          m_later(new QToolButton(this)),
          m_cancel(new QToolButton(this)) {
        m_title->setFixedWidth(kTitleWidth);
        m_title->setTextFormat(Qt::PlainText);
        QFont bold = font();
        bold.setWeight(QFont::DemiBold);
        m_title->setFont(bold);
        m_detail->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
        m_detail->setForegroundRole(QPalette::PlaceholderText);
        m_bar->setTextVisible(false);
        m_bar->setFixedWidth(kBarWidth);
        m_cancel->setIcon(theme::icon(QStringLiteral("close")));
        m_cancel->setObjectName(QStringLiteral("cancelJob"));
        auto* row = new QHBoxLayout(this);
        row->setContentsMargins(0, 0, 0, 0);
        row->setSpacing(theme::kMedium);
        row->addWidget(m_title);
        row->addWidget(m_detail, 1);
        row->addWidget(m_bar);
        row->addWidget(m_sooner);
        row->addWidget(m_later);
        row->addWidget(m_cancel);
        m_sooner->setIcon(theme::icon(QStringLiteral("chevron-up")));
        m_sooner->setObjectName(QStringLiteral("jobSooner"));
        m_later->setIcon(theme::icon(QStringLiteral("chevron-down")));
        m_later->setObjectName(QStringLiteral("jobLater"));
        connect(m_sooner, &QToolButton::clicked, this, [&jobs, id] { jobs.moveQueued(id, -1); });
        connect(m_later, &QToolButton::clicked, this, [&jobs, id] { jobs.moveQueued(id, 1); });
        setPlace(-1, 0);
        connect(m_cancel, &QToolButton::clicked, this, [this, &jobs, id] {
            m_cancel->setEnabled(false);
            m_detail->setText(JobPanel::tr("Stopping…"));
            jobs.cancel(id);
        });
        m_elapsed.start();
    }

    void show(const JobEvent& event) {
        const QString title = m_title->fontMetrics().elidedText(event.title, Qt::ElideRight, kTitleWidth);
        m_title->setText(title);
        m_title->setToolTip(event.title);
        m_cancel->setToolTip(JobPanel::tr("Stop %1").arg(event.title));
        m_cancel->setAccessibleName(m_cancel->toolTip());
        m_sooner->setToolTip(JobPanel::tr("Run %1 sooner").arg(event.title));
        m_sooner->setAccessibleName(m_sooner->toolTip());
        m_later->setToolTip(JobPanel::tr("Run %1 later").arg(event.title));
        m_later->setAccessibleName(m_later->toolTip());
        m_bar->setAccessibleName(event.title);
        if (!m_cancel->isEnabled())
            return;
        m_detail->setText(event.state == JobState::Queued ? JobPanel::tr("Waiting")
                                                          : progressText(event.progress));
        m_detail->setToolTip(m_detail->text());
        if (event.progress.total > 0) {
            m_bar->setRange(0, kBarSteps);
            m_bar->setValue(static_cast<int>(kBarSteps * event.progress.done / event.progress.total));
        } else {
            // Not known: a moving bar once it runs, an empty one before.
            m_bar->setRange(0, event.state == JobState::Queued ? kBarSteps : 0);
            m_bar->setValue(0);
        }
    }
    /// @param place in the queue of those that wait, from 0; -1 = does not wait there
    void setPlace(int place, int waiting) {
        for (QToolButton* button : {m_sooner, m_later})
            button->setVisible(place >= 0 && waiting > 1);
        m_sooner->setEnabled(place > 0);
        m_later->setEnabled(place + 1 < waiting);
    }
    double seconds() const { return static_cast<double>(m_elapsed.elapsed()) / 1000.0; }

private:
    QLabel* m_title;
    QLabel* m_detail;
    QProgressBar* m_bar;
    QToolButton *m_sooner, *m_later, *m_cancel;
    QElapsedTimer m_elapsed;
};

JobPanel::JobPanel(JobRunner& jobs, QWidget* parent)
    : QFrame(parent), m_jobs(jobs), m_column(new QVBoxLayout(this)) {
    setObjectName(QStringLiteral("jobPanel"));
    setFrameShape(NoFrame);
    setAccessibleName(tr("Jobs"));
    m_column->setContentsMargins(theme::kHuge, theme::kSmall, theme::kLarge, theme::kSmall);
    m_column->setSpacing(theme::kTiny);
    connect(&jobs, &JobRunner::event, this, &JobPanel::handle);
    connect(&jobs, &JobRunner::queueChanged, this, &JobPanel::orderRows);
    hide();
}

void JobPanel::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    painter.setPen(theme::colors().border);
    painter.drawLine(0, 0, width(), 0);
}

/// What runs first, in the order started, then what waits, in the order it will run.
void JobPanel::orderRows() {
    const std::vector<JobId> queue = m_jobs.queue();
    for (JobRow* row : std::as_const(m_rows))
        row->setPlace(-1, 0);
    for (size_t i = 0; i < queue.size(); ++i) {
        JobRow* row = m_rows.value(queue[i]);
        if (!row)
            continue;
        m_column->removeWidget(row);
        m_column->addWidget(row);
        row->setPlace(static_cast<int>(i), static_cast<int>(queue.size()));
    }
}

void JobPanel::handle(const JobEvent& event) {
    if (!event.shown)
        return;
    const bool over = event.state != JobState::Queued && event.state != JobState::Running;
    JobRow* row = m_rows.value(event.id);
    if (over) {
        if (!row)
            return;
        if (event.state == JobState::Finished && row->seconds() >= kWorthSayingSeconds)
            Q_EMIT ended(tr("%1: finished in %2").arg(event.title, durationText(row->seconds())));
        else if (event.state == JobState::Cancelled)
            Q_EMIT ended(tr("%1: stopped").arg(event.title));
        m_rows.remove(event.id);
        delete row;
        if (m_rows.isEmpty())
            hide();
        return;
    }
    if (!row) {
        row = new JobRow(m_jobs, event.id, this);
        m_rows.insert(event.id, row);
        m_column->addWidget(row);
        row->setVisible(false);
        QTimer::singleShot(kDelayMs, row, [this, row] {
            row->setVisible(true);
            setVisible(true);
        });
    }
    row->show(event);
}

} // namespace diptych::ui
