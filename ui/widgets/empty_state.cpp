// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/empty_state.h"

#include "ui/theme/theme.h"

#include <QEvent>
#include <QLabel>
#include <QPushButton>
#include <QVBoxLayout>

#include <algorithm>

namespace diptych::ui {

namespace {
constexpr int kIconSide = 40;
constexpr int kTextWidth = 420;
} // namespace

EmptyState::EmptyState(const QString& iconName, const QString& heading, const QString& sentence,
                       const QString& actionText, QWidget* parent)
    : QWidget(parent),
      m_iconName(iconName),
      m_icon(new QLabel(this)),
      m_heading(new QLabel(heading, this)),
      m_sentence(new QLabel(sentence, this)),
      m_button(new QPushButton(actionText, this)) {
    m_icon->setAlignment(Qt::AlignCenter);
    theme::style(m_heading, theme::Text::Heading);
    m_heading->setAlignment(Qt::AlignCenter);
    m_sentence->setForegroundRole(QPalette::PlaceholderText);
    m_sentence->setAlignment(Qt::AlignHCenter | Qt::AlignTop);
    m_sentence->setWordWrap(true);
    m_sentence->setFixedWidth(kTextWidth);
    theme::makePrimary(m_button);
    m_button->setVisible(!actionText.isEmpty());

    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(theme::kHuge, theme::kHuge, theme::kHuge, theme::kHuge);
    column->setSpacing(theme::kSmall);
    column->addStretch(2);
    column->addWidget(m_icon);
    column->addSpacing(theme::kSmall);
    column->addWidget(m_heading);
    column->addWidget(m_sentence, 0, Qt::AlignHCenter);
    column->addSpacing(theme::kMedium);
    column->addWidget(m_button, 0, Qt::AlignHCenter);
    column->addStretch(3);

    connect(m_button, &QPushButton::clicked, this, &EmptyState::actionTriggered);
    if (theme::notifier())
        connect(theme::notifier(), &theme::Notifier::changed, this, &EmptyState::restyle);
    restyle();
    fitSentence();
}

void EmptyState::setText(const QString& heading, const QString& sentence) {
    m_heading->setText(heading);
    m_sentence->setText(sentence);
    fitSentence();
}

void EmptyState::fitSentence() {
    // A centred label does not ask for the height its width needs; without words it knows none (-1).
    m_sentence->setMinimumHeight(std::max(0, m_sentence->heightForWidth(kTextWidth)));
}

void EmptyState::changeEvent(QEvent* event) {
    QWidget::changeEvent(event);
    if (event->type() == QEvent::FontChange || event->type() == QEvent::StyleChange)
        fitSentence();
}

void EmptyState::restyle() {
    m_icon->setPixmap(theme::icon(m_iconName).pixmap(QSize(kIconSide, kIconSide), devicePixelRatioF()));
}

} // namespace diptych::ui
