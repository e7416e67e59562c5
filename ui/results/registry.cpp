// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/results/views.h"

#include <QCoreApplication>

namespace diptych::ui {

const std::vector<ResultViewEntry>& resultViewEntries() {
    const auto tr = [](const char* text) {
        return QCoreApplication::translate("diptych::ui::ResultView", text);
    };
    static const std::vector<ResultViewEntry> entries = {
        {QStringLiteral("summary"), tr("Summary"), makeSummaryView},
        {QStringLiteral("classes"), tr("Classes"), makeClassesView},
        {QStringLiteral("confusion"), tr("Confusion matrix"), makeConfusionView},
        {QStringLiteral("calibration"), tr("Calibration"), makeCalibrationView},
        {QStringLiteral("thresholds"), tr("Thresholds"), makeThresholdsView},
        {QStringLiteral("curves"), tr("Curves"), makeCurvesView},
        {QStringLiteral("tables"), tr("Tables"), makeTablesView},
        {QStringLiteral("ranking"), tr("Ranking"), makeRankingView},
        {QStringLiteral("pairs"), tr("Pairs"), makePairsView},
        {QStringLiteral("groups"), tr("Groups"), makeGroupsView},
        {QStringLiteral("published"), tr("Published numbers"), makePublishedView},
        {QStringLiteral("slices"), tr("Slices"), makeSlicesView},
        {QStringLiteral("examples"), tr("Examples"), makeExamplesView},
        {QStringLiteral("protocol"), tr("Protocol"), makeProtocolView},
    };
    return entries;
}

} // namespace diptych::ui
