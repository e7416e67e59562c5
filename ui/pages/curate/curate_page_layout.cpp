// SPDX-License-Identifier: GPL-3.0-or-later
// How the Curate page looks; what it does is in curate_page.cpp.
#include "ui/pages/curate/curate_page.h"
#include "ui/theme/theme.h"
#include "ui/widgets/choice_box.h"
#include "ui/widgets/empty_state.h"
#include "ui/widgets/multi_choice.h"
#include "ui/widgets/table_view.h"
#include "ui/widgets/thumbnail_grid.h"

#include <QCheckBox>
#include <QComboBox>
#include <QFrame>
#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QSlider>
#include <QSplitter>
#include <QStackedWidget>
#include <QVBoxLayout>

namespace diptych::ui {

namespace {
constexpr int kListWidth = 410;
constexpr int kLeastListWidth = 240;
constexpr int kThumbnailSide = 112;
constexpr int kSliderWidth = 260;
constexpr int kLeastCharacters = 7; ///< of a name
} // namespace

void CuratePage::buildPage() {
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(theme::kHuge, theme::kHuge, theme::kHuge, theme::kMedium);
    layout->setSpacing(theme::kMedium);
    auto* heading = new QLabel(tr("Curate"));
    theme::style(heading, theme::Text::Title);
    layout->addWidget(heading);
    layout->addLayout(buildChoices());
    layout->addLayout(buildThreshold());
    m_empty = new EmptyState(QStringLiteral("curate"), tr("Curate"), tr("Open a workspace first."));
    m_stack = new QStackedWidget;
    m_stack->addWidget(m_empty);
    m_stack->addWidget(buildFindings());
    layout->addWidget(m_stack, 1);
    layout->addLayout(buildActions());
}

QComboBox* CuratePage::addCombo(QLayout* row, const char* name, const QString& title) {
    auto* box = new ChoiceBox(name, title, kLeastCharacters);
    row->addWidget(box);
    return box;
}

QLayout* CuratePage::buildChoices() {
    auto* row = new QHBoxLayout;
    row->setSpacing(theme::kSmall);
    m_check = addCombo(row, "curateCheck", tr("What to look for"));
    m_check->addItems({tr("Duplicates"), tr("Wrong labels"), tr("Hardest"), tr("Most unusual"),
                       tr("Balance, sizes"), tr("Live probe")}); // as CurateCheck
    m_check->setMinimumContentsLength(12);
    m_dataset = addCombo(row, "curateDataset", tr("Dataset"));
    m_split = addCombo(row, "curateSplit", tr("Split"));
    m_by = addCombo(row, "curateBy", tr("Whose probabilities are taken"));
    m_tags = new MultiChoice;
    m_tags->setObjectName(QStringLiteral("curateTags"));
    m_tags->setAccessibleName(tr("Tags to tell apart"));
    m_tags->setToolTip(tr("Two tags or more, whose images teach the probe"));
    row->addWidget(m_tags);
    m_model = addCombo(row, "curateModel", tr("Model whose embeddings are compared"));
    for (QWidget* later :
         {static_cast<QWidget*>(m_split), static_cast<QWidget*>(m_by), static_cast<QWidget*>(m_tags)})
        later->hide(); // until a check asks for it
    row->addStretch(1);
    m_find = new QPushButton(tr("Find"));
    m_find->setObjectName(QStringLiteral("curateFind"));
    theme::makePrimary(m_find);
    row->addWidget(m_find);
    return row;
}

QLayout* CuratePage::buildThreshold() {
    auto* column = new QVBoxLayout;
    column->setSpacing(theme::kSmall);
    m_thresholdBar = new QWidget;
    auto* row = new QHBoxLayout(m_thresholdBar);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(theme::kSmall);
    m_threshold = new QSlider(Qt::Horizontal);
    m_threshold->setObjectName(QStringLiteral("curateThreshold"));
    m_threshold->setAccessibleName(tr("Cosine from which two images hang together"));
    m_threshold->setToolTip(m_threshold->accessibleName());
    m_threshold->setRange(0, kSimilaritySteps);
    m_threshold->setPageStep(10);
    m_threshold->setMaximumWidth(kSliderWidth);
    m_thresholdText = new QLabel;
    m_thresholdText->setObjectName(QStringLiteral("curateThresholdText"));
    m_across = new QCheckBox(tr("Only across splits"));
    m_across->setObjectName(QStringLiteral("curateAcross"));
    m_thresholdName = theme::fieldLabel({}, m_threshold);
    row->addWidget(m_thresholdName);
    row->addWidget(m_threshold, 1);
    row->addWidget(m_thresholdText);
    row->addSpacing(theme::kMedium);
    row->addWidget(m_across);
    row->addStretch(1);
    m_note = new QLabel;
    m_note->setObjectName(QStringLiteral("curateNote"));
    m_note->setTextFormat(Qt::PlainText);
    m_note->setWordWrap(true);
    theme::style(m_note, theme::Text::Caption);
    column->addWidget(m_thresholdBar);
    m_thresholdBar->hide();
    column->addWidget(m_note);
    return column;
}

QWidget* CuratePage::buildFindings() {
    m_table = new TableView;
    m_table->setObjectName(QStringLiteral("curateGroups"));
    m_table->setAccessibleName(tr("What was found"));
    m_table->setSelectionMode(QAbstractItemView::ExtendedSelection);
    m_table->setSource(&m_rows);
    m_table->setStretchColumn(CurateGroupModel::Title);
    m_table->setMinimumWidth(kLeastListWidth);
    m_grid = new ThumbnailGrid(thumbnails());
    m_grid->setObjectName(QStringLiteral("curateGrid"));
    m_grid->setAccessibleName(tr("Images of the chosen groups"));
    m_grid->setThumbnailSide(kThumbnailSide);
    m_grid->setModel(&m_cards);
    auto* frame = new QFrame;
    theme::makeCard(frame);
    auto* inside = new QVBoxLayout(frame);
    inside->setContentsMargins(2, 2, 2, 2);
    inside->addWidget(m_grid);
    auto* splitter = new QSplitter(Qt::Horizontal);
    splitter->setChildrenCollapsible(false);
    splitter->setHandleWidth(theme::kLarge);
    splitter->addWidget(m_table);
    splitter->addWidget(frame);
    splitter->setStretchFactor(1, 1);
    splitter->setSizes({kListWidth, 1000});
    return splitter;
}

QLayout* CuratePage::buildActions() {
    auto* outer = new QVBoxLayout;
    m_actionBar = new QWidget;
    auto* row = new QHBoxLayout(m_actionBar);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(theme::kSmall);
    const auto add = [&](const char* name, const QString& title, const QString& help) {
        auto* button = new QPushButton(title);
        button->setObjectName(QString::fromLatin1(name));
        button->setToolTip(help);
        row->addWidget(button);
        return button;
    };
    m_accept = add("curateAccept", tr("Accept as tags"), {});
    m_acceptLabels = add("curateAcceptLabels", tr("Accept as labels"),
                         tr("Corrects the labels of these images; the tags are names of classes"));
    m_tag = add("curateTag", tr("Tag…"),
                tr("Gives the images of the chosen groups a tag, all where none is chosen"));
    m_select =
        add("curateSelect", tr("Select these"), tr("Selects the images shown, in every view of the dataset"));
    m_onMap = add("curateOnMap", tr("On the map"), tr("Selects the images shown and brings the map forward"));
    m_inGrid = add("curateInGrid", tr("In the grid"), tr("Shows these images on the Datasets page"));
    row->addStretch(1);
    outer->addWidget(m_actionBar);
    m_actionBar->hide();
    return outer;
}

} // namespace diptych::ui
