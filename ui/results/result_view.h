// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/store/run_record.h"
#include "core/store/workspace.h"
#include "ui/state/dataset_view.h"

#include <QString>
#include <QWidget>

#include <functional>
#include <memory>
#include <vector>

namespace diptych::ui {

class AppState;
class JobRunner;
class SampleActions;
class ThumbnailProvider;

/// What every result view is given; all of it outlives the view.
struct ResultContext {
    AppState& state;
    JobRunner& jobs;
    ThumbnailProvider& thumbnails;
    SampleActions& actions;
};

/// One way to look at a finished run. Shows; computes nothing. GUI thread.
class ResultView : public QWidget {
    Q_OBJECT

public:
    explicit ResultView(const ResultContext& context, QWidget* parent = nullptr)
        : QWidget(parent), m_context(context) {}
    /// @param run whole (with class names and details), never null
    virtual void setRun(std::shared_ptr<const RunRecord> run) = 0;
    /// Whether there is anything to show of @p run; without, its tab is hidden.
    virtual bool suits(const RunRecord& /*run*/) const { return true; }
    /// Shows the examples that pass; views without a list of examples do nothing.
    virtual void setExampleFilter(const ExampleFilter&, const QString& /*title*/) {}
    /// Shows only these examples of the run; likewise.
    virtual void showSamples(SampleList, const QString& /*title*/) {}

Q_SIGNALS:
    /// Somebody wants to see these examples. @p title says what they are.
    void examplesRequested(const diptych::ExampleFilter& filter, const QString& title);
    void samplesRequested(const diptych::ui::SampleList& samples, const QString& title);

protected:
    const ResultContext& context() const { return m_context; }

private:
    ResultContext m_context;
};

/// One line of the table of result views.
struct ResultViewEntry {
    QString id; ///< as tasks name it in TaskInfo::views
    QString title;
    std::function<ResultView*(const ResultContext&)> create;
};

/// Adding a view is one file and one line in registry.cpp.
const std::vector<ResultViewEntry>& resultViewEntries();

} // namespace diptych::ui
