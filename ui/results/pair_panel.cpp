// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/results/pair_panel.h"

#include "ui/models/formatting.h"
#include "ui/theme/theme.h"
#include "ui/widgets/sample_picture.h"

#include <QGridLayout>
#include <QLabel>
#include <QVBoxLayout>

namespace diptych::ui {
namespace {

constexpr int kPictureHeight = 150;
constexpr int kCaptionWidth = 96; ///< at least

// Columns and rows of the grid: captions stand left of the scores, verdicts between two scores.
constexpr int kCaptionColumn = 0, kFirstPicture = 1, kBetweenPictures = 2;
constexpr int kPictureRow = 0, kFirstCaption = 1;

int columnOf(int picture) {
    return kFirstPicture + 2 * picture;
}
int rowOf(int caption) {
    return kFirstCaption + 2 * caption;
}

void setColor(QLabel* label, const QColor& color) {
    QPalette palette = label->palette();
    palette.setColor(QPalette::WindowText, color);
    label->setForegroundRole(QPalette::WindowText);
    label->setPalette(palette);
}

} // namespace

PairPanel::PairPanel(ThumbnailProvider& thumbnails, QWidget* parent)
    : QWidget(parent), m_thumbnails(thumbnails) {
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    if (theme::notifier())
        connect(theme::notifier(), &theme::Notifier::changed, this, &PairPanel::rebuild);
    rebuild();
}

void PairPanel::setPair(std::optional<PairResult> pair) {
    m_pair = std::move(pair);
    rebuild();
}

void PairPanel::rebuild() {
    delete m_content;
    m_content = new QWidget;
    auto* column = new QVBoxLayout(m_content);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(theme::kLarge);
    layout()->addWidget(m_content);
    if (!m_pair) {
        auto* none = new QLabel(tr("No pair is chosen."));
        theme::style(none, theme::Text::Caption);
        column->addWidget(none);
        column->addStretch(1);
        return;
    }
    m_grid = new QGridLayout;
    m_grid->setHorizontalSpacing(theme::kMedium);
    m_grid->setVerticalSpacing(theme::kSmall);
    m_grid->setColumnStretch(kCaptionColumn, 2);
    for (size_t i = 0; i < m_pair->part.images.size(); ++i)
        m_grid->setColumnStretch(columnOf(static_cast<int>(i)), 3);
    column->addLayout(m_grid);
    addPictures();
    addScores();
    addVerdicts();
    auto* words = new QVBoxLayout;
    words->setSpacing(theme::kTiny);
    for (const PairInequality& inequality : m_pair->inequalities()) {
        QLabel* label = verdictLabel(inequality, inequality.words);
        label->setObjectName(QStringLiteral("pairWords"));
        label->setWordWrap(true);
        words->addWidget(label);
    }
    column->addLayout(words);
    column->addStretch(1);
}

void PairPanel::addPictures() {
    for (size_t i = 0; i < m_pair->part.images.size(); ++i) {
        auto* picture = new SamplePicture(m_thumbnails);
        picture->setObjectName(QStringLiteral("pairPicture%1").arg(i));
        picture->setSample(m_pair->part.images[i], tr("Picture %1").arg(i + 1));
        picture->setFixedHeight(kPictureHeight);
        picture->setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
        connect(picture, &SamplePicture::clicked, this,
                [this, picture] { Q_EMIT pictureClicked(picture->sample()); });
        Q_EMIT pictureMade(picture);
        m_grid->addWidget(picture, kPictureRow, columnOf(static_cast<int>(i)));
    }
}

void PairPanel::addScores() {
    auto* unit = new QLabel(scoreName(m_pair->part.matching));
    unit->setObjectName(QStringLiteral("pairScoreName"));
    unit->setWordWrap(true);
    unit->setToolTip(
        m_pair->part.matching
            ? tr("Of the model that looks at caption and picture together: log-odds of a match where "
                 "it answers yes or no, 0 is even; else its logit, higher is better")
            : tr("Cosine of the embeddings of caption and picture, -1 to 1"));
    theme::style(unit, theme::Text::Caption);
    m_grid->addWidget(unit, kPictureRow, kCaptionColumn, Qt::AlignBottom);
    for (int caption = 0; caption < m_pair->captions.size(); ++caption) {
        auto* words = new QLabel(tr("%1  %2").arg(caption + 1).arg(m_pair->captions[caption]));
        words->setTextFormat(Qt::PlainText);
        words->setWordWrap(true);
        words->setTextInteractionFlags(Qt::TextSelectableByMouse);
        words->setMinimumWidth(kCaptionWidth);
        m_grid->addWidget(words, rowOf(caption), kCaptionColumn, Qt::AlignVCenter);
        for (int picture = 0; picture < static_cast<int>(m_pair->part.images.size()); ++picture) {
            const double score = m_pair->score(caption, picture);
            auto* label = new QLabel(scoreText(score, m_pair->part.matching));
            label->setObjectName(QStringLiteral("pairScore%1%2").arg(caption).arg(picture));
            theme::style(label, theme::Text::Number);
            label->setAlignment(Qt::AlignCenter);
            label->setContentsMargins(0, theme::kSmall, 0, theme::kSmall);
            if (caption == picture) { // these belong together
                label->setAutoFillBackground(true);
                QPalette palette = label->palette();
                palette.setColor(QPalette::Window, theme::colors().accentSoft);
                label->setPalette(palette);
                label->setToolTip(tr("This caption is right for this picture"));
            }
            m_grid->addWidget(label, rowOf(caption), columnOf(picture));
        }
    }
}

QLabel* PairPanel::verdictLabel(const PairInequality& inequality, const QString& text) const {
    auto* label = new QLabel(
        tr("%1 %2").arg(inequality.holds ? QStringLiteral("✓") : QStringLiteral("✗"), text).trimmed());
    label->setToolTip(inequality.words);
    setColor(label, inequality.holds ? theme::colors().success : theme::colors().danger);
    return label;
}

void PairPanel::addVerdicts() {
    for (const PairInequality& inequality : m_pair->inequalities()) {
        const int caption = inequality.right[0], picture = inequality.right[1];
        const bool rightIsFirst = inequality.kind == PairInequality::Kind::Text
                                      ? caption < inequality.other[0]
                                      : picture < inequality.other[1];
        QLabel* label = nullptr;
        if (inequality.kind == PairInequality::Kind::Image) {
            const QString sign = inequality.holds
                                     ? (rightIsFirst ? QStringLiteral(">") : QStringLiteral("<"))
                                     : (rightIsFirst ? QStringLiteral("≤") : QStringLiteral("≥"));
            label = verdictLabel(inequality, sign);
            m_grid->addWidget(label, rowOf(caption), kBetweenPictures, Qt::AlignCenter);
        } else {
            const QString sign =
                inequality.holds ? (rightIsFirst ? tr("higher than below") : tr("higher than above"))
                                 : (rightIsFirst ? tr("not higher than below") : tr("not higher than above"));
            label =
                verdictLabel(inequality, m_pair->part.images.size() > 1 || m_pair->captions.size() == 2 ? sign
                                         : inequality.holds ? tr("lower than the right caption")
                                                            : tr("not lower than the right caption"));
            const int between = rowOf(std::max(caption, inequality.other[0])) - 1;
            m_grid->addWidget(label, between, columnOf(picture), Qt::AlignCenter);
        }
        label->setObjectName(QStringLiteral("pairVerdict"));
    }
}

} // namespace diptych::ui
