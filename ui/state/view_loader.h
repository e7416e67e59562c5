// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/jobs/job_runner.h"

#include <QHash>
#include <QObject>

#include <memory>

namespace diptych::ui {

class AppState;
class DatasetView;

/// Finds the samples of every DatasetView in the background, again whenever the view or what it asks about
/// changes. GUI thread only.
class ViewLoader : public QObject {
    Q_OBJECT
public:
    /// Both outlive this.
    ViewLoader(AppState& state, JobRunner& jobs, QObject* parent = nullptr);
    ~ViewLoader() override;

private:
    void watch(DatasetView* view);
    void load(DatasetView* view);
    void loadAll();

    AppState& m_state;
    JobRunner& m_jobs;
    QHash<DatasetView*, std::shared_ptr<LatestOnly>> m_loading;
};

} // namespace diptych::ui
