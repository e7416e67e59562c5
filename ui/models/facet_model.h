// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/store/facet_table.h"

#include <QAbstractItemModel>
#include <QSet>
#include <QString>

#include <vector>

namespace diptych::ui {

/// Counts as a tree: a line for each facet, below it its values, or one for its histogram. Long facets list
/// their most frequent values until all are asked for.
class FacetModel : public QAbstractItemModel {
    Q_OBJECT
public:
    enum Role {
        CountRole = Qt::UserRole, ///< qlonglong, of what is looked at
        TotalRole,                ///< qlonglong, of the dataset
        ShareRole,                ///< double: CountRole of the facet's largest TotalRole
        TotalShareRole,           ///< double: likewise TotalRole
        KindRole                  ///< int, RowKind
    };
    enum RowKind { FacetRow, ValueRow, HistogramRow, MoreRow };
    static constexpr int kFewValues = 10; ///< that a facet lists at first

    explicit FacetModel(QObject* parent = nullptr) : QAbstractItemModel(parent) {}

    /// Keeps lines as they are where only their counts differ.
    void setCounts(FacetCounts counts);
    const FacetCounts& counts() const { return m_counts; }
    void find(const QString& text); ///< only values that contain it; empty = all
    bool finding() const { return !m_find.isEmpty(); }

    const Facet* facetOf(const QModelIndex& index) const;      ///< null for an index that is not valid
    const FacetValue* valueOf(const QModelIndex& index) const; ///< null where it is no value's line
    QString keyOf(const QModelIndex& index) const;             ///< of its facet, the same in other counts
    QString titleOf(const Facet& facet) const;

    QModelIndex index(int row, int column, const QModelIndex& parent = {}) const override;
    QModelIndex parent(const QModelIndex& index) const override;
    int rowCount(const QModelIndex& parent = {}) const override;
    int columnCount(const QModelIndex& = {}) const override { return 1; }
    QVariant data(const QModelIndex& index, int role) const override;
    /// A value is chosen by its check state; the line for more lists them all.
    bool setData(const QModelIndex& index, const QVariant& value, int role) override;
    Qt::ItemFlags flags(const QModelIndex& index) const override;

Q_SIGNALS:
    void chosen(const diptych::Facet& facet, const diptych::FacetValue& value, bool on);

private:
    static QString key(const Facet& facet);
    static QString valueText(const Facet& facet, const FacetValue& value);
    std::vector<std::vector<int>> listed(const FacetCounts& counts) const;
    std::vector<int> listedOf(const Facet& facet) const;
    bool hasMore(size_t facet) const;
    bool sameLines(const FacetCounts& counts, const std::vector<std::vector<int>>& rows) const;

    FacetCounts m_counts;
    std::vector<std::vector<int>> m_rows; ///< by facet, its values that have a line
    QSet<QString> m_whole;                ///< facets of which all values are listed
    QString m_find;
};

} // namespace diptych::ui
