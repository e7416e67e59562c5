// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/jobs/job_runner.h"
#include "ui/results/positives_dialog.h"
#include "ui/results/result_view.h"

#include <QPointer>

#include <optional>

class QPushButton;

namespace diptych::ui {

class ElidedLabel;

/// A bar for a view of a retrieval run: marks the hit that is looked at as right although the dataset does
/// not say so, or takes that back (key R), says what the marks change and lists them.
class PositiveMarks : public QWidget {
    Q_OBJECT

public:
    /// @param view where the key works
    PositiveMarks(const ResultContext& context, QWidget* view);
    void setRun(std::shared_ptr<const RunRecord> run);
    /// The hit that is looked at; none where there is none, or it is right by the dataset.
    void setCandidate(std::optional<PositivePair> pair);
    bool isMarked(const PositivePair& pair) const;

Q_SIGNALS:
    void changed(); ///< other captions are marked, or they have been loaded

private:
    void load();
    void toggle();
    void showDialog();
    void refresh();
    bool writable() const;

    ResultContext m_context;
    LatestOnly m_loading;
    std::shared_ptr<const RunRecord> m_run;
    ShownPositives m_shown;
    std::optional<PositivePair> m_candidate;
    ElidedLabel* m_summary;
    QPushButton *m_mark, *m_list;
    QPointer<PositivesDialog> m_dialog;
};

} // namespace diptych::ui
