// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/details_table_model.h"
#include "ui/models/json_fields.h"
#include "ui/results/views.h"
#include "ui/theme/theme.h"
#include "ui/widgets/bar_delegate.h"
#include "ui/widgets/table_view.h"

#include <QApplication>
#include <QClipboard>
#include <QComboBox>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QVBoxLayout>

namespace diptych::ui {
namespace {

constexpr int kLeastColumn = 96;

/// The tables a task keeps with a run, one at a time: scores by tag, by class, beside chance and people.
class TablesView : public ResultView {
public:
    explicit TablesView(const ResultContext& context) : ResultView(context) {
        auto* layout = new QVBoxLayout(this);
        layout->setContentsMargins(theme::kLarge, theme::kLarge, theme::kLarge, theme::kLarge);
        layout->setSpacing(theme::kMedium);
        auto* bar = new QHBoxLayout;
        bar->setSpacing(theme::kSmall);
        m_choice = new QComboBox;
        m_choice->setObjectName(QStringLiteral("tableChoice"));
        m_choice->setAccessibleName(tr("Table"));
        m_choice->setSizeAdjustPolicy(QComboBox::AdjustToContents);
        m_heading = new QLabel;
        m_heading->setObjectName(QStringLiteral("tableHeading"));
        theme::style(m_heading, theme::Text::Heading);
        m_search = new QLineEdit;
        m_search->setPlaceholderText(tr("Find a row"));
        m_search->setClearButtonEnabled(true);
        m_search->setMaximumWidth(280);
        auto* copy = new QPushButton(tr("Copy the table"));
        copy->setObjectName(QStringLiteral("copyTable"));
        bar->addWidget(m_heading);
        bar->addWidget(m_choice);
        bar->addStretch(1);
        bar->addWidget(m_search);
        bar->addWidget(copy);
        layout->addLayout(bar);
        m_table = new TableView;
        m_table->setObjectName(QStringLiteral("detailsTable"));
        m_table->setSource(&m_rows);
        m_table->setItemDelegate(new BarDelegate(m_table));
        m_table->horizontalHeader()->setMinimumSectionSize(kLeastColumn);
        layout->addWidget(m_table, 1);
        connect(m_choice, &QComboBox::currentIndexChanged, this, &TablesView::choose);
        connect(m_search, &QLineEdit::textChanged, m_table, &TableView::setFilterText);
        connect(copy, &QPushButton::clicked, this,
                [this] { QApplication::clipboard()->setText(DetailsTableModel::asText(*m_table->model())); });
    }

    bool suits(const RunRecord& run) const override { return !listOf(run.details, "tables").empty(); }
    void setRun(std::shared_ptr<const RunRecord> run) override {
        m_run = std::move(run);
        const QString before = m_choice->currentText();
        {
            const QSignalBlocker quiet(m_choice);
            m_choice->clear();
            for (const Json& table : listOf(m_run->details, "tables"))
                m_choice->addItem(toText(memberOf(table, "title")));
            m_choice->setCurrentIndex(std::max(0, m_choice->findText(before)));
        }
        // A choice of one is a heading.
        m_choice->setVisible(m_choice->count() > 1);
        m_heading->setVisible(m_choice->count() <= 1);
        m_heading->setText(m_choice->itemText(0));
        choose(m_choice->currentIndex());
    }

private:
    void choose(int index) {
        static const Json none;
        m_search->clear();
        m_rows.setTable(m_run && index >= 0
                            ? itemOf(listOf(m_run->details, "tables"), static_cast<size_t>(index))
                            : none);
        // Words take what room the numbers and their headings leave.
        for (int column = 0; column < m_rows.columnCount(); ++column)
            m_table->horizontalHeader()->setSectionResizeMode(
                column, m_rows.kind(column) == DetailsTableModel::Kind::Text ? QHeaderView::Stretch
                                                                             : QHeaderView::ResizeToContents);
        m_table->setAccessibleName(m_choice->currentText());
        m_table->sortByColumn(-1, Qt::AscendingOrder); // as the task wrote it
    }

    std::shared_ptr<const RunRecord> m_run;
    DetailsTableModel m_rows;
    QComboBox* m_choice;
    QLabel* m_heading;
    QLineEdit* m_search;
    TableView* m_table;
};

} // namespace

ResultView* makeTablesView(const ResultContext& context) {
    return new TablesView(context);
}

} // namespace diptych::ui
