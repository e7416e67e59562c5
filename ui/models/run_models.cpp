// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/run_models.h"

#include "core/metrics/metric_text.h"
#include "core/tasks/task.h"
#include "ui/models/formatting.h"
#include "ui/theme/theme.h"

#include <QLocale>

#include <algorithm>
#include <cmath>

namespace diptych::ui {
QVariant MetricsModel::header(int column) const {
    switch (column) {
    case Name:
        return tr("Metric");
    case Value:
        return tr("Value");
    case Interval:
        return tr("95 % interval");
    case Chance:
        return tr("Chance");
    default:
        return tr("Examples");
    }
}

QVariant MetricsModel::cell(const Metric& metric, int column, int role) const {
    if (role == Qt::ToolTipRole)
        return metricToolTip(metric.name);
    if (role == kSortRole && column == Value)
        return metric.value;
    if (role == kSortRole && column == Chance)
        return metric.chance.value_or(-1);
    if (role != Qt::DisplayRole && role != kSortRole)
        return {};
    switch (column) {
    case Name:
        return toQString(metricTitle(metric.name));
    case Value:
        return toQString(metricValueText(metric));
    case Interval:
        return toQString(metricIntervalText(metric));
    case Chance:
        return toQString(metricChanceText(metric));
    default:
        return QVariant::fromValue<qulonglong>(metric.n);
    }
}

const Metric* RunsModel::primaryMetric(const RunRecord& run) {
    for (const diptych::Task& task : tasks()) {
        if (task.info.id != run.task)
            continue;
        for (const Metric& metric : run.metrics)
            if (metric.name == task.info.primaryMetric)
                return &metric;
    }
    return run.metrics.empty() ? nullptr : &run.metrics.front();
}

QVariant RunsModel::header(int column) const {
    switch (column) {
    case Number:
        return tr("Run");
    case Task:
        return tr("Task");
    case Dataset:
        return tr("Dataset");
    case Model:
        return tr("Model");
    case Result:
        return tr("Result");
    case Interval:
        return tr("95 % interval");
    case Examples:
        return tr("Examples");
    case Precision:
        return tr("Precision");
    case Started:
        return tr("Started");
    default:
        return tr("Took");
    }
}

QVariant RunsModel::cell(const RunRecord& run, int column, int role) const {
    if (run.status == RunStatus::Damaged && column != Number) {
        if (role == Qt::ToolTipRole)
            return toQString(run.title);
        return role == Qt::DisplayRole && column == Result ? QVariant(tr("damaged")) : QVariant();
    }
    const Metric* metric = primaryMetric(run);
    if (role == kSortRole) {
        switch (column) {
        case Number:
            return QVariant::fromValue<qlonglong>(run.id.value);
        case Result:
            return metric ? metric->value : -1.0;
        case Examples:
            return QVariant::fromValue<qlonglong>(run.exampleCount);
        case Started:
            return toQString(run.startedAt);
        case Duration:
            return run.wallSeconds;
        default:
            break;
        }
    }
    if (column == Examples && run.failureCount > 0) {
        if (role == Qt::DecorationRole)
            return theme::icon(QStringLiteral("alert"));
        if (role == Qt::ToolTipRole)
            return tr("%1 of %2 images could not be read and are not part of the numbers")
                .arg(exactCountText(run.failureCount), exactCountText(run.exampleCount));
        if (role == Qt::DisplayRole)
            return tr("%1, %2 unreadable")
                .arg(QLocale().toString(static_cast<qlonglong>(run.exampleCount)),
                     QLocale().toString(static_cast<qlonglong>(run.failureCount)));
    }
    if (role == Qt::ToolTipRole && (column == Result || column == Interval) && metric)
        return metricToolTip(metric->name);
    if (role == Qt::ToolTipRole && (column == Task || column == Dataset || column == Model))
        return cell(run, column, Qt::DisplayRole); // which may be cut off
    if (role != Qt::DisplayRole && role != kSortRole)
        return {};
    switch (column) {
    case Number:
        return QVariant::fromValue<qlonglong>(run.id.value);
    case Task:
        return toQString(run.title.empty() ? run.task : run.title);
    case Dataset:
        return toQString(run.datasetName);
    case Model:
        return toQString(run.modelName);
    case Result:
        return metric ? toQString(metricValueText(*metric)) : QString();
    case Interval:
        return metric ? toQString(metricIntervalText(*metric)) : QString();
    case Examples:
        return QLocale().toString(static_cast<qlonglong>(run.exampleCount));
    case Precision:
        return toQString(run.precision + ", " + run.device);
    case Started:
        return timeText(run.startedAt);
    default:
        return durationText(run.wallSeconds);
    }
}

QVariant ClassesModel::header(int column) const {
    switch (column) {
    case Name:
        return tr("Class");
    case Support:
        return tr("Images");
    case Recall:
        return tr("Recall");
    case Precision:
        return tr("Precision");
    default:
        return tr("F1");
    }
}

QVariant ClassesModel::cell(const ClassRow& row, int column, int role) const {
    const double value = column == Recall ? row.recall : column == Precision ? row.precision : row.f1;
    const bool share = column == Recall || column == Precision || column == F1;
    if (role == kBarRole)
        return share && std::isfinite(value) ? QVariant(value) : QVariant();
    if (role == kSortRole && share)
        return std::isfinite(value) ? value : -1.0;
    if (role == kSortRole && column == Support)
        return row.support;
    if (role != Qt::DisplayRole && role != kSortRole)
        return {};
    if (column == Name)
        return row.name;
    return column == Support ? QLocale().toString(row.support) : shareText(value);
}

} // namespace diptych::ui
