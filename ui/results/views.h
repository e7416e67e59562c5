// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/results/result_view.h"

namespace diptych::ui {

// One factory a view; each is defined in the file of its name.
ResultView* makeSummaryView(const ResultContext& context);
ResultView* makeClassesView(const ResultContext& context);
ResultView* makeConfusionView(const ResultContext& context);
ResultView* makeCalibrationView(const ResultContext& context);
ResultView* makeThresholdsView(const ResultContext& context);
ResultView* makePublishedView(const ResultContext& context);
ResultView* makeCurvesView(const ResultContext& context);
ResultView* makeTablesView(const ResultContext& context);
ResultView* makeRankingView(const ResultContext& context);
ResultView* makePairsView(const ResultContext& context);
ResultView* makeGroupsView(const ResultContext& context);
ResultView* makeSlicesView(const ResultContext& context);
ResultView* makeProtocolView(const ResultContext& context);
ResultView* makeExamplesView(const ResultContext& context);

} // namespace diptych::ui
