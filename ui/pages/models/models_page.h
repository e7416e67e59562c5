// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/models/model.h"
#include "core/store/records.h"
#include "ui/jobs/job_runner.h"
#include "ui/models/table_model.h"
#include "ui/pages/page.h"

class QBoxLayout;
class QFormLayout;
class QLabel;
class QPushButton;
class QStackedWidget;

namespace diptych::ui {

class EmptyState;
class TableView;

/// A registered checkpoint with what its config says.
struct ModelRow {
    ModelRecord record;
    ModelInfo info;
    bool missing = false; ///< its folder is not there
};

class ModelsModel : public TableModel<ModelRow> {
    Q_OBJECT

public:
    enum Column { Name, Family, Parameters, Resolution, Embedding, Weights, ColumnCount };
    using TableModel::TableModel;

protected:
    int columns() const override { return ColumnCount; }
    QVariant header(int column) const override;
    bool numeric(int column) const override { return column >= Parameters; }
    QVariant cell(const ModelRow& row, int column, int role) const override;
};

/// Checkpoints of the workspace: add a folder, see what is inside, evaluate.
class ModelsPage : public Page {
    Q_OBJECT

public:
    explicit ModelsPage(const PageContext& context);
    void activated() override;
    void refresh() override;

protected:
    void resizeEvent(QResizeEvent* event) override;
    void changeEvent(QEvent* event) override;

private:
    QWidget* buildDetails();
    void arrange();
    void arrangeSoon();
    void reload();
    void showDetails(int row);
    void addRow(const QString& name, const QString& value);
    void chooseFolder();
    /// Asks whether to add @p folder; without one, which folder.
    void offerFolder(const QString& folder);
    void addFolder(const QString& folder);
    void removeCurrent();
    void rename();
    /// Asks for the folder that the checkpoint was moved to.
    void locate();
    void relocate(ModelId model, const QString& folder);

    ModelsModel m_models;
    LatestOnly m_loading;
    QStackedWidget* m_stack;
    EmptyState* m_empty;
    TableView* m_table;
    QLabel* m_title;
    QFormLayout* m_form;
    QPushButton* m_evaluate;
    QPushButton *m_rename, *m_locate, *m_remove;
    QLabel* m_missing;
    QWidget* m_details;
    QBoxLayout* m_buttons; ///< two and two, beside each other or one below the other
};

} // namespace diptych::ui
