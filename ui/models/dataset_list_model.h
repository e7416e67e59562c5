// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/store/records.h"

#include <QAbstractListModel>

#include <set>
#include <vector>

namespace diptych::ui {

/// The datasets of a workspace, by name. A view over what a worker fetched; setDatasets() moves rows as
/// little as it can, so that selections stay.
class DatasetListModel : public QAbstractListModel {
    Q_OBJECT
public:
    enum Role {
        IdRole = Qt::UserRole, ///< qint64
        SummaryRole            ///< QString, "360 images, 12 classes"
    };
    using QAbstractListModel::QAbstractListModel;

    /// @param missing those whose images cannot be found
    void setDatasets(std::vector<DatasetInfo> datasets, std::set<DatasetId> missing = {});
    bool missing(DatasetId id) const { return m_missing.contains(id); }
    const std::vector<DatasetInfo>& datasets() const { return m_datasets; }
    const DatasetInfo* find(DatasetId id) const; ///< null if there is none; valid until setDatasets()
    int rowOf(DatasetId id) const;               ///< -1 if there is none

    int rowCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role) const override;

private:
    std::vector<DatasetInfo> m_datasets;
    std::set<DatasetId> m_missing;
};

/// "3 problems, 1 note"; empty for none of both.
QString problemsText(int64_t problems, int64_t notes);
/// "1 image", "1,234 images, 10 classes, 3 problems"
QString datasetSummary(const DatasetInfo& dataset);

} // namespace diptych::ui
