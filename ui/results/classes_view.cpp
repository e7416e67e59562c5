// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/formatting.h"
#include "ui/models/run_models.h"
#include "ui/results/views.h"
#include "ui/theme/theme.h"
#include "ui/widgets/bar_delegate.h"
#include "ui/widgets/table_view.h"

#include <QHeaderView>
#include <QLineEdit>
#include <QVBoxLayout>

#include <cmath>

namespace diptych::ui {
namespace {

double shareOf(const Json& row, const char* key) {
    const auto found = row.find(key);
    return found != row.end() && found->is_number() ? found->get<double>() : std::nan("");
}

/// Recall, precision and F1 of every class; activating one shows its examples.
class ClassesView : public ResultView {
public:
    explicit ClassesView(const ResultContext& context) : ResultView(context) {
        auto* layout = new QVBoxLayout(this);
        layout->setContentsMargins(theme::kLarge, theme::kLarge, theme::kLarge, theme::kLarge);
        layout->setSpacing(theme::kMedium);
        auto* search = new QLineEdit;
        search->setPlaceholderText(tr("Find a class"));
        search->setClearButtonEnabled(true);
        search->setMaximumWidth(320);
        layout->addWidget(search);
        m_table = new TableView;
        m_table->setSource(&m_classes);
        m_table->setAccessibleName(tr("Results by class"));
        m_table->setItemDelegate(new BarDelegate(m_table));
        m_table->horizontalHeader()->setSectionResizeMode(QHeaderView::Stretch);
        layout->addWidget(m_table, 1);
        connect(search, &QLineEdit::textChanged, m_table, &TableView::setFilterText);
        connect(m_table, &TableView::sourceRowActivated, this, [this](int row) {
            if (row < 0)
                return;
            const ClassRow& chosen = m_classes.row(row);
            ExampleFilter filter;
            filter.target = chosen.index;
            Q_EMIT examplesRequested(filter, tr("All images of %1").arg(chosen.name));
        });
    }

    void setRun(std::shared_ptr<const RunRecord> run) override {
        std::vector<ClassRow> rows;
        const auto classes = run->details.find("classes");
        if (classes != run->details.end()) {
            for (const Json& entry : *classes) {
                ClassRow row;
                row.index = static_cast<int>(rows.size());
                row.name = toQString(entry.value("name", ""));
                row.support = entry.value("support", 0);
                row.recall = shareOf(entry, "recall");
                row.precision = shareOf(entry, "precision");
                row.f1 = shareOf(entry, "f1");
                rows.push_back(std::move(row));
            }
        }
        m_classes.setRows(std::move(rows));
        m_table->sortByColumn(ClassesModel::Recall, Qt::AscendingOrder);
    }

private:
    ClassesModel m_classes;
    TableView* m_table;
};

} // namespace

ResultView* makeClassesView(const ResultContext& context) {
    return new ClassesView(context);
}

} // namespace diptych::ui
