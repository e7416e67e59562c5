// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/jobs/job_runner.h"
#include "ui/models/sample_facts.h"
#include "ui/models/thumbnail_provider.h"
#include "ui/pages/page.h"
#include "ui/state/app_state.h"
#include "ui/state/filter_history.h"
#include "ui/state/sample_edits.h"
#include "ui/state/selection_history.h"
#include "ui/state/settings.h"
#include "ui/state/view_loader.h"
#include "ui/widgets/sample_actions.h"

namespace diptych::ui {

/// What the window is built on; made before it and destroyed after it. Members in the order they depend on
/// each other.
struct Services {
    explicit Services(const QString& settingsFile = {})
        : settings(settingsFile),
          thumbnails(state, jobs),
          edits(state, jobs),
          selections(state, edits.undoStack()),
          filters(state, edits.undoStack()),
          views(state, jobs),
          facts(state, jobs),
          actions(state, jobs, edits, facts, settings) {}
    ~Services() { jobs.shutdown(); }

    Settings settings;
    JobRunner jobs;
    AppState state;
    ThumbnailProvider thumbnails;
    SampleEdits edits;
    SelectionHistory selections;
    FilterHistory filters;
    ViewLoader views;
    SampleFacts facts;
    SampleActions actions;

    PageContext pageContext() { return {state, jobs, thumbnails, settings, actions}; }
};

} // namespace diptych::ui
