// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/results/published_models.h"

#include "core/metrics/metric_text.h"
#include "ui/models/formatting.h"
#include "ui/theme/theme.h"

namespace diptych::ui {

QVariant KnownCausesModel::header(int column) const {
    const QString titles[] = {tr("Known cause"), tr("State"), tr("In this run")};
    return titles[column];
}

QVariant KnownCausesModel::cell(const KnownCause& row, int column, int role) const {
    if (role == Qt::ForegroundRole && column == State)
        return row.state == KnownCause::State::Differs ? QVariant(theme::colors().danger)
               : row.state == KnownCause::State::Same  ? QVariant(theme::colors().success)
                                                       : QVariant(theme::colors().mutedText);
    if (role == kSortRole && column == State)
        return static_cast<int>(row.state == KnownCause::State::Differs   ? 0
                                : row.state == KnownCause::State::Unknown ? 1
                                                                          : 2);
    if (role != Qt::DisplayRole && role != Qt::ToolTipRole && role != kSortRole)
        return {};
    switch (column) {
    case Title:
        return toQString(row.title);
    case State:
        return row.state == KnownCause::State::Differs ? tr("differs")
               : row.state == KnownCause::State::Same  ? tr("same")
                                                       : tr("compare");
    default:
        return toQString(row.finding);
    }
}

void ProtocolsModel::setMetrics(std::vector<Metric> metrics) {
    beginResetModel();
    m_metrics = std::move(metrics);
    endResetModel();
}

const Metric* ProtocolsModel::metricOf(const ProtocolResult& row, int column) const {
    return column < 1 || column >= gainedColumn()
               ? nullptr
               : findMetric(row.metrics, m_metrics[static_cast<size_t>(column - 1)].name);
}

QVariant ProtocolsModel::header(int column) const {
    if (column == 0)
        return tr("Counted as");
    if (column < gainedColumn())
        return toQString(metricTitle(m_metrics[static_cast<size_t>(column - 1)].name));
    return column == gainedColumn() ? tr("Better") : tr("Worse");
}

QVariant ProtocolsModel::cell(const ProtocolResult& row, int column, int role) const {
    const Metric* metric = metricOf(row, column);
    if (role == Qt::ToolTipRole && column == 0)
        return toQString(row.source);
    if (role == kSortRole && metric)
        return metric->value;
    const auto& flips = column == gainedColumn() ? row.gained : row.lost;
    if (role == kSortRole && column >= gainedColumn())
        return static_cast<qulonglong>(flips.size());
    if (role != Qt::DisplayRole && role != kSortRole)
        return {};
    if (column == 0)
        return toQString(row.title);
    if (column < gainedColumn())
        return metric ? toQString(metricValueText(*metric)) : QStringLiteral("–");
    return row.id.empty() ? QString() : exactCountText(static_cast<long long>(flips.size()));
}

} // namespace diptych::ui
