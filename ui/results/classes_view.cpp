// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/formatting.h"
#include "ui/models/run_models.h"
#include "ui/results/class_results.h"
#include "ui/results/row_selection.h"
#include "ui/results/run_filter.h"
#include "ui/results/views.h"
#include "ui/state/app_state.h"
#include "ui/theme/theme.h"
#include "ui/widgets/bar_delegate.h"
#include "ui/widgets/table_view.h"

#include <QHeaderView>
#include <QLineEdit>
#include <QVBoxLayout>

#include <algorithm>
#include <cmath>

namespace diptych::ui {
namespace {

double shareOf(const Json& row, const char* key) {
    const auto found = row.find(key);
    return found != row.end() && found->is_number() ? found->get<double>() : std::nan("");
}

/// Recall, precision and F1 of every class; choosing one selects its images, activating it shows them.
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
        m_filter = new RunFilter(context);
        layout->addWidget(m_filter);
        m_results = new ClassResults(context, *this, *m_filter);
        m_table = new TableView;
        m_table->setSource(&m_classes);
        m_table->setObjectName(QStringLiteral("classesTable"));
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
        m_selection = new RowSelection(
            *m_table,
            [this](int row) {
                const auto place = static_cast<size_t>(m_classes.row(row).index);
                return place < m_samples.size() ? m_samples[place] : std::vector<SampleId>();
            },
            RowSelection::Follow::WholeRows);
        connect(m_results, &ClassResults::shown, this, &ClassesView::show);
        connect(m_results, &ClassResults::membersChanged, this, &ClassesView::takeMembers);
    }

    void setRun(std::shared_ptr<const RunRecord> run) override {
        m_selection->bind(run->datasetId ? &context().state.selection(run->datasetId) : nullptr);
        m_results->setRun(std::move(run));
        m_table->sortByColumn(ClassesModel::Recall, Qt::AscendingOrder);
    }

private:
    void show(const Json& details) {
        std::vector<ClassRow> rows;
        const auto classes = details.find("classes");
        if (classes != details.end()) {
            int index = -1;
            for (const Json& entry : *classes) {
                ClassRow row;
                row.index = ++index;
                row.name = toQString(entry.value("name", ""));
                row.support = entry.value("support", 0);
                row.recall = shareOf(entry, "recall");
                row.precision = shareOf(entry, "precision");
                row.f1 = shareOf(entry, "f1");
                // Of the classes that the filter leaves out there is nothing to say.
                if (!m_filter->members() || row.support > 0 || entry.value("predicted", 0) > 0)
                    rows.push_back(std::move(row));
            }
        }
        m_classes.setRows(std::move(rows));
    }
    void takeMembers() {
        m_samples.clear();
        for (const ClassResults::Member& member : m_results->members())
            if (member.target >= 0) {
                const auto place = static_cast<size_t>(member.target);
                m_samples.resize(std::max(m_samples.size(), place + 1));
                m_samples[place].push_back(member.sample);
            }
        m_selection->rowsChanged();
    }

    ClassesModel m_classes;
    std::vector<std::vector<SampleId>> m_samples; ///< of each class, once they are read
    RunFilter* m_filter;
    ClassResults* m_results;   // Qt parent: this
    RowSelection* m_selection; // Qt parent: m_table
    TableView* m_table;
};

} // namespace

ResultView* makeClassesView(const ResultContext& context) {
    return new ClassesView(context);
}

} // namespace diptych::ui
