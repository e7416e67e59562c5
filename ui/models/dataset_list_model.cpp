// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/dataset_list_model.h"

#include "core/base/file.h"
#include "ui/models/formatting.h"

#include <algorithm>

namespace diptych::ui {

QString problemsText(int64_t problems, int64_t notes) {
    QStringList parts;
    if (problems > 0)
        parts << countOf(problems, DatasetListModel::tr("problem"), DatasetListModel::tr("problems"));
    if (notes > 0)
        parts << countOf(notes, DatasetListModel::tr("note"), DatasetListModel::tr("notes"));
    return parts.join(QStringLiteral(", "));
}

QString datasetSummary(const DatasetInfo& dataset) {
    QStringList parts{
        countOf(dataset.sampleCount, DatasetListModel::tr("image"), DatasetListModel::tr("images"))};
    if (dataset.classCount > 0)
        parts << countOf(dataset.classCount, DatasetListModel::tr("class"), DatasetListModel::tr("classes"));
    else if (dataset.captionCount > 0)
        parts << countOf(dataset.captionCount, DatasetListModel::tr("caption"),
                         DatasetListModel::tr("captions"));
    if (const QString problems = problemsText(dataset.problemCount, dataset.noteCount); !problems.isEmpty())
        parts << problems;
    return parts.join(QStringLiteral(", "));
}

void DatasetListModel::setDatasets(std::vector<DatasetInfo> datasets, std::set<DatasetId> missing) {
    m_missing = std::move(missing);
    const bool sameRows = std::equal(datasets.begin(), datasets.end(), m_datasets.begin(), m_datasets.end(),
                                     [](const DatasetInfo& a, const DatasetInfo& b) { return a.id == b.id; });
    if (sameRows) {
        m_datasets = std::move(datasets);
        if (!m_datasets.empty())
            Q_EMIT dataChanged(index(0), index(rowCount() - 1));
        return;
    }
    beginResetModel();
    m_datasets = std::move(datasets);
    endResetModel();
}

int DatasetListModel::rowOf(DatasetId id) const {
    const auto found = std::find_if(m_datasets.begin(), m_datasets.end(),
                                    [id](const DatasetInfo& dataset) { return dataset.id == id; });
    return found == m_datasets.end() ? -1 : static_cast<int>(found - m_datasets.begin());
}

const DatasetInfo* DatasetListModel::find(DatasetId id) const {
    const int row = rowOf(id);
    return row < 0 ? nullptr : &m_datasets[static_cast<size_t>(row)];
}

int DatasetListModel::rowCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : static_cast<int>(m_datasets.size());
}

QVariant DatasetListModel::data(const QModelIndex& index, int role) const {
    if (!checkIndex(index, CheckIndexOption::IndexIsValid | CheckIndexOption::ParentIsInvalid))
        return {};
    const DatasetInfo& dataset = m_datasets[static_cast<size_t>(index.row())];
    switch (role) {
    case Qt::DisplayRole:
        return QString::fromStdString(dataset.name);
    case Qt::ToolTipRole:
        return QString::fromStdString(displayPath(dataset.source));
    case Qt::AccessibleDescriptionRole:
    case SummaryRole:
        return m_missing.contains(dataset.id) ? tr("⚠ images not found") : datasetSummary(dataset);
    case IdRole:
        return static_cast<qint64>(dataset.id.value);
    default:
        return {};
    }
}

} // namespace diptych::ui
