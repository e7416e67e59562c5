// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/compare/run_choice.h"

#include "core/metrics/metric_text.h"
#include "ui/models/formatting.h"
#include "ui/models/run_models.h"

#include <QComboBox>
#include <QSignalBlocker>

namespace diptych::ui {

QString runChoiceText(const RunRecord& run) {
    QString text = QStringLiteral("%1 · %2 · %3 · %4")
                       .arg(run.id.value)
                       .arg(toQString(run.modelName), toQString(run.datasetName), toQString(run.task));
    if (const Metric* metric = RunsModel::primaryMetric(run))
        text += QStringLiteral(" · ") + toQString(metricValueText(*metric));
    return text;
}

bool isComparable(const RunRecord& run) {
    return run.status != RunStatus::Damaged && run.exampleCount > 0;
}

void offerRuns(QComboBox& box, const std::vector<RunRecord>& runs, const RunRecord* beside) {
    const QSignalBlocker quiet(box);
    const RunId before = chosenRun(box);
    box.clear();
    for (const bool sharing : {true, false})
        for (const RunRecord& run : runs) {
            const bool shares = !beside || (run.datasetId && run.datasetId == beside->datasetId);
            if (isComparable(run) && shares == sharing && (!beside || run.id != beside->id))
                box.addItem(runChoiceText(run), QVariant::fromValue<qlonglong>(run.id.value));
        }
    box.setCurrentIndex(box.findData(QVariant::fromValue<qlonglong>(before.value)));
}

RunId chosenRun(const QComboBox& box) {
    return {box.currentData().toLongLong()};
}

std::pair<RunId, RunId> likelyPair(const std::vector<RunRecord>& runs) {
    for (const bool sameTask : {true, false})
        for (size_t later = 0; later < runs.size(); ++later) // newest first
            for (size_t earlier = later + 1; earlier < runs.size(); ++earlier) {
                const RunRecord &a = runs[earlier], &b = runs[later];
                if (isComparable(a) && isComparable(b) && a.datasetId && a.datasetId == b.datasetId &&
                    (!sameTask || a.task == b.task))
                    return {a.id, b.id};
            }
    return {};
}

} // namespace diptych::ui
