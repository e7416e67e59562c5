// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/compare/run_table_view.h"

#include "core/metrics/metric_text.h"
#include "core/metrics/number_text.h"
#include "core/session/session.h"
#include "ui/models/formatting.h"
#include "ui/pages/compare/run_choice.h"
#include "ui/state/app_state.h"
#include "ui/theme/theme.h"

#include <QClipboard>
#include <QFont>
#include <QGuiApplication>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QListWidget>
#include <QMenu>
#include <QPushButton>
#include <QSignalBlocker>
#include <QSplitter>
#include <QTableView>
#include <QVBoxLayout>

#include <algorithm>
#include <set>

namespace diptych::ui {

namespace {
constexpr size_t kResamples = 2000;
constexpr int kListWidth = 270, kTableWidth = 560;
} // namespace

void RunTableModel::setTable(std::shared_ptr<const RunTable> table) {
    beginResetModel();
    m_table = std::move(table);
    endResetModel();
}

const RunTableCell* RunTableModel::cell(const QModelIndex& index) const {
    if (!m_table || !index.isValid() || index.column() == 0)
        return nullptr;
    const RunTableCell& cell =
        m_table->cells[static_cast<size_t>(index.row())][static_cast<size_t>(index.column() - 1)];
    return cell.run ? &cell : nullptr;
}

int RunTableModel::rowCount(const QModelIndex& parent) const {
    return parent.isValid() || !m_table ? 0 : static_cast<int>(m_table->rows.size());
}

int RunTableModel::columnCount(const QModelIndex& parent) const {
    return parent.isValid() || !m_table ? 0 : static_cast<int>(m_table->columns.size()) + 1;
}

QString RunTableModel::toolTip(const RunTableCell& cell) const {
    QStringList lines{tr("Run %1: %2").arg(cell.run.value).arg(toQString(metricValueText(cell.metric)))};
    if (const std::string interval = metricIntervalText(cell.metric); !interval.empty())
        lines << tr("95 % interval %1").arg(toQString(interval));
    if (cell.best)
        lines << tr("The best of its column");
    else if (cell.adjustedP)
        lines << (cell.tied ? tr("No test tells it from the best: %1 (Holm)")
                            : tr("Behind the best: %1 (Holm)"))
                     .arg(toQString(pValueText(*cell.adjustedP)));
    return QStringLiteral("<p>%1</p>")
        .arg(
            lines.join(QLatin1Char('\n')).toHtmlEscaped().replace(QLatin1Char('\n'), QStringLiteral("<br>")));
}

QVariant RunTableModel::data(const QModelIndex& index, int role) const {
    if (!checkIndex(index, CheckIndexOption::IndexIsValid))
        return {};
    if (index.column() == 0) {
        const QString name = toQString(m_table->rows[static_cast<size_t>(index.row())]);
        if (role == Qt::DisplayRole)
            return name;
        return role == Qt::ToolTipRole ? QVariant(QStringLiteral("<p>%1</p>").arg(name.toHtmlEscaped()))
                                       : QVariant();
    }
    if (role == Qt::TextAlignmentRole)
        return QVariant::fromValue(Qt::Alignment(Qt::AlignRight | Qt::AlignVCenter));
    const RunTableCell* found = cell(index);
    if (!found)
        return role == Qt::DisplayRole ? QVariant(QStringLiteral("–")) : QVariant();
    switch (role) {
    case Qt::DisplayRole:
        return toQString(metricValueText(found->metric));
    case Qt::ToolTipRole:
        return toolTip(*found);
    case Qt::FontRole: {
        QFont font;
        font.setBold(found->tied);
        return font;
    }
    default:
        return {};
    }
}

QVariant RunTableModel::headerData(int section, Qt::Orientation orientation, int role) const {
    if (orientation != Qt::Horizontal || !m_table || section < 0 || section >= columnCount())
        return {};
    if (section == 0)
        return role == Qt::DisplayRole ? QVariant(tr("Model")) : QVariant();
    const RunTableColumn& column = m_table->columns[static_cast<size_t>(section - 1)];
    if (role == Qt::DisplayRole)
        return toQString(column.dataset + (column.split.empty() ? "" : " (" + column.split + ")")) +
               QLatin1Char('\n') + toQString(column.task) + QLatin1Char('\n') + toQString(column.metric);
    if (role == Qt::ToolTipRole)
        return QStringLiteral("<p>%1</p>").arg(toQString(column.title()).toHtmlEscaped());
    if (role == Qt::TextAlignmentRole)
        return QVariant::fromValue(Qt::Alignment(Qt::AlignRight | Qt::AlignVCenter));
    return {};
}

RunTableView::RunTableView(const PageContext& context, QWidget* parent)
    : QWidget(parent), m_context(context), m_making(context.jobs, this) {
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, theme::kSmall, 0, 0);
    auto* splitter = new QSplitter(Qt::Horizontal);
    splitter->setChildrenCollapsible(false);
    splitter->addWidget(buildList());
    splitter->addWidget(buildTable());
    splitter->setStretchFactor(1, 1);
    splitter->setSizes({kListWidth, kTableWidth});
    layout->addWidget(splitter);
    connect(m_list, &QListWidget::itemChanged, this, &RunTableView::tabulate);
    connect(m_view, &QTableView::activated, this, [this](const QModelIndex& index) {
        if (const RunTableCell* cell = m_model.cell(index))
            m_context.state.showRun(cell->run);
    });
    connect(m_view->selectionModel(), &QItemSelectionModel::selectionChanged, this,
            &RunTableView::updateActions);
    connect(m_pair, &QPushButton::clicked, this, [this] {
        if (const std::vector<RunId> runs = chosenCells(); runs.size() == 2)
            m_context.state.showComparison(runs);
        else if (runs.size() == 1)
            m_context.state.showRun(runs.front());
    });
    showTable(nullptr);
}

