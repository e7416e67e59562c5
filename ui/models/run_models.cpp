// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/run_models.h"

#include "core/metrics/metric_text.h"
#include "core/tasks/run_task.h"
#include "core/tasks/task.h"
#include "ui/models/formatting.h"
#include "ui/theme/theme.h"

#include <QLocale>

#include <algorithm>
#include <cmath>
#include <utility>

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
    return headlineMetric(run);
}

void RunsModel::setRows(std::vector<RunRecord> runs) {
    m_asked = runColumns(runs);
    TableModel::setRows(std::move(runs));
}

QString RunsModel::columnId(int column) const {
    static const char* const kIds[FixedCount] = {"number",  "star",     "name",     "task",     "dataset",
                                                 "model",   "result",   "interval", "examples", "precision",
                                                 "started", "duration", "note"};
    return column < FixedCount ? QLatin1String(kIds[column]) : toQString("asked-" + asked(column).id);
}

bool RunsModel::isShownByItself(int column) const {
    const auto any = [&](auto&& holds) {
        for (int i = 0; i < rowCount(); ++i)
            if (holds(row(i)))
                return true;
        return false;
    };
    if (column == Name)
        return any([](const RunRecord& run) { return !run.marks.name.empty(); });
    if (column == Note)
        return any([](const RunRecord& run) { return !run.marks.note.empty(); });
    if (column == Precision) // where all are alike, the room is the task's
        return any([&](const RunRecord& run) {
            return run.precision != row(0).precision || run.device != row(0).device;
        });
    if (column < FixedCount)
        return true;
    const RunColumn& wanted = asked(column);
    return wanted.differs && (wanted.id == "prompts" || wanted.id == "split" || wanted.id == "labels");
}

Qt::ItemFlags RunsModel::flags(const QModelIndex& index) const {
    const Qt::ItemFlags flags = TableModel::flags(index);
    const bool editable = m_editable && (index.column() == Name || index.column() == Note);
    return editable ? flags | Qt::ItemIsEditable : flags;
}

bool RunsModel::setData(const QModelIndex& index, const QVariant& value, int role) {
    if (role != Qt::EditRole || !(flags(index) & Qt::ItemIsEditable))
        return false;
    const std::string text = value.toString().toStdString();
    const RunRecord& run = row(index.row());
    if (text == (index.column() == Name ? run.marks.name : run.marks.note))
        return true;
    RunMarksEdit edit;
    (index.column() == Name ? edit.name : edit.note) = text;
    Q_EMIT marksEdited(run.id, edit);
    return true;
}

QVariant RunsModel::header(int column) const {
    if (column >= FixedCount)
        return toQString(asked(column).title);
    switch (column) {
    case Number:
        return tr("Run");
    case Star:
        return QStringLiteral("★");
    case Name:
        return tr("Name");
    case Note:
        return tr("Note");
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

QVariant RunsModel::askedCell(const RunRecord& run, int column, int role) const {
    // Runs come in the order of the rows, whose address says which it is.
    const auto index = static_cast<size_t>(&run - &row(0));
    const QString text = toQString(asked(column).values[index]);
    constexpr int kMostShown = 60;
    if (role == Qt::DisplayRole && text.size() > kMostShown)
        return QString(text.left(kMostShown) + QStringLiteral("…"));
    if (role == Qt::ToolTipRole || role == Qt::DisplayRole)
        return text;
    if (role != kSortRole)
        return {};
    bool number = false;
    const double value = text.toDouble(&number);
    return number ? QVariant(value) : QVariant(text);
}

QVariant RunsModel::markCell(const RunMarks& marks, int column, int role) const {
    if (column == Star) {
        if (role == Qt::DisplayRole)
            return marks.starred ? QStringLiteral("★") : m_editable ? QStringLiteral("☆") : QString();
        if (role == Qt::ToolTipRole)
            return marks.starred ? tr("Starred; click to take the star away") : tr("Click to give it a star");
        if (role == Qt::AccessibleTextRole)
            return marks.starred ? tr("Starred") : tr("No star");
        return role == kSortRole ? QVariant(marks.starred) : QVariant();
    }
    const QString text = toQString(column == Name ? marks.name : marks.note);
    if (role == Qt::EditRole || role == kSortRole || role == Qt::ToolTipRole)
        return text;
    return role == Qt::DisplayRole ? QVariant(text.simplified()) : QVariant();
}

QVariant RunsModel::cell(const RunRecord& run, int column, int role) const {
    if (column == Star || column == Name || column == Note)
        return markCell(run.marks, column, role);
    if (column >= FixedCount)
        return askedCell(run, column, role);
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
