// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/search/search_page.h"
#include "ui/pages/search/term_list.h"
#include "ui/plots/score_histogram.h"
#include "ui/theme/theme.h"
#include "ui/widgets/alpha_choice.h"
#include "ui/widgets/choice_box.h"
#include "ui/widgets/empty_state.h"
#include "ui/widgets/folding_row.h"
#include "ui/widgets/thumbnail_grid.h"

#include <QComboBox>
#include <QDoubleSpinBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QStackedWidget>
#include <QToolButton>
#include <QVBoxLayout>

namespace diptych::ui {
namespace {

constexpr int kCutWidth = 190;

QToolButton* makeSign(const char* objectName, const QString& sign, const QString& tip) {
    auto* button = new QToolButton;
    button->setObjectName(QString::fromLatin1(objectName));
    button->setText(sign);
    button->setToolTip(tip);
    button->setAccessibleName(tip);
    button->setEnabled(false);
    return button;
}

} // namespace

void SearchPage::buildPage() {
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(theme::kHuge, theme::kHuge, theme::kHuge, theme::kMedium);
    layout->setSpacing(theme::kMedium);
    auto* heading = new QLabel(tr("Search"));
    theme::style(heading, theme::Text::Title);
    layout->addWidget(heading);
    layout->addLayout(buildQuery());
    layout->addWidget(buildPlace());
    layout->addLayout(buildNote());
    m_empty =
        new EmptyState(QStringLiteral("search"), tr("Search by what images show"),
                       tr("Type a few words, or drop a picture here: the images of the dataset that the "
                          "model finds nearest appear at once, best first. Add more words and pictures with "
                          "+, take some away with −."));
    m_stack = new QStackedWidget;
    m_stack->addWidget(m_empty);
    m_stack->addWidget(buildResults());
    layout->addWidget(m_stack, 1);
}

QLayout* SearchPage::buildQuery() {
    auto* column = new QVBoxLayout;
    column->setSpacing(theme::kSmall);
    auto* row = new QHBoxLayout;
    row->setSpacing(theme::kSmall);
    m_text = new QLineEdit;
    m_text->setObjectName(QStringLiteral("searchText"));
    m_text->setAccessibleName(tr("What to find"));
    m_text->setPlaceholderText(tr("What the image should show, e.g. “two dogs on a beach”"));
    m_text->setClearButtonEnabled(true);
    m_text->addAction(theme::icon(QStringLiteral("search")), QLineEdit::LeadingPosition);
    m_text->setAcceptDrops(false); // else a dropped picture would become its address as text
    m_add = makeSign("addWords", QStringLiteral("+"), tr("Keep these words and add others"));
    m_subtract = makeSign("subtractWords", QStringLiteral("−"), tr("Take these words away: less of this"));
    m_choose = new QPushButton(QLatin1Char(' ') + tr("Picture…"));
    m_choose->setObjectName(QStringLiteral("choosePicture"));
    m_choose->setIcon(theme::icon(QStringLiteral("image")));
    m_choose->setToolTip(tr("Find images like a picture; it can be dropped here as well"));
    row->addWidget(m_text, 1);
    row->addWidget(m_add);
    row->addWidget(m_subtract);
    row->addWidget(m_choose);
    column->addLayout(row);
    auto* terms = new QHBoxLayout;
    m_terms = new TermList;
    m_terms->setObjectName(QStringLiteral("searchTerms"));
    m_weight = new QDoubleSpinBox;
    m_weight->setObjectName(QStringLiteral("pictureWeight"));
    m_weight->setAccessibleName(tr("How much a picture counts beside words"));
    m_weight->setToolTip(m_weight->accessibleName());
    m_weight->setRange(0.05, 20);
    m_weight->setSingleStep(0.25);
    m_weight->setValue(1);
    m_weight->setSuffix(QStringLiteral(" ×"));
    m_weightRow = new QWidget;
    auto* weight = new QHBoxLayout(m_weightRow);
    weight->setContentsMargins(0, 0, 0, 0);
    weight->addWidget(theme::fieldLabel(tr("a picture counts"), m_weight));
    weight->addWidget(m_weight);
    m_weightRow->hide();
    terms->addWidget(m_terms, 1);
    terms->addWidget(m_weightRow);
    column->addLayout(terms);
    return column;
}

QWidget* SearchPage::buildPlace() {
    auto* place = new FoldingRow;
    QHBoxLayout *where = place->first(), *how = place->second();
    m_dataset = new ChoiceBox("searchDataset", tr("Dataset to search"), 9);
    m_scopeChoice = new ChoiceBox("searchScope", tr("Which of its images are searched"), 9);
    m_scopeChoice->addItems({tr("all images"), QString(), QString()}); // Scope
    m_model = new ChoiceBox("searchModel", tr("Model that compares"), 9);
    where->addWidget(theme::fieldLabel(tr("in"), m_dataset));
    where->addWidget(m_dataset);
    where->addWidget(m_scopeChoice);
    where->addStretch(1);
    how->addWidget(theme::fieldLabel(tr("with"), m_model));
    how->addWidget(m_model);
    m_alpha = new AlphaChoice;
    m_alpha->setObjectName(QStringLiteral("searchAlpha"));
    how->addWidget(theme::fieldLabel(tr("transparency"), m_alpha));
    how->addWidget(m_alpha);
    how->addStretch(1);
    return place;
}

QLayout* SearchPage::buildNote() {
    auto* row = new QHBoxLayout;
    m_note = new QLabel;
    m_note->setObjectName(QStringLiteral("searchNote"));
    m_note->setTextFormat(Qt::PlainText);
    m_note->setWordWrap(true);
    theme::style(m_note, theme::Text::Caption);
    m_encode = new QPushButton(tr("Encode the images now"));
    m_encode->setObjectName(QStringLiteral("searchEncode"));
    m_encode->hide();
    row->addWidget(m_note, 1);
    row->addWidget(m_encode);
    return row;
}

QWidget* SearchPage::buildResults() {
    auto* results = new QWidget;
    auto* column = new QVBoxLayout(results);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(theme::kSmall);
    auto* row = new QHBoxLayout;
    row->setSpacing(theme::kMedium);
    m_scores = new ScoreHistogram;
    m_scores->setObjectName(QStringLiteral("searchScores"));
    m_scores->setAccessibleName(tr("How all images score, and the cut"));
    row->addWidget(m_scores, 1);
    auto* beside = new QVBoxLayout;
    m_cut = new QLabel;
    m_cut->setObjectName(QStringLiteral("searchCut"));
    m_cut->setTextFormat(Qt::PlainText);
    m_cut->setWordWrap(true);
    m_cut->setFixedWidth(kCutWidth);
    theme::style(m_cut, theme::Text::Caption);
    m_select = new QPushButton(tr("Select these"));
    m_select->setObjectName(QStringLiteral("selectAboveCut"));
    m_select->setToolTip(tr("Select all images that score at least as much as the cut, in every view"));
    m_suggest = new QPushButton(tr("Suggest a cut"));
    m_suggest->setObjectName(QStringLiteral("suggestCut"));
    m_suggest->setToolTip(
        tr("The lowest score where at most a fifth of the images above it would be there by chance, as the "
           "spread of the many that do not fit has it"));
    auto* buttons = new QHBoxLayout;
    buttons->setSpacing(theme::kSmall);
    buttons->addWidget(m_suggest);
    buttons->addWidget(m_select);
    beside->addWidget(m_cut, 1);
    beside->addLayout(buttons);
    row->addLayout(beside);
    column->addLayout(row);
    m_grid = new ThumbnailGrid(thumbnails());
    m_grid->setObjectName(QStringLiteral("searchGrid"));
    m_grid->setAccessibleName(tr("Nearest images"));
    m_grid->setModel(&m_cards);
    column->addWidget(m_grid, 1);
    return results;
}

} // namespace diptych::ui
