// SPDX-License-Identifier: GPL-3.0-or-later
// How the Datasets page looks; what it does is in datasets_page.cpp and datasets_page_actions.cpp.
#include "core/base/file.h"
#include "ui/models/formatting.h"
#include "ui/models/sample_list_model.h"
#include "ui/pages/datasets/datasets_page.h"
#include "ui/pages/datasets/facet_bar.h"
#include "ui/pages/datasets/import_check.h"
#include "ui/pages/datasets/views_button.h"
#include "ui/state/settings.h"
#include "ui/theme/theme.h"
#include "ui/widgets/elided_label.h"
#include "ui/widgets/empty_state.h"
#include "ui/widgets/error_banner.h"
#include "ui/widgets/sample_actions.h"
#include "ui/widgets/thumbnail_grid.h"
#include "ui/widgets/two_line_delegate.h"

#include <QApplication>
#include <QClipboard>
#include <QHBoxLayout>
#include <QLabel>
#include <QListView>
#include <QMenu>
#include <QPushButton>
#include <QSplitter>
#include <QStackedWidget>
#include <QToolButton>
#include <QVBoxLayout>

namespace diptych::ui {

namespace {
constexpr int kListWidth = 232;
constexpr int kLeastListWidth = 180;
constexpr int kListHeight = 210, kLeastListHeight = 60;
constexpr int kDefaultSide = 144;

/// Keeps the current dataset in sight when it gets less room.
class DatasetList : public QListView {
public:
    using QListView::QListView;

protected:
    void resizeEvent(QResizeEvent* event) override {
        QListView::resizeEvent(event);
        scrollTo(currentIndex());
    }
};
} // namespace

void DatasetsPage::buildPage() {
    m_banner = new ErrorBanner(this);
    m_stack = new QStackedWidget(this);
    m_empty =
        new EmptyState(QStringLiteral("datasets"), tr("No datasets yet"),
                       tr("Drop a folder of images here, or a CSV, JSONL or COCO file that lists them. The "
                          "images stay where they are."),
                       tr("Import images…"), this);
    auto* splitter = new QSplitter(Qt::Horizontal, this);
    splitter->setChildrenCollapsible(false);
    splitter->setHandleWidth(theme::kLarge);
    splitter->addWidget(buildList());
    splitter->addWidget(buildContent());
    splitter->setStretchFactor(1, 1);
    splitter->setSizes({kListWidth, 1000});
    m_stack->addWidget(m_empty);
    m_stack->addWidget(splitter);

    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(theme::kHuge, theme::kLarge, theme::kHuge, theme::kMedium);
    column->setSpacing(theme::kMedium);
    column->addWidget(m_banner);
    column->addWidget(m_stack, 1);
}

QWidget* DatasetsPage::buildList() {
    auto* halves = new QSplitter(Qt::Vertical, this);
    halves->setChildrenCollapsible(false);
    halves->setHandleWidth(theme::kMedium);
    auto* box = new QWidget(halves);
    auto* title = new QLabel(tr("Datasets"), box);
    theme::style(title, theme::Text::Title);
    m_list = new DatasetList(box);
    m_list->setObjectName(QStringLiteral("datasetList"));
    m_list->setModel(m_datasets);
    m_list->setItemDelegate(new TwoLineDelegate(DatasetListModel::SummaryRole, m_list));
    m_list->setUniformItemSizes(true);
    m_list->setMouseTracking(true);
    m_list->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_list->setAccessibleName(tr("Datasets"));
    m_import = new QPushButton(QLatin1Char(' ') + tr("Import images…"), box);
    m_import->setIcon(theme::icon(QStringLiteral("plus")));
    m_import->setToolTip(tr("Import a folder or file (Ctrl+I)"));
    m_import->setMinimumWidth(kLeastListWidth);
    connect(m_import, &QPushButton::clicked, this, [this] { openImport({}); });

    auto* column = new QVBoxLayout(box);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(theme::kMedium);
    column->addWidget(title);
    column->addWidget(m_list, 1);
    column->addWidget(m_import);
    m_list->setMinimumHeight(kLeastListHeight);
    m_facets = new FacetBar(context(), halves);
    halves->addWidget(box);
    halves->addWidget(m_facets);
    halves->setStretchFactor(1, 1);
    halves->setSizes({kListHeight, 1000});
    return halves;
}

QWidget* DatasetsPage::buildHeader() {
    auto* box = new QWidget(this);
    m_title = new ElidedLabel(Qt::ElideMiddle, box);
    m_title->setObjectName(QStringLiteral("datasetTitle"));
    theme::style(m_title, theme::Text::Title);
    m_subtitle = new ElidedLabel(Qt::ElideRight, box);
    theme::style(m_subtitle, theme::Text::Caption);
    m_source = new ElidedLabel(Qt::ElideMiddle, box);
    m_source->setObjectName(QStringLiteral("datasetSource"));
    theme::style(m_source, theme::Text::Caption);
    m_problemsButton = new QPushButton(box);
    m_problemsButton->setIcon(theme::icon(QStringLiteral("alert")));
    theme::makeFlat(m_problemsButton);
    m_problemsButton->hide(); // until a dataset has some
    connect(m_problemsButton, &QPushButton::clicked, this, [this] { showProblems(m_shown); });
    m_evaluate = new QPushButton(tr("Evaluate…"), box);
    m_evaluate->setToolTip(tr("Choose a model and evaluate it on this dataset"));
    theme::makePrimary(m_evaluate);
    connect(m_evaluate, &QPushButton::clicked, this, [this] { state().showEvaluate(m_shown, {}); });
    m_more = new QToolButton(box);
    m_more->setIcon(theme::icon(QStringLiteral("more")));
    m_more->setPopupMode(QToolButton::InstantPopup);
    m_more->setToolTip(tr("More about this dataset"));
    m_more->setAccessibleName(m_more->toolTip());

    auto* words = new QVBoxLayout;
    words->setSpacing(2);
    words->addWidget(m_title);
    auto* facts = new QHBoxLayout;
    facts->setSpacing(0);
    facts->addWidget(m_subtitle);
    facts->addWidget(m_source, 1);
    words->addLayout(facts);
    auto* row = new QHBoxLayout(box);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(theme::kSmall);
    row->addLayout(words, 1);
    row->addWidget(m_problemsButton);
    row->addWidget(m_evaluate);
    row->addWidget(m_more);
    return box;
}

QWidget* DatasetsPage::buildContent() {
    auto* box = new QWidget(this);
    m_filter = new FilterBar(box);
    m_views = new ViewsButton(context(), box);
    m_facetsButton = new QToolButton(box);
    m_facetsButton->setObjectName(QStringLiteral("facetsButton"));
    m_facetsButton->setIcon(theme::icon(QStringLiteral("filter")));
    m_facetsButton->setCheckable(true);
    m_facetsButton->setToolTip(tr("Counts and filters beside the pictures"));
    m_facetsButton->setAccessibleName(m_facetsButton->toolTip());
    m_filter->addTool(m_views);
    m_filter->addTool(m_facetsButton);
    m_requestBar = new QWidget(box);
    m_requestLabel = new QLabel(m_requestBar);
    m_requestLabel->setTextFormat(Qt::PlainText);
    theme::style(m_requestLabel, theme::Text::Heading);
    auto* showAll = new QPushButton(tr("Show all images"), m_requestBar);
    showAll->setToolTip(tr("Back to the whole dataset (Esc)"));
    connect(showAll, &QPushButton::clicked, this, &DatasetsPage::showWholeDataset);
    auto* requestRow = new QHBoxLayout(m_requestBar);
    requestRow->setContentsMargins(0, 0, 0, 0);
    requestRow->addWidget(m_requestLabel, 1);
    requestRow->addWidget(showAll);

    m_grid = new ThumbnailGrid(thumbnails(), box);
    m_grid->setObjectName(QStringLiteral("thumbnailGrid"));
    m_grid->setModel(m_samples);
    const int side = settings().value(QStringLiteral("datasets/thumbnailSide"), kDefaultSide).toInt();
    m_grid->setThumbnailSide(side);
    m_filter->setThumbnailSide(m_grid->thumbnailSide());
    m_noMatch = new EmptyState(QStringLiteral("search"), tr("Nothing matches"),
                               tr("No image of this dataset has all that is asked for."),
                               tr("Clear the filters"), box);
    auto* frame = new QFrame(box);
    theme::makeCard(frame);
    m_gridStack = new QStackedWidget(frame);
    m_gridStack->addWidget(m_grid);
    m_gridStack->addWidget(m_noMatch);
    auto* frameLayout = new QVBoxLayout(frame);
    frameLayout->setContentsMargins(2, 2, 2, 2);
    frameLayout->addWidget(m_gridStack);

    auto* column = new QVBoxLayout(box);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(theme::kMedium);
    column->addWidget(buildHeader());
    column->addWidget(buildMissingBar());
    column->addWidget(m_filter);
    column->addWidget(m_requestBar);
    column->addWidget(frame, 1);
    column->addWidget(buildFooter());
    return box;
}

QWidget* DatasetsPage::buildMissingBar() {
    auto* bar = new QFrame(this);
    bar->setObjectName(QStringLiteral("missingBar"));
    theme::makeCard(bar);
    m_missingBar = bar;
    m_missingLabel = new QLabel(bar);
    m_missingLabel->setTextFormat(Qt::PlainText);
    m_missingLabel->setWordWrap(true);
    auto* icon = new QLabel(bar);
    icon->setPixmap(theme::icon(QStringLiteral("alert")).pixmap(20, 20));
    auto* locate = new QPushButton(tr("Locate…"), bar);
    locate->setObjectName(QStringLiteral("locateDataset"));
    connect(locate, &QPushButton::clicked, this, &DatasetsPage::relocate);
    auto* row = new QHBoxLayout(bar);
    row->setContentsMargins(theme::kMedium, theme::kSmall, theme::kSmall, theme::kSmall);
    row->addWidget(icon);
    row->addWidget(m_missingLabel, 1);
    row->addWidget(locate);
    bar->hide();
    return bar;
}

QWidget* DatasetsPage::buildFooter() {
    auto* box = new QWidget(this);
    m_countLabel = new QLabel(box);
    m_countLabel->setObjectName(QStringLiteral("sampleCount"));
    theme::style(m_countLabel, theme::Text::Caption);
    m_tagMenu = new QMenu(box);
    m_untagMenu = new QMenu(box);
    auto makeButton = [box](const QString& text, QMenu* menu) {
        auto* button = new QToolButton(box);
        button->setText(QLatin1Char(' ') + text);
        button->setIcon(theme::icon(QStringLiteral("tag")));
        button->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
        button->setPopupMode(QToolButton::InstantPopup);
        button->setMenu(menu);
        return button;
    };
    m_tagButton = makeButton(tr("Add tag"), m_tagMenu);
    m_untagButton = makeButton(tr("Remove tag"), m_untagMenu);
    auto* row = new QHBoxLayout(box);
    row->setContentsMargins(0, 0, 0, 0);
    row->addWidget(m_countLabel, 1);
    row->addWidget(m_tagButton);
    row->addWidget(m_untagButton);
    return box;
}

void DatasetsPage::buildMenus() {
    connect(m_tagMenu, &QMenu::aboutToShow, this,
            [this] { actions().fillTagMenu(m_tagMenu, m_grid->selectedSamples(), m_grid); });
    connect(m_untagMenu, &QMenu::aboutToShow, this, &DatasetsPage::fillUntagMenu);
    auto* menu = new QMenu(m_more);
    QAction* renaming = menu->addAction(tr("Rename…"), this, &DatasetsPage::rename);
    QAction* reading = menu->addAction(theme::icon(QStringLiteral("refresh")), tr("Read the source again…"),
                                       this, &DatasetsPage::readAgain);
    reading->setObjectName(QStringLiteral("readAgain"));
    QAction* moving = menu->addAction(tr("Locate the folder…"), this, &DatasetsPage::relocate);
    menu->addAction(tr("Problems and notes…"), this, [this] { showProblems(m_shown); });
    menu->addAction(theme::icon(QStringLiteral("copy")), tr("Copy the source's path"), this,
                    [this] { QApplication::clipboard()->setText(m_source->text()); });
    menu->addSeparator();
    QAction* removing = menu->addAction(theme::icon(QStringLiteral("trash")),
                                        tr("Remove from the workspace…"), this, &DatasetsPage::removeDataset);
    connect(menu, &QMenu::aboutToShow, this, [this, renaming, reading, moving, removing] {
        for (QAction* action : {renaming, reading, moving, removing})
            action->setEnabled(!state().readOnly());
    });
    m_more->setMenu(menu);
}

void DatasetsPage::updateHeader() {
    const DatasetInfo* dataset = m_datasets->find(state().currentDataset());
    if (!dataset)
        return;
    m_title->setFullText(toQString(dataset->name));
    const QStringList facts{formatTitle(dataset->format), datasetSummary(*dataset), QString()};
    m_subtitle->setFullText(facts.join(QStringLiteral("  ·  ")));
    m_source->setFullText(toQString(displayPath(dataset->source)));
    m_missingBar->setVisible(m_datasets->missing(dataset->id));
    m_missingBar->findChild<QPushButton*>()->setEnabled(!state().readOnly());
    m_missingLabel->setText(tr("The images of this dataset are not in %1 any more. Were they moved?")
                                .arg(toQString(displayPath(dataset->root))));
    const QString problems = problemsText(dataset->problemCount, dataset->noteCount);
    m_problemsButton->setVisible(!problems.isEmpty());
    m_problemsButton->setIcon(
        theme::icon(dataset->problemCount > 0 ? QStringLiteral("alert") : QStringLiteral("info")));
    m_problemsButton->setText(QLatin1Char(' ') + problems);
}

void DatasetsPage::updateFooter() {
    const int shown = m_samples->rowCount();
    const int selected = static_cast<int>(selectedRowCount());
    const DatasetInfo* dataset = m_datasets->find(m_shown);
    QString text = countOf(shown, tr("image"), tr("images"));
    if (dataset && shown < dataset->sampleCount)
        text = tr("%1 of %2 images").arg(exactCountText(shown), exactCountText(dataset->sampleCount));
    if (selected > 0)
        text += tr("  ·  %1 selected").arg(exactCountText(selected));
    m_countLabel->setText(text);
    const bool writable = !state().readOnly();
    m_tagButton->setEnabled(selected > 0 && writable);
    m_untagButton->setEnabled(selected > 0 && writable && !actions().tags().isEmpty());
}

void DatasetsPage::updateStack() {
    const bool open = state().session() != nullptr;
    const bool any = !m_datasets->datasets().empty();
    m_import->setEnabled(!state().readOnly());
    m_empty->button()->setEnabled(open && !state().readOnly());
    // While the list is still on its way neither is true yet; the list is shown without its content.
    m_stack->setCurrentIndex(open && (any || !m_listed) ? 1 : 0);
    m_requestBar->setVisible(m_view && m_view->spec().ids);
    m_gridStack->setCurrentIndex(m_samples->rowCount() == 0 && m_view && m_view->spec().narrows() ? 1 : 0);
}

} // namespace diptych::ui
