// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/facet_model.h"

#include "ui/models/formatting.h"

#include <algorithm>
#include <numeric>

namespace diptych::ui {

namespace {

/// An index below a facet holds its facet; a facet's own holds this.
constexpr quintptr kTop = std::numeric_limits<quintptr>::max();

int64_t largest(const Facet& facet) {
    int64_t most = 1;
    for (const FacetValue& value : facet.values)
        most = std::max(most, value.total);
    return most;
}

} // namespace

QString FacetModel::titleOf(const Facet& facet) const {
    switch (facet.kind) {
    case FacetKind::Class:
        return tr("Class");
    case FacetKind::Split:
        return tr("Split");
    case FacetKind::Tag:
        return tr("Tag");
    case FacetKind::Column:
        return toQString(facet.name);
    case FacetKind::Verdict:
        return tr("Right or wrong");
    case FacetKind::Prediction:
        return tr("Prediction");
    case FacetKind::Confidence:
        return tr("Confidence");
    }
    return {};
}

QString FacetModel::key(const Facet& facet) {
    return QString::number(static_cast<int>(facet.kind)) + QLatin1Char(':') + toQString(facet.name);
}

QString FacetModel::valueText(const Facet& facet, const FacetValue& value) {
    if (facet.kind == FacetKind::Verdict)
        return value.index == 1 ? tr("✓ right") : tr("✗ wrong");
    if (!value.text.empty())
        return toQString(value.text).simplified();
    switch (facet.kind) {
    case FacetKind::Class:
        return tr("without class");
    case FacetKind::Split:
        return tr("without split");
    case FacetKind::Tag:
        return tr("without tag");
    case FacetKind::Prediction:
        return tr("no prediction");
    default:
        return tr("empty");
    }
}

std::vector<int> FacetModel::listedOf(const Facet& facet) const {
    std::vector<int> rows(facet.values.size());
    std::iota(rows.begin(), rows.end(), 0);
    const auto value = [&](int row) -> const FacetValue& { return facet.values[static_cast<size_t>(row)]; };
    if (!m_find.isEmpty()) {
        if (!titleOf(facet).contains(m_find, Qt::CaseInsensitive))
            std::erase_if(rows, [&](int row) {
                return !valueText(facet, value(row)).contains(m_find, Qt::CaseInsensitive);
            });
        return rows;
    }
    if (rows.size() <= kFewValues + 1 || m_whole.contains(key(facet))) // a line for one more saves none
        return rows;
    std::vector<int> byTotal = rows;
    std::stable_sort(byTotal.begin(), byTotal.end(),
                     [&](int a, int b) { return value(a).total > value(b).total; });
    byTotal.resize(kFewValues);
    std::erase_if(rows, [&](int row) {
        return !value(row).chosen && std::find(byTotal.begin(), byTotal.end(), row) == byTotal.end();
    });
    return rows;
}

std::vector<std::vector<int>> FacetModel::listed(const FacetCounts& counts) const {
    std::vector<std::vector<int>> rows;
    for (const Facet& facet : counts.facets)
        rows.push_back(listedOf(facet));
    return rows;
}

bool FacetModel::hasMore(size_t facet) const {
    return m_find.isEmpty() && m_rows[facet].size() < m_counts.facets[facet].values.size();
}

bool FacetModel::sameLines(const FacetCounts& counts, const std::vector<std::vector<int>>& rows) const {
    if (rows != m_rows || counts.facets.size() != m_counts.facets.size())
        return false;
    for (size_t f = 0; f < rows.size(); ++f) {
        const Facet &now = counts.facets[f], &before = m_counts.facets[f];
        if (key(now) != key(before) || now.values.size() != before.values.size() ||
            now.histogram.has_value() != before.histogram.has_value())
            return false;
        for (size_t v = 0; v < now.values.size(); ++v)
            if (now.values[v].text != before.values[v].text || now.values[v].index != before.values[v].index)
                return false;
    }
    return true;
}

void FacetModel::setCounts(FacetCounts counts) {
    auto rows = listed(counts);
    if (!sameLines(counts, rows)) {
        beginResetModel();
        m_counts = std::move(counts);
        m_rows = std::move(rows);
        endResetModel();
        return;
    }
    m_counts = std::move(counts);
    for (int f = 0; f < rowCount(); ++f) {
        const QModelIndex facet = index(f, 0);
        Q_EMIT dataChanged(facet, facet);
        if (const int lines = rowCount(facet); lines > 0)
            Q_EMIT dataChanged(index(0, 0, facet), index(lines - 1, 0, facet));
    }
}

void FacetModel::find(const QString& text) {
    beginResetModel();
    m_find = text.trimmed();
    m_rows = listed(m_counts);
    endResetModel();
}

const Facet* FacetModel::facetOf(const QModelIndex& index) const {
    if (!index.isValid())
        return nullptr;
    const auto facet = index.internalId() == kTop ? static_cast<size_t>(index.row())
                                                  : static_cast<size_t>(index.internalId());
    return &m_counts.facets[facet];
}

const FacetValue* FacetModel::valueOf(const QModelIndex& index) const {
    const Facet* facet = facetOf(index);
    if (!facet || index.internalId() == kTop)
        return nullptr;
    const std::vector<int>& rows = m_rows[static_cast<size_t>(index.internalId())];
    const auto row = static_cast<size_t>(index.row());
    return row < rows.size() ? &facet->values[static_cast<size_t>(rows[row])] : nullptr;
}

QString FacetModel::keyOf(const QModelIndex& index) const {
    const Facet* facet = facetOf(index);
    return facet ? key(*facet) : QString();
}

QModelIndex FacetModel::index(int row, int column, const QModelIndex& parent) const {
    if (!hasIndex(row, column, parent))
        return {};
    return createIndex(row, column, parent.isValid() ? static_cast<quintptr>(parent.row()) : kTop);
}

QModelIndex FacetModel::parent(const QModelIndex& index) const {
    if (!index.isValid() || index.internalId() == kTop)
        return {};
    return createIndex(static_cast<int>(index.internalId()), 0, kTop);
}

int FacetModel::rowCount(const QModelIndex& parent) const {
    if (!parent.isValid())
        return static_cast<int>(m_counts.facets.size());
    if (parent.internalId() != kTop)
        return 0;
    const auto facet = static_cast<size_t>(parent.row());
    if (m_counts.facets[facet].histogram)
        return 1;
    return static_cast<int>(m_rows[facet].size()) + (hasMore(facet) ? 1 : 0);
}

Qt::ItemFlags FacetModel::flags(const QModelIndex& index) const {
    Qt::ItemFlags flags = QAbstractItemModel::flags(index);
    if (valueOf(index))
        flags |= Qt::ItemIsUserCheckable;
    return flags;
}

QVariant FacetModel::data(const QModelIndex& index, int role) const {
    const Facet* facet = facetOf(index);
    if (!facet)
        return {};
    const FacetValue* value = valueOf(index);
    const bool top = index.internalId() == kTop;
    const RowKind kind = top ? FacetRow : value ? ValueRow : facet->histogram ? HistogramRow : MoreRow;
    if (role == KindRole)
        return kind;
    if (!value) {
        const QString title = titleOf(*facet);
        if (role != Qt::DisplayRole && role != Qt::AccessibleTextRole)
            return {};
        if (kind == MoreRow)
            return tr("All %1 values…").arg(exactCountText(static_cast<long long>(facet->values.size())));
        const bool cut = facet->distinct > static_cast<int64_t>(facet->values.size()) && !facet->histogram;
        return cut && top ? tr("%1 (the first %2 of %3)")
                                .arg(title)
                                .arg(facet->values.size())
                                .arg(exactCountText(facet->distinct))
                          : title;
    }
    const QString text = valueText(*facet, *value);
    switch (role) {
    case Qt::DisplayRole:
        return text;
    case Qt::CheckStateRole:
        return value->chosen ? Qt::Checked : Qt::Unchecked;
    case CountRole:
        return static_cast<qlonglong>(value->count);
    case TotalRole:
        return static_cast<qlonglong>(value->total);
    case ShareRole:
        return static_cast<double>(value->count) / static_cast<double>(largest(*facet));
    case TotalShareRole:
        return static_cast<double>(value->total) / static_cast<double>(largest(*facet));
    case Qt::ToolTipRole:
    case Qt::AccessibleTextRole:
        return tr("%1: %2 of %3 images")
            .arg(text, exactCountText(value->count), exactCountText(value->total));
    default:
        return {};
    }
}

bool FacetModel::setData(const QModelIndex& index, const QVariant& value, int role) {
    const Facet* facet = facetOf(index);
    if (!facet || role != Qt::CheckStateRole)
        return false;
    if (index.data(KindRole).toInt() == MoreRow) {
        beginResetModel();
        m_whole.insert(key(*facet));
        m_rows = listed(m_counts);
        endResetModel();
        return true;
    }
    const FacetValue* changed = valueOf(index);
    if (!changed)
        return false;
    Q_EMIT chosen(*facet, *changed, value.toInt() == Qt::Checked); // the counts that follow show it
    return true;
}

} // namespace diptych::ui
