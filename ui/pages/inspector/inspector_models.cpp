// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/inspector/inspector_models.h"

#include "ui/models/formatting.h"
#include "ui/theme/theme.h"
#include "ui/widgets/bar_delegate.h"

namespace diptych::ui {

QString classNameOf(const std::vector<std::string>& names, int index) {
    return index >= 0 && index < static_cast<int>(names.size()) ? toQString(names[static_cast<size_t>(index)])
                                                                : QStringLiteral("–");
}

QVariant PredictionsModel::header(int column) const {
    return column == Name ? tr("Prediction") : tr("Probability");
}

QVariant PredictionsModel::cell(const PredictionRow& row, int column, int role) const {
    if (role == kBarRole && column == Score)
        return row.score;
    if (role == Qt::ForegroundRole && column == Name && row.right)
        return theme::colors().success;
    if (role == kSortRole && column == Score)
        return row.score;
    if (role != Qt::DisplayRole && role != kSortRole)
        return {};
    if (column == Score)
        return shareText(row.score);
    return row.right ? tr("✓ %1").arg(row.name) : row.name;
}

QVariant SampleRunsModel::header(int column) const {
    switch (column) {
    case Number:
        return tr("Run");
    case Prediction:
        return tr("Prediction");
    case Score:
        return tr("Score");
    case Verdict:
        return tr("Verdict");
    case Model:
        return tr("Model");
    default:
        return tr("Task");
    }
}

QVariant SampleRunsModel::cell(const SampleRun& row, int column, int role) const {
    const ExampleResult& result = row.result;
    if (role == Qt::ForegroundRole && column == Verdict && result.correct)
        return *result.correct ? theme::colors().success : theme::colors().danger;
    if (role == kSortRole && column == Number)
        return QVariant::fromValue<qlonglong>(row.run.id.value);
    if (role == Qt::ToolTipRole && (column == Model || column == Task))
        return cell(row, column, Qt::DisplayRole); // which may be cut off
    if (role != Qt::DisplayRole && role != kSortRole)
        return {};
    switch (column) {
    case Number:
        return QVariant::fromValue<qlonglong>(row.run.id.value);
    case Task:
        return toQString(row.run.title.empty() ? row.run.task : row.run.title);
    case Model:
        return toQString(row.run.modelName);
    case Prediction:
        return result.predictions.empty() ? QStringLiteral("–")
                                          : classNameOf(row.classNames, result.predictions.front().index);
    case Score:
        return result.predictions.empty() ? QString()
                                          : shareText(static_cast<double>(result.predictions.front().score));
    default:
        break;
    }
    // The verdict is left.
    if (result.status != ExampleStatus::Ok)
        return toQString(result.message);
    return !result.correct ? QString() : *result.correct ? tr("✓ right") : tr("✗ wrong");
}

} // namespace diptych::ui
