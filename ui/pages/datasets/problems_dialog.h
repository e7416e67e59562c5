// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/datasets/dataset.h"
#include "ui/models/table_model.h"

#include <QDialog>

#include <vector>

namespace diptych::ui {

/// What an import left out, and why.
class ProblemsModel : public TableModel<ImportProblem> {
    Q_OBJECT
public:
    using TableModel::TableModel;

protected:
    int columns() const override { return 2; }
    QVariant header(int column) const override;
    QVariant cell(const ImportProblem& problem, int column, int role) const override;
};

/// The same in a window, with a button that copies all of it.
class ProblemsDialog : public QDialog {
    Q_OBJECT
public:
    ProblemsDialog(const QString& datasetName, std::vector<ImportProblem> problems,
                   QWidget* parent = nullptr);
};

} // namespace diptych::ui
