// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/runs/run_list_columns.h"

#include "ui/models/run_models.h"
#include "ui/state/settings.h"
#include "ui/widgets/table_view.h"

#include <QAbstractProxyModel>
#include <QAction>
#include <QHeaderView>
#include <QMenu>

#include <algorithm>

namespace diptych::ui {

RunListColumns::RunListColumns(RunsModel& model, TableView& table, Settings& settings, QObject* parent)
    : QObject(parent), m_model(model), m_table(table), m_settings(settings) {
    m_table.setEditTriggers(QAbstractItemView::DoubleClicked);
    QHeaderView* header = m_table.horizontalHeader();
    header->setContextMenuPolicy(Qt::CustomContextMenu);
    header->setToolTip(tr("Click to sort; right click to choose the columns"));
    connect(header, &QWidget::customContextMenuRequested, this, &RunListColumns::showMenu);
    m_table.setContextMenuPolicy(Qt::ActionsContextMenu);
    const auto add = [this](const QString& text, const QKeySequence& key, auto&& call) {
        auto* action = new QAction(text, &m_table);
        action->setShortcut(key);
        action->setShortcutContext(Qt::WidgetShortcut);
        connect(action, &QAction::triggered, this, call);
        m_table.addAction(action);
    };
    add(tr("Rename"), QKeySequence(Qt::Key_F2), [this] { edit(RunsModel::Name); });
    add(tr("Write a note"), QKeySequence(Qt::SHIFT | Qt::Key_F2), [this] { edit(RunsModel::Note); });
    add(tr("Star, or take it away"), QKeySequence(Qt::Key_S), [this] { toggleStars(); });
    connect(&m_table, &QAbstractItemView::clicked, this, [this](const QModelIndex& index) {
        if (index.column() != RunsModel::Star || !m_model.editable())
            return;
        const auto& proxy = static_cast<const QAbstractProxyModel&>(*m_table.model());
        const RunRecord& run = m_model.row(proxy.mapToSource(index).row());
        Q_EMIT starWanted({run.id}, !run.marks.starred);
    });
}

bool RunListColumns::isShown(int column) const {
    const QVariant chosen = m_settings.value(QStringLiteral("runs/columns/") + m_model.columnId(column));
    return chosen.isValid() ? chosen.toBool() : m_model.isShownByItself(column);
}

void RunListColumns::apply() {
    for (int column = 0; column < m_model.columnCount(); ++column)
        m_table.setColumnHidden(column, !isShown(column));
    m_table.setStretchColumn(RunsModel::Task); // what room there is has changed
}

void RunListColumns::choose(int column, bool shown) {
    m_settings.setValue(QStringLiteral("runs/columns/") + m_model.columnId(column), shown);
    apply();
}

void RunListColumns::showMenu(const QPoint& at) {
    auto* menu = new QMenu(m_table.horizontalHeader());
    menu->setObjectName(QStringLiteral("runColumns"));
    menu->setAttribute(Qt::WA_DeleteOnClose);
    for (int column = RunsModel::Number + 1; column < m_model.columnCount(); ++column) {
        const QString title =
            column == RunsModel::Star ? tr("Star") : m_model.headerData(column, Qt::Horizontal).toString();
        if (column == RunsModel::FixedCount)
            menu->addSection(tr("What was asked for"));
        QAction* action = menu->addAction(QString(title).replace(QLatin1Char('&'), QStringLiteral("&&")));
        action->setCheckable(true);
        action->setChecked(!m_table.isColumnHidden(column));
        connect(action, &QAction::toggled, this, [this, column](bool shown) { choose(column, shown); });
    }
    menu->addSeparator();
    connect(menu->addAction(tr("As by itself")), &QAction::triggered, this, [this] {
        for (int column = 0; column < m_model.columnCount(); ++column)
            m_settings.setValue(QStringLiteral("runs/columns/") + m_model.columnId(column), QVariant());
        apply();
    });
    menu->popup(m_table.horizontalHeader()->mapToGlobal(at));
}

void RunListColumns::edit(int column) {
    const QModelIndex current = m_table.currentIndex();
    if (!current.isValid() || !m_model.editable())
        return;
    if (m_table.isColumnHidden(column))
        choose(column, true);
    const QModelIndex cell = current.siblingAtColumn(column);
    m_table.scrollTo(cell);
    m_table.edit(cell);
}

/// All get a star, or where all have one lose it.
void RunListColumns::toggleStars() {
    const std::vector<int> rows = m_table.selectedSourceRows();
    if (rows.empty() || !m_model.editable())
        return;
    std::vector<RunId> runs;
    for (const int row : rows)
        runs.push_back(m_model.row(row).id);
    const bool all = std::ranges::all_of(rows, [&](int row) { return m_model.row(row).marks.starred; });
    Q_EMIT starWanted(runs, !all);
}

} // namespace diptych::ui
