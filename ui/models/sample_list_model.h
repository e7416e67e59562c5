// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/state/app_state.h"

#include <QAbstractListModel>
#include <QHash>
#include <QStringList>

#include <vector>

namespace diptych::ui {

class JobRunner;

/// Up to hundreds of thousands of samples by id. Ids are all there from the start; what is known of a sample
/// (name, class, tags) is fetched a block of rows at a time when a view first asks for one of them.
class SampleListModel : public QAbstractListModel {
    Q_OBJECT
public:
    enum Role {
        IdRole = Qt::UserRole, ///< qint64
        ClassNameRole,         ///< QString; empty = none, or not fetched yet
        TagsRole,              ///< QStringList
        PathRole,              ///< QString, for people
        LoadedRole             ///< bool: the roles above say what is stored
    };
    /// What is kept of a fetched sample.
    struct Row {
        bool loaded = false;
        QString key, path;
        int label = -1;
        QStringList tags;
    };

    SampleListModel(AppState& state, JobRunner& jobs, QObject* parent = nullptr);

    void setSamples(SampleList samples, QStringList classNames);
    const SampleList& samples() const { return m_samples; } ///< never null
    const QStringList& classNames() const { return m_classNames; }
    SampleId sampleAt(int row) const;
    /// Tags or names of these rows have changed in the workspace.
    void invalidateDetails();

    int rowCount(const QModelIndex& parent = {}) const override;
    Qt::ItemFlags flags(const QModelIndex& index) const override { // pictures can be dragged out of a grid
        return QAbstractListModel::flags(index) | (index.isValid() ? Qt::ItemIsDragEnabled : Qt::NoItemFlags);
    }
    QVariant data(const QModelIndex& index, int role) const override;

private:
    const Row& row(int index) const;
    void fetchBlock(int block) const;
    void storeBlock(quint64 generation, int block, std::vector<Row> rows);

    AppState& m_state;
    JobRunner& m_jobs;
    SampleList m_samples;
    QStringList m_classNames;
    quint64 m_generation = 0;
    // Filled on demand while a view reads, hence mutable.
    mutable QHash<int, std::vector<Row>> m_blocks;
    mutable QHash<int, quint64> m_fetching; ///< block -> generation
};

} // namespace diptych::ui
