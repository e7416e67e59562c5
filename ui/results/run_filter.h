// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/store/run_record.h"
#include "ui/jobs/job_runner.h"
#include "ui/results/result_view.h"
#include "ui/state/dataset_view.h"

#include <QFrame>
#include <QPointer>

class QToolButton;

namespace diptych::ui {

class ElidedLabel;

/// The filter of a run's dataset as a result view has it: which samples it leaves, and a line that says so
/// ("Filtered: 12 of 360 examples · class cat") with a button that takes the filter away, in every view.
/// Hidden while there is none. GUI thread.
class RunFilter : public QFrame {
    Q_OBJECT

public:
    explicit RunFilter(const ResultContext& context, QWidget* parent = nullptr);
    void setRun(const RunRecord& run);
    /// The samples that the filter leaves, for a worker too; null = all, there is no filter. While the answer
    /// to a change is awaited, those of before.
    const SampleList& members() const { return m_members; }
    bool contains(SampleId sample) const;
    bool containsAny(std::span<const SampleId> samples) const;
    /// @param what is counted, as in "12 of 360 examples"
    void setCount(size_t shown, size_t of, const QString& what);
    /// Where the view cannot follow the filter. @param what is shown instead, and why
    void setUnfiltered(const QString& what);

Q_SIGNALS:
    void changed(); ///< it leaves other samples

private:
    void take();
    void describeFilter();
    void showLine();

    ResultContext m_context;
    LatestOnly m_describing;
    QPointer<DatasetView> m_view;
    SampleList m_members;
    std::vector<SampleId> m_sorted; ///< m_members, ascending
    QString m_count, m_unfiltered, m_words, m_failed;
    ElidedLabel* m_text;
    QToolButton* m_clear;
};

} // namespace diptych::ui
