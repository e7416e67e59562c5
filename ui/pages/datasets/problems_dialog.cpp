// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/datasets/problems_dialog.h"

#include "ui/models/formatting.h"
#include "ui/theme/theme.h"
#include "ui/widgets/table_view.h"

#include <QApplication>
#include <QClipboard>
#include <QDialogButtonBox>
#include <QHeaderView>
#include <QLabel>
#include <QPushButton>
#include <QVBoxLayout>

namespace diptych::ui {

QVariant ProblemsModel::header(int column) const {
    return column == 0 ? tr("Where") : tr("What and why");
}

QVariant ProblemsModel::cell(const ImportProblem& problem, int column, int role) const {
    if (role == Qt::DecorationRole && column == 0)
        return theme::icon(problem.note ? QStringLiteral("info") : QStringLiteral("alert"));
    if (role == Qt::DisplayRole || role == Qt::ToolTipRole || role == kSortRole)
        return toQString(column == 0 ? problem.where : problem.reason);
    return {};
}

ProblemsDialog::ProblemsDialog(const QString& datasetName, std::vector<ImportProblem> problems,
                               QWidget* parent)
    : QDialog(parent) {
    setWindowTitle(tr("Problems and notes of %1").arg(datasetName));
    setAttribute(Qt::WA_DeleteOnClose);
    auto* sentence = new QLabel(tr("What was left out of the dataset, and notes on how the rest was read. "
                                   "Everything else was taken over."),
                                this);
    sentence->setWordWrap(true);
    QStringList lines;
    for (const ImportProblem& problem : problems)
        lines << toQString(problem.where) + QLatin1Char('\t') + toQString(problem.reason);

    auto* model = new ProblemsModel(this);
    model->setRows(std::move(problems));
    auto* table = new TableView(this);
    table->setSource(model);
    table->setAccessibleName(windowTitle());
    table->horizontalHeader()->setStretchLastSection(true);
    table->setColumnWidth(0, 300);

    auto* buttons = new QDialogButtonBox(QDialogButtonBox::Close, this);
    QPushButton* copy = buttons->addButton(tr("Copy all"), QDialogButtonBox::ActionRole);
    copy->setIcon(theme::icon(QStringLiteral("copy")));
    connect(copy, &QPushButton::clicked, this,
            [text = lines.join(QLatin1Char('\n'))] { QApplication::clipboard()->setText(text); });
    connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);

    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(theme::kLarge, theme::kLarge, theme::kLarge, theme::kLarge);
    column->setSpacing(theme::kMedium);
    column->addWidget(sentence);
    column->addWidget(table, 1);
    column->addWidget(buttons);
    resize(760, 420);
}

} // namespace diptych::ui
