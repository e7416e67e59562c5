// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/results/ids.h"
#include "ui/widgets/thumbnail_grid.h"

#include <QAbstractListModel>

#include <algorithm>
#include <vector>

namespace diptych::test {

/// As many rows as asked for over a few hundred samples; counts what is asked of it.
class ManyRows : public QAbstractListModel {
public:
    ManyRows(int rows, std::vector<SampleId> samples) : m_rows(rows), m_samples(std::move(samples)) {}
    int rowCount(const QModelIndex& parent = {}) const override { return parent.isValid() ? 0 : m_rows; }
    QVariant data(const QModelIndex& index, int role) const override {
        ++asked;
        highestAsked = std::max(highestAsked, index.row());
        if (role == ui::ThumbnailGrid::kSampleRole)
            return static_cast<qint64>(m_samples[static_cast<size_t>(index.row()) % m_samples.size()].value);
        if (role == Qt::DisplayRole)
            return QStringLiteral("class_%1/picture_%2.png").arg(index.row() % 10).arg(index.row());
        return role == ui::ThumbnailGrid::kSubtitleRole ? QStringLiteral("class %1").arg(index.row() % 10)
                                                        : QVariant();
    }
    mutable int asked = 0, highestAsked = 0;

private:
    int m_rows;
    std::vector<SampleId> m_samples;
};

} // namespace diptych::test
