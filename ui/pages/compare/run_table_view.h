// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/session/run_table.h"
#include "core/store/run_record.h"
#include "ui/jobs/job_runner.h"
#include "ui/pages/page.h"

#include <QAbstractTableModel>
#include <QWidget>

#include <memory>
#include <vector>

class QLabel;
class QListWidget;
class QPushButton;
class QTableView;
class QVBoxLayout;

namespace diptych::ui {

/// Models a row, datasets a column; whoever is tied with the best is bold.
class RunTableModel : public QAbstractTableModel {
    Q_OBJECT

public:
    using QAbstractTableModel::QAbstractTableModel;
    void setTable(std::shared_ptr<const RunTable> table);     ///< null = empty
    const RunTableCell* cell(const QModelIndex& index) const; ///< null for models and where there is no run

    int rowCount(const QModelIndex& parent = {}) const override;
    int columnCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

private:
    QString toolTip(const RunTableCell& cell) const;
    std::shared_ptr<const RunTable> m_table;
};

/// Runs ticked in a list, as a table of models by datasets: a cell opens its run, two cells stand beside each
/// other; what all got wrong opens where pictures are; the table is copied for papers.
class RunTableView : public QWidget {
    Q_OBJECT

public:
    RunTableView(const PageContext& context, QWidget* parent = nullptr);
    void setRuns(const std::vector<RunRecord>& runs); ///< newest first; ticks stay
    void tick(const std::vector<RunId>& runs);        ///< these alone

private:
    QWidget* buildList();
    QWidget* buildTable();
    std::vector<RunId> ticked() const; ///< oldest first
    std::vector<RunId> chosenCells() const;
    void tabulate();
    void showTable(std::shared_ptr<const RunTable> table);
    void showAllWrong();
    void updateActions();
    void copyAs(const char* format);
    void openWrong(size_t which);

    PageContext m_context;
    LatestOnly m_making;
    RunTableModel m_model;
    std::shared_ptr<const RunTable> m_table;
    QListWidget* m_list;
    QTableView* m_view;
    QLabel *m_words, *m_notes;
    QPushButton *m_pair, *m_copy;
    QVBoxLayout* m_wrong;                     ///< a button for each dataset
    std::vector<QPushButton*> m_wrongButtons; // Qt parent: the widget of m_wrong
};

} // namespace diptych::ui