QWidget* RunTableView::buildList() {
    m_list = new QListWidget;
    m_list->setObjectName(QStringLiteral("tableRuns"));
    m_list->setAccessibleName(tr("Runs in the table"));
    m_list->setWordWrap(true);
    m_list->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    auto* host = new QWidget;
    auto* column = new QVBoxLayout(host);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(theme::kSmall);
    auto* row = new QHBoxLayout;
    for (const bool all : {true, false}) {
        auto* button = new QPushButton(all ? tr("Tick all") : tr("Tick none"));
        button->setObjectName(all ? QStringLiteral("tickAll") : QStringLiteral("tickNone"));
        theme::makeFlat(button);
        connect(button, &QPushButton::clicked, this, [this, all] {
            std::vector<RunId> runs;
            for (int i = 0; all && i < m_list->count(); ++i)
                runs.push_back({m_list->item(i)->data(Qt::UserRole).toLongLong()});
            tick(runs);
        });
        row->addWidget(button);
    }
    row->addStretch(1);
    column->addLayout(row);
    column->addWidget(m_list, 1);
    return host;
}

QWidget* RunTableView::buildTable() {
    auto* host = new QWidget;
    auto* column = new QVBoxLayout(host);
    column->setContentsMargins(theme::kSmall, 0, 0, 0);
    column->setSpacing(theme::kSmall);
    auto* row = new QHBoxLayout;
    m_words = new QLabel;
    m_words->setTextFormat(Qt::PlainText);
    m_words->setWordWrap(true);
    theme::style(m_words, theme::Text::Caption);
    m_pair = new QPushButton;
    m_pair->setObjectName(QStringLiteral("openCells"));
    m_copy = new QPushButton(tr("Copy as"));
    m_copy->setObjectName(QStringLiteral("copyTable"));
    auto* menu = new QMenu(m_copy);
    for (const auto& [name, format] : {std::pair(tr("Markdown"), "markdown"), std::pair(tr("LaTeX"), "latex"),
                                       std::pair(tr("CSV"), "csv")})
        menu->addAction(name, this, [this, form = format] { copyAs(form); })
            ->setObjectName(QStringLiteral("copy-") + QString::fromLatin1(format));
    m_copy->setMenu(menu);
    row->addWidget(m_words, 1);
    row->addWidget(m_pair);
    row->addWidget(m_copy);
    column->addLayout(row);
    m_view = new QTableView;
    m_view->setObjectName(QStringLiteral("runTable"));
    m_view->setAccessibleName(tr("Models by datasets"));
    m_view->setModel(&m_model);
    m_view->setEditTriggers(QAbstractItemView::NoEditTriggers);
    m_view->setSelectionMode(QAbstractItemView::ExtendedSelection);
    m_view->setShowGrid(false);
    m_view->verticalHeader()->hide();
    m_view->horizontalHeader()->setSectionResizeMode(QHeaderView::ResizeToContents);
    m_view->horizontalHeader()->setDefaultAlignment(Qt::AlignLeft | Qt::AlignVCenter);
    column->addWidget(m_view, 1);
    m_notes = new QLabel;
    m_notes->setObjectName(QStringLiteral("tableNotes"));
    m_notes->setTextFormat(Qt::PlainText);
    m_notes->setWordWrap(true);
    theme::style(m_notes, theme::Text::Caption);
    column->addWidget(m_notes);
    m_wrong = new QVBoxLayout;
    m_wrong->setSpacing(theme::kTiny);
    column->addLayout(m_wrong);
    return host;
}

void RunTableView::setRuns(const std::vector<RunRecord>& runs) {
    const std::vector<RunId> before = ticked();
    {
        const QSignalBlocker quiet(m_list);
        m_list->clear();
        for (const RunRecord& run : runs) {
            if (run.status == RunStatus::Damaged)
                continue;
            auto* item = new QListWidgetItem(runChoiceText(run), m_list);
            item->setData(Qt::UserRole, QVariant::fromValue<qlonglong>(run.id.value));
            item->setFlags(Qt::ItemIsEnabled | Qt::ItemIsUserCheckable | Qt::ItemIsSelectable);
            item->setCheckState(std::ranges::binary_search(before, run.id) ? Qt::Checked : Qt::Unchecked);
        }
    }
    if (ticked() != before || !m_table)
        tabulate();
}

