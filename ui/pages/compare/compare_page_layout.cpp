// SPDX-License-Identifier: GPL-3.0-or-later
// How the Diptych page looks; what it does is in compare_page.cpp.
#include "ui/models/formatting.h"
#include "ui/pages/compare/compare_page.h"
#include "ui/pages/compare/outcome_table.h"
#include "ui/pages/compare/pair_list.h"
#include "ui/pages/compare/run_table_view.h"
#include "ui/pages/compare/spaces_view.h"
#include "ui/theme/theme.h"
#include "ui/widgets/choice_box.h"
#include "ui/widgets/elided_label.h"
#include "ui/widgets/empty_state.h"
#include "ui/widgets/sample_actions.h"
#include "ui/widgets/table_view.h"

#include <QCheckBox>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QPushButton>
#include <QSplitter>
#include <QStackedWidget>
#include <QTabWidget>
#include <QToolButton>
#include <QVBoxLayout>

namespace diptych::ui {

namespace {
constexpr int kSideWidth = 300, kLeastSideWidth = 220, kListWidth = 530;
constexpr int kLeastCharacters = 10; ///< of a run's name
} // namespace

void ComparePage::buildPage() {
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(theme::kHuge, theme::kLarge, theme::kHuge, theme::kMedium);
    layout->setSpacing(theme::kSmall);
    layout->addLayout(buildChoice());
    m_verdict = new QLabel;
    m_verdict->setObjectName(QStringLiteral("verdict"));
    theme::style(m_verdict, theme::Text::Heading);
    m_numbers = new QLabel;
    m_numbers->setObjectName(QStringLiteral("verdictNumbers"));
    m_numbers->setToolTip(metricToolTip("paired_difference") + metricToolTip("mcnemar"));
    theme::style(m_numbers, theme::Text::Caption);
    for (QLabel* label : {m_verdict, m_numbers}) {
        label->setTextFormat(Qt::PlainText);
        label->setWordWrap(true);
        label->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
        layout->addWidget(label);
    }
    m_tabs = new QTabWidget;
    m_tabs->setObjectName(QStringLiteral("compareTabs"));
    m_empty = new EmptyState(QStringLiteral("compare"), tr("Diptych"), tr("Open a workspace first."),
                             tr("Evaluate…"));
    m_stack = new QStackedWidget;
    m_stack->addWidget(m_empty);
    m_stack->addWidget(buildExamples());
    m_tabs->addTab(m_stack, tr("Side by side"));
    m_spaces = new SpacesView(context());
    m_tabs->addTab(m_spaces, tr("Spaces"));
    m_table = new RunTableView(context());
    m_tabs->addTab(m_table, tr("Models × datasets"));
    layout->addWidget(m_tabs, 1);
}

QLayout* ComparePage::buildChoice() {
    auto* row = new QHBoxLayout;
    row->setSpacing(theme::kSmall);
    auto* heading = new QLabel(tr("Diptych"));
    theme::style(heading, theme::Text::Title);
    m_first = new ChoiceBox("firstRun", tr("Run A, on the left"), kLeastCharacters);
    m_second = new ChoiceBox("secondRun", tr("Run B, on the right"), kLeastCharacters);
    m_swap = new QToolButton;
    m_swap->setObjectName(QStringLiteral("swapRuns"));
    m_swap->setIcon(theme::icon(QStringLiteral("swap")));
    m_swap->setAccessibleName(tr("Swap A and B"));
    m_swap->setToolTip(tr("Swap A and B"));
    row->addWidget(heading);
    row->addSpacing(theme::kMedium);
    row->addWidget(theme::fieldLabel(tr("A"), m_first));
    row->addWidget(m_first, 1);
    row->addWidget(m_swap);
    row->addWidget(theme::fieldLabel(tr("B"), m_second));
    row->addWidget(m_second, 1);
    return row;
}

QWidget* ComparePage::buildExamples() {
    auto* splitter = new QSplitter(Qt::Horizontal);
    splitter->setChildrenCollapsible(false);
    splitter->addWidget(buildSide());
    auto* host = new QWidget;
    auto* column = new QVBoxLayout(host);
    column->setContentsMargins(theme::kSmall, theme::kSmall, 0, 0);
    column->setSpacing(theme::kSmall);
    column->addLayout(buildFilter());
    column->addLayout(buildLeaves());
    m_list = new PairList(thumbnails());
    m_list->setObjectName(QStringLiteral("pairList"));
    column->addWidget(m_list, 1);
    splitter->addWidget(host);
    splitter->setStretchFactor(1, 1);
    splitter->setSizes({kSideWidth, kListWidth});
    return splitter;
}

QWidget* ComparePage::buildSide() {
    auto* side = new QWidget;
    side->setMinimumWidth(kLeastSideWidth);
    auto* column = new QVBoxLayout(side);
    column->setContentsMargins(0, theme::kSmall, 0, 0);
    column->setSpacing(theme::kSmall);
    m_outcomes = new OutcomeTable;
    m_outcomes->setObjectName(QStringLiteral("outcomes"));
    column->addWidget(m_outcomes);
    m_classTable = new TableView;
    m_classTable->setObjectName(QStringLiteral("classDifferences"));
    m_classTable->setAccessibleName(tr("Difference by class"));
    m_classTable->setToolTip(tr("Select classes to look at their examples alone; bold: differs at 5 % over "
                                "all classes (McNemar, Holm)"));
    m_classTable->setSource(&m_classes);
    m_classTable->setItemDelegateForColumn(ClassDifferencesModel::Difference,
                                           new DifferenceDelegate(m_classTable));
    m_classTable->setStretchColumn(ClassDifferencesModel::Name);
    column->addWidget(m_classTable, 1);
    return side;
}

QLayout* ComparePage::buildFilter() {
    auto* row = new QHBoxLayout;
    row->setSpacing(theme::kSmall);
    m_kind = new ChoiceBox("pairKind", tr("Which examples"), 8);
    m_order = new ChoiceBox("pairOrder", tr("In which order"), 12);
    m_order->addItem(tr("Disagreement"), int(PairOrder::Disagreement));
    m_order->addItem(tr("Moved most"), int(PairOrder::Gap));
    m_order->addItem(tr("As in the run"), int(PairOrder::Position));
    m_order->setItemData(1, tr("The widest difference of the two margins first"), Qt::ToolTipRole);
    m_withoutCommonWrong = new QCheckBox(tr("Hide common wrong"));
    m_withoutCommonWrong->setObjectName(QStringLiteral("withoutCommonWrong"));
    m_withoutCommonWrong->setToolTip(tr("Leaves out what both got wrong"));
    m_all = new QPushButton(tr("Show all"));
    m_all->setObjectName(QStringLiteral("showAllPairs"));
    theme::makeFlat(m_all);
    row->addWidget(m_kind);
    row->addWidget(m_order);
    row->addWidget(m_withoutCommonWrong);
    row->addStretch(1);
    row->addWidget(m_all);
    return row;
}

/// Above the list, where its leaves are: who is on the left and who on the right, and at the hinge how many.
QLayout* ComparePage::buildLeaves() {
    auto* row = new QHBoxLayout;
    row->setSpacing(theme::kMedium);
    m_leftLeaf = new ElidedLabel(Qt::ElideMiddle);
    m_rightLeaf = new ElidedLabel(Qt::ElideMiddle);
    m_leftLeaf->setObjectName(QStringLiteral("leftLeaf"));
    m_rightLeaf->setObjectName(QStringLiteral("rightLeaf"));
    m_leftLeaf->setAlignment(Qt::AlignRight | Qt::AlignVCenter);
    m_count = new QLabel;
    m_count->setObjectName(QStringLiteral("pairCount"));
    m_count->setTextFormat(Qt::PlainText);
    m_count->setAlignment(Qt::AlignCenter);
    m_count->setMinimumWidth(PairList::kHingeWidth / 2);
    theme::style(m_count, theme::Text::Caption);
    for (ElidedLabel* label : {m_leftLeaf, m_rightLeaf})
        theme::style(label, theme::Text::Body);
    row->addWidget(m_leftLeaf, 1);
    row->addWidget(m_count);
    row->addWidget(m_rightLeaf, 1);
    return row;
}

} // namespace diptych::ui
