// SPDX-License-Identifier: GPL-3.0-or-later
// How the Prompts page looks.
#include "ui/models/formatting.h"
#include "ui/pages/prompts/prompts_page.h"
#include "ui/theme/theme.h"
#include "ui/widgets/choice_box.h"
#include "ui/widgets/empty_state.h"
#include "ui/widgets/sample_actions.h"
#include "ui/widgets/table_view.h"
#include "ui/widgets/thumbnail_grid.h"

#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QPushButton>
#include <QSpinBox>
#include <QSplitter>
#include <QStackedWidget>
#include <QTabWidget>
#include <QTableWidget>
#include <QVBoxLayout>

namespace diptych::ui {
namespace {

constexpr int kThumbnailSide = 80, kMostSteps = 200, kUsualSteps = 10;
/// Of a window of the least width; the classes have more columns.
constexpr int kClassesWidth = 490, kTemplatesWidth = 330;

QLabel* caption(const QString& text) {
    auto* label = new QLabel(text);
    theme::style(label, theme::Text::Caption);
    return label;
}

QTableWidget* plainTable(const char* name, const QStringList& headers) {
    auto* table = new QTableWidget(0, static_cast<int>(headers.size()));
    table->setObjectName(QString::fromLatin1(name));
    table->setHorizontalHeaderLabels(headers);
    table->setEditTriggers(QAbstractItemView::NoEditTriggers);
    table->setSelectionBehavior(QAbstractItemView::SelectRows);
    table->setShowGrid(false);
    table->verticalHeader()->hide();
    table->horizontalHeader()->setSectionResizeMode(QHeaderView::ResizeToContents);
    return table;
}

TableView* draftView(const char* name, const QString& title, DraftTable& model, int stretched) {
    auto* view = new TableView;
    view->setObjectName(QString::fromLatin1(name));
    view->setAccessibleName(title);
    view->setSource(&model);
    view->setEditTriggers(QAbstractItemView::DoubleClicked | QAbstractItemView::EditKeyPressed |
                          QAbstractItemView::AnyKeyPressed);
    view->setMinimumHeight(90);
    // Measuring every cell of a thousand classes at each key stroke would not stay fluent.
    view->horizontalHeader()->setSectionResizeMode(QHeaderView::Interactive);
    view->horizontalHeader()->setSectionResizeMode(stretched, QHeaderView::Stretch);
    return view;
}

} // namespace

QPushButton* PromptsPage::addButton(QLayout* row, const char* name, const QString& text) {
    auto* button = new QPushButton(text);
    button->setObjectName(QString::fromLatin1(name));
    row->addWidget(button);
    return button;
}

void PromptsPage::buildPage() {
    auto* outer = new QVBoxLayout(this);
    outer->setContentsMargins(theme::kLarge, theme::kLarge, theme::kLarge, theme::kMedium);
    outer->setSpacing(theme::kSmall);
    outer->addLayout(buildChoices());
    m_stack = new QStackedWidget;
    m_empty = new EmptyState(QStringLiteral("prompts"), tr("Prompts"), QString(), tr("Encode the images"));
    m_stack->addWidget(m_empty);
    auto* bench = new QWidget;
    auto* column = new QVBoxLayout(bench);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(theme::kSmall);
    column->addLayout(buildVariants());
    auto* numbers = new QHBoxLayout;
    m_number = new QLabel;
    m_number->setObjectName(QStringLiteral("promptNumber"));
    theme::style(m_number, theme::Text::Heading);
    m_change = new QLabel;
    m_change->setObjectName(QStringLiteral("promptChange"));
    m_change->setWordWrap(true);
    numbers->addWidget(m_number);
    numbers->addSpacing(theme::kMedium);
    numbers->addWidget(m_change, 1);
    column->addLayout(numbers);
    m_problem = new QLabel;
    m_problem->setObjectName(QStringLiteral("promptProblem"));
    m_problem->setTextFormat(Qt::PlainText);
    m_problem->setWordWrap(true);
    m_problem->hide();
    column->addWidget(m_problem);
    auto* split = new QSplitter(Qt::Vertical);
    split->setChildrenCollapsible(false);
    split->addWidget(buildTables());
    split->addWidget(buildResults());
    split->setStretchFactor(0, 3);
    split->setStretchFactor(1, 2);
    column->addWidget(split, 1);
    m_stack->addWidget(bench);
    outer->addWidget(m_stack, 1);
}

QLayout* PromptsPage::buildChoices() {
    auto* row = new QHBoxLayout;
    auto* heading = new QLabel(tr("Prompts"));
    theme::style(heading, theme::Text::Title);
    row->addWidget(heading);
    row->addStretch(1);
    m_dataset = new ChoiceBox("promptsDataset", tr("Dataset"), 8);
    m_split = new ChoiceBox("promptsSplit", tr("Split"), 6);
    m_model = new ChoiceBox("promptsModel", tr("Model"), 8);
    for (QComboBox* box : {m_dataset, m_split, m_model})
        row->addWidget(box);
    m_evaluate = addButton(row, "evaluateThese", tr("Evaluate with these"));
    m_evaluate->setToolTip(tr("Stores a run of zero-shot classification with these prompts"));
    theme::makePrimary(m_evaluate);
    return row;
}

QLayout* PromptsPage::buildVariants() {
    auto* row = new QHBoxLayout;
    m_set = new ChoiceBox("promptSets", tr("The prompts to begin with"), 10);
    row->addWidget(m_set, 1);
    m_save = addButton(row, "savePromptsAs", tr("Save as…"));
    m_rename = addButton(row, "renameKept", tr("Rename…"));
    m_remove = addButton(row, "removeKept", tr("Remove"));
    m_import = addButton(row, "importPrompts", tr("Import…"));
    m_export = addButton(row, "exportPrompts", tr("Export…"));
    row->addWidget(caption(tr("against")));
    m_against = new ChoiceBox("promptsAgainst", tr("The prompts to compare with"), 10);
    row->addWidget(m_against, 1);
    return row;
}

QWidget* PromptsPage::buildTables() {
    auto* split = new QSplitter(Qt::Horizontal);
    split->setChildrenCollapsible(false);
    m_classView = draftView("promptClasses", tr("Classes"), m_classes, ClassWordsTable::Called);
    m_classView->horizontalHeader()->setMinimumSectionSize(66); // the stretched one too
    m_classView->setColumnWidth(ClassWordsTable::Class, 112);
    m_classView->setColumnWidth(ClassWordsTable::Own, 112);
    m_classView->setColumnWidth(ClassWordsTable::Images, 68);
    m_classView->setColumnWidth(ClassWordsTable::Right, 76);
    m_classView->setColumnWidth(ClassWordsTable::Moved, 66);
    split->addWidget(m_classView);
    auto* right = new QWidget;
    auto* column = new QVBoxLayout(right);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(theme::kTiny);
    m_templateView = draftView("promptTemplatesTable", tr("Templates"), m_templates, TemplatesTable::Text);
    m_templateView->setColumnWidth(TemplatesTable::Used, 32);
    m_templateView->setColumnWidth(TemplatesTable::Alone, 84);
    m_templateView->setColumnWidth(TemplatesTable::Changed, 74);
    column->addWidget(m_templateView, 1);
    auto* buttons = new QHBoxLayout;
    m_add = addButton(buttons, "addTemplate", tr("Add a template"));
    m_removeTemplates = addButton(buttons, "removeTemplates", tr("Remove"));
    m_removeTemplates->setToolTip(tr("Takes the selected templates away"));
    buttons->addStretch(1);
    m_undo = addButton(buttons, "undoPrompts", tr("Undo"));
    m_redo = addButton(buttons, "redoPrompts", tr("Redo"));
    column->addLayout(buttons);
    split->addWidget(right);
    split->setStretchFactor(0, 4);
    split->setStretchFactor(1, 3);
    split->setSizes({kClassesWidth, kTemplatesWidth});
    return split;
}

QWidget* PromptsPage::buildResults() {
    m_tabs = new QTabWidget;
    m_tabs->setObjectName(QStringLiteral("promptResults"));
    m_tabs->setDocumentMode(true);
    m_tabs->addTab(buildFlips(), tr("Pictures that flipped"));
    m_close = plainTable("closeNames", {tr("Class"), tr("Class"), tr("Cosine"), tr("1st taken for 2nd"),
                                        tr("2nd taken for 1st")});
    m_tabs->addTab(m_close, tr("Names too close"));
    m_tabs->addTab(buildSelection(), tr("Choose templates"));
    return m_tabs;
}

QWidget* PromptsPage::buildFlips() {
    auto* host = new QWidget;
    auto* row = new QHBoxLayout(host);
    row->setContentsMargins(0, theme::kTiny, 0, 0);
    const auto add = [&](QLabel*& title, ThumbnailGrid*& grid, SampleCardModel& cards, const char* name) {
        auto* column = new QVBoxLayout;
        title = caption(QString());
        column->addWidget(title);
        grid = new ThumbnailGrid(thumbnails());
        grid->setObjectName(QString::fromLatin1(name));
        grid->setThumbnailSide(kThumbnailSide);
        grid->setModel(&cards);
        grid->setMinimumHeight(80);
        column->addWidget(grid, 1);
        row->addLayout(column, 1);
        actions().attach(grid, [] { return RunId(); });
    };
    add(m_gainedTitle, m_gainedGrid, m_gained, "promptsGained");
    add(m_lostTitle, m_lostGrid, m_lost, "promptsLost");
    return host;
}

QWidget* PromptsPage::buildSelection() {
    auto* host = new QWidget;
    auto* column = new QVBoxLayout(host);
    column->setContentsMargins(0, theme::kTiny, 0, 0);
    auto* row = new QHBoxLayout;
    row->addWidget(caption(tr("The best one by one, on the split above, at most")));
    m_most = new QSpinBox;
    m_most->setRange(1, kMostSteps);
    m_most->setValue(kUsualSteps);
    m_most->setAccessibleName(tr("Templates to choose at most"));
    row->addWidget(m_most);
    row->addWidget(caption(tr("judged on")));
    m_judge = new ChoiceBox("judgeSplit", tr("The split to judge the choice on"), 8);
    row->addWidget(m_judge);
    m_select = addButton(row, "selectTemplates", tr("Choose"));
    m_useChosen = addButton(row, "useChosen", tr("Use these"));
    m_useChosen->setEnabled(false);
    row->addStretch(1);
    column->addLayout(row);
    m_selectionText = new QLabel;
    m_selectionText->setObjectName(QStringLiteral("selectionText"));
    m_selectionText->setTextFormat(Qt::PlainText);
    m_selectionText->setWordWrap(true);
    column->addWidget(m_selectionText);
    m_steps = plainTable("selectionSteps", {tr("Template added"), tr("Right so far")});
    column->addWidget(m_steps, 1);
    return host;
}

} // namespace diptych::ui
