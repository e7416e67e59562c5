// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/session/session.h"
#include "ui/jobs/job_runner.h"
#include "ui/models/table_model.h"

#include <QDialog>

class QLabel;
class QPushButton;

namespace diptych::ui {

class TableView;

/// The embeddings a workspace keeps, one line for each model, precision and kind.
class CacheModel : public TableModel<EmbeddingSpaceInfo> {
    Q_OBJECT
public:
    enum Column { Model, Precision, Content, Dimensions, Rows, Size, ColumnCount };
    using TableModel::TableModel;

private:
    int columns() const override { return ColumnCount; }
    QVariant header(int column) const override;
    QVariant cell(const EmbeddingSpaceInfo& space, int column, int role) const override;
    bool numeric(int column) const override { return column >= Dimensions; }
};

/// Shows the embedding cache of the open workspace and empties it: `diptych cache` in the window. Deletes
/// itself when closed.
class CacheDialog : public QDialog {
    Q_OBJECT
public:
    CacheDialog(std::shared_ptr<Session> session, JobRunner& jobs, QWidget* parent);

private:
    void reload();
    void show(std::vector<EmbeddingSpaceInfo> spaces);
    void remove(const std::vector<int>& rows);
    void readImagesAgain();
    void updateButtons();

    std::shared_ptr<Session> m_session;
    JobRunner& m_jobs;
    CacheModel* m_model; // Qt parents
    TableView* m_table;
    QLabel* m_total;
    QPushButton *m_removeSelected, *m_removeAll, *m_readAgain;
    bool m_busy = false;
};

} // namespace diptych::ui