void RunTableView::tick(const std::vector<RunId>& runs) {
    {
        const QSignalBlocker quiet(m_list);
        for (int row = 0; row < m_list->count(); ++row) {
            const RunId id{m_list->item(row)->data(Qt::UserRole).toLongLong()};
            m_list->item(row)->setCheckState(std::ranges::find(runs, id) == runs.end() ? Qt::Unchecked
                                                                                       : Qt::Checked);
        }
    }
    m_list->viewport()->update();
    tabulate();
}

std::vector<RunId> RunTableView::ticked() const {
    std::vector<RunId> runs;
    for (int row = 0; row < m_list->count(); ++row)
        if (m_list->item(row)->checkState() == Qt::Checked)
            runs.push_back({m_list->item(row)->data(Qt::UserRole).toLongLong()});
    std::ranges::sort(runs);
    return runs;
}

std::vector<RunId> RunTableView::chosenCells() const {
    std::set<RunId> runs;
    for (const QModelIndex& index : m_view->selectionModel()->selectedIndexes())
        if (const RunTableCell* cell = m_model.cell(index))
            runs.insert(cell->run);
    return {runs.begin(), runs.end()};
}

void RunTableView::tabulate() {
    const auto session = m_context.state.session();
    const std::vector<RunId> runs = ticked();
    if (!session || runs.size() < 2) {
        m_making.cancel();
        showTable(nullptr);
        return;
    }
    m_words->setText(tr("Comparing %1 runs…").arg(runs.size()));
    m_making.start(
        JobSpec(tr("Compare %1 runs").arg(runs.size())).setShown(false), // each tick begins anew
        [session, runs](const RunContext& context) -> std::shared_ptr<const RunTable> {
            return std::make_shared<const RunTable>(
                tabulateRuns(session->workspace(), runs, kResamples, context));
        },
        [this](std::shared_ptr<const RunTable> table) { showTable(std::move(table)); });
}

void RunTableView::showTable(std::shared_ptr<const RunTable> table) {
    m_table = std::move(table);
    m_model.setTable(m_table);
    m_words->setText(m_table ? tr("Bold: the best of its column, and all that no test tells from it (paired "
                                  "tests, Holm at 5 %).")
                             : tr("Tick two runs or more."));
    QStringList notes;
    if (m_table)
        for (const std::string& note : m_table->notes)
            notes << toQString(note);
    m_notes->setText(notes.join(QLatin1Char('\n')));
    m_notes->setVisible(!notes.isEmpty());
    m_copy->setEnabled(m_table != nullptr);
    showAllWrong();
    updateActions();
}

void RunTableView::showAllWrong() {
    for (QPushButton* button : m_wrongButtons)
        button->deleteLater();
    m_wrongButtons.clear();
    for (size_t i = 0; m_table && i < m_table->allWrong.size(); ++i) {
        const AllWrong& one = m_table->allWrong[i];
        auto* button = new QPushButton(
            tr("%1: all %2 runs got %3 of %4 wrong")
                .arg(toQString(one.datasetName).replace(QLatin1Char('&'), QStringLiteral("&&")))
                .arg(one.runs.size())
                .arg(exactCountText(static_cast<long long>(one.samples.size())),
                     countOf(static_cast<long long>(one.judged), tr("example"), tr("examples"))));
        button->setObjectName(QStringLiteral("allWrong-%1").arg(i));
        button->setEnabled(!one.samples.empty());
        connect(button, &QPushButton::clicked, this, [this, i] { openWrong(i); });
        m_wrong->addWidget(button, 0, Qt::AlignLeft);
        m_wrongButtons.push_back(button);
    }
}

void RunTableView::openWrong(size_t which) {
    const AllWrong& one = m_table->allWrong[which];
    DatasetRequest request;
    request.dataset = one.dataset;
    request.ids = std::make_shared<const std::vector<SampleId>>(one.samples);
    request.title = tr("Wrong in all %1 runs").arg(one.runs.size());
    m_context.state.showDatasetFiltered(request);
}

void RunTableView::updateActions() {
    const size_t count = chosenCells().size();
    m_pair->setEnabled(count == 1 || count == 2);
    m_pair->setText(count == 2 ? tr("Side by side") : tr("Open run"));
    m_pair->setToolTip(tr("Choose a cell to open its run, or two (Ctrl+click) to have them side by side"));
}

void RunTableView::copyAs(const char* format) {
    if (m_table)
        QGuiApplication::clipboard()->setText(toQString(runTableDocument(*m_table, format)));
}

} // namespace diptych::ui
