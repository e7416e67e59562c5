// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/results/slice_models.h"

#include "core/metrics/metric_text.h"
#include "core/session/slice_tables.h"
#include "ui/models/formatting.h"
#include "ui/theme/theme.h"
#include "ui/widgets/interval_delegate.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace diptych::ui {

void SlicesModel::setSlices(RunSlices slices) {
    m_whole = std::move(slices.whole);
    QStringList by;
    for (const std::string& title : slices.by)
        by.append(toQString(title));
    m_by = by.join(QStringLiteral(" · "));
    m_low = 0;
    m_high = 1;
    if (m_whole.unit == Unit::Number) {
        m_low = m_high = m_whole.value;
        for (const Slice& slice : slices.slices)
            if (slice.metric.interval) {
                m_low = std::min(m_low, slice.metric.interval->low);
                m_high = std::max(m_high, slice.metric.interval->high);
            }
    }
    setRows(std::move(slices.slices));
    Q_EMIT headerDataChanged(Qt::Horizontal, 0, ColumnCount - 1);
}

QVariant SlicesModel::header(int column) const {
    switch (column) {
    case Name:
        return m_by.isEmpty() ? tr("Slice") : m_by;
    case Count:
        return tr("n");
    case Value:
        return m_whole.name.empty() ? tr("Value") : toQString(metricTitle(m_whole.name));
    case Range:
        return tr("95 % interval");
    case Difference:
        return tr("Less the rest");
    case PValue:
        return tr("p (Holm)");
    default:
        return tr("Verdict");
    }
}

QVariant SlicesModel::cell(const Slice& row, int column, int role) const {
    switch (role) {
    case Qt::DisplayRole:
        return shown(row, column);
    case kSortRole:
        return sorted(row, column);
    case kIntervalRole:
        return column == Range ? interval(row) : QVariant();
    case Qt::ForegroundRole:
        if (row.tooFew)
            return theme::colors().mutedText;
        if (column == Verdict && row.differs)
            return (row.difference.difference < 0) == m_whole.higherIsBetter ? theme::colors().danger
                                                                             : theme::colors().success;
        return {};
    case Qt::ToolTipRole:
        if (column == Name)
            return toQString(row.title());
        if (column == Difference && row.difference.interval)
            return tr("95 % interval of the difference: %1").arg(toQString(differenceIntervalText(row)));
        return column == Value ? QVariant(metricToolTip(m_whole.name)) : QVariant();
    default:
        return {};
    }
}

QVariant SlicesModel::shown(const Slice& row, int column) const {
    switch (column) {
    case Name:
        return toQString(row.title());
    case Count:
        return exactCountText(static_cast<long long>(row.metric.n));
    case Value:
        return toQString(metricValueText(row.metric));
    case Range:
        return toQString(metricIntervalText(row.metric));
    case Difference:
        return toQString(differenceText(row));
    case PValue:
        return toQString(adjustedPText(row));
    default:
        break;
    }
    if (!row.differs)
        return toQString(verdictText(row));
    return (row.difference.difference < 0) == m_whole.higherIsBetter ? tr("worse than the rest")
                                                                     : tr("better than the rest");
}

QVariant SlicesModel::sorted(const Slice& row, int column) const {
    constexpr double kLast = std::numeric_limits<double>::infinity();
    const auto orLast = [](double value) { return std::isnan(value) ? kLast : value; };
    switch (column) {
    case Count:
        return static_cast<qulonglong>(row.metric.n);
    case Value:
        return orLast(row.metric.value);
    case Range:
        return row.metric.interval ? row.metric.interval->low : kLast;
    case Difference:
        return orLast(row.difference.difference);
    case PValue:
        return row.tested ? row.adjustedP : kLast;
    default:
        return shown(row, column);
    }
}

QVariant SlicesModel::interval(const Slice& row) const {
    if (!row.metric.interval || m_high <= m_low)
        return {};
    const auto share = [this](double value) { return (value - m_low) / (m_high - m_low); };
    return QVariant::fromValue(ShownInterval{share(row.metric.interval->low), share(row.metric.value),
                                             share(row.metric.interval->high), share(m_whole.value)});
}

} // namespace diptych::ui
