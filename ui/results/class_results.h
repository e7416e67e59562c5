// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/json.h"
#include "core/results/example_result.h"
#include "core/store/run_record.h"
#include "ui/jobs/job_runner.h"
#include "ui/results/result_view.h"

#include <QObject>

#include <memory>
#include <optional>
#include <vector>

namespace diptych::ui {

class RunFilter;

/// What the views of classes show of a run: its stored tables, or, while the dataset is filtered, the same of
/// what the filter leaves; and which example is in which cell. Examples are read when the view is first
/// shown. GUI thread.
class ClassResults : public QObject {
    Q_OBJECT

public:
    /// A sample, its class, and what it was taken for; -1 = none.
    struct Member {
        SampleId sample;
        int target = -1, predicted = -1;
    };

    /// @param view shows them and has @p filter in it
    ClassResults(const ResultContext& context, ResultView& view, RunFilter& filter);
    /// Emits shown() with what is stored.
    void setRun(std::shared_ptr<const RunRecord> run);
    const std::vector<Member>& members() const { return m_members; } ///< in the filter

Q_SIGNALS:
    /// @param details with "classes", "confusion" and, where it is known, "calibration"
    void shown(const diptych::Json& details);
    void membersChanged();

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    void load();

    ResultContext m_context;
    ResultView& m_view;
    RunFilter& m_filter;
    LatestOnly m_loading;
    std::shared_ptr<const RunRecord> m_run;
    std::vector<Member> m_members;
    bool m_stale = false; ///< read when the view is shown
};

} // namespace diptych::ui
