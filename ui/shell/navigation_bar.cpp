// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/shell/navigation_bar.h"

#include "ui/theme/theme.h"

#include <QButtonGroup>
#include <QEvent>
#include <QFontMetrics>
#include <QHBoxLayout>
#include <QKeyEvent>
#include <QLabel>
#include <QPainter>
#include <QToolButton>
#include <QVBoxLayout>

#include <algorithm>

namespace diptych::ui {

namespace {
constexpr int kLeastWidth = 168;
constexpr int kPadding = 10; // of a button, left and right
constexpr int kIconSide = 20;
constexpr int kLogoSide = 22;
} // namespace

NavigationBar::NavigationBar(QWidget* parent)
    : QWidget(parent), m_column(new QVBoxLayout(this)), m_group(new QButtonGroup(this)) {
    setObjectName(QStringLiteral("navigation"));
    setAccessibleName(tr("Pages"));
    m_column->setContentsMargins(theme::kMedium, theme::kLarge, theme::kMedium, theme::kMedium);
    m_column->setSpacing(2);

    auto* logo = new QLabel(this);
    logo->setPixmap(theme::applicationIcon().pixmap(QSize(kLogoSide, kLogoSide), devicePixelRatioF()));
    auto* name = new QLabel(tr("Diptych"), this);
    theme::style(name, theme::Text::Heading);
    auto* brand = new QHBoxLayout;
    brand->setContentsMargins(theme::kSmall, 0, 0, theme::kLarge);
    brand->setSpacing(theme::kSmall);
    brand->addWidget(logo);
    brand->addWidget(name, 1);
    m_column->addLayout(brand);
    m_column->addStretch(1);

    m_group->setExclusive(true);
    connect(m_group, &QButtonGroup::idClicked, this, &NavigationBar::chosen);
    if (theme::notifier())
        connect(theme::notifier(), &theme::Notifier::changed, this, &NavigationBar::restyle);
    restyle();
}

void NavigationBar::addPage(const QString& title, const QString& iconName) {
    auto* button = new QToolButton(this);
    const int index = count();
    button->setText(QLatin1Char(' ') + title);
    button->setIcon(theme::icon(iconName));
    button->setIconSize(QSize(kIconSide, kIconSide));
    button->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
    button->setCheckable(true);
    button->setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    button->setAccessibleName(title);
    button->setToolTip(tr("%1 (Alt+%2)").arg(title).arg(index + 1));
    button->setObjectName(QStringLiteral("navigate-") + iconName);
    m_group->addButton(button, index);
    m_buttons.push_back(button);
    m_column->insertWidget(m_column->count() - 1, button);
    fitWidth();
}

/// So wide that every title is whole, the chosen one's too, which is bold.
void NavigationBar::fitWidth() {
    int widest = 0;
    for (const QToolButton* button : m_buttons) {
        QFont bold = button->font();
        bold.setWeight(QFont::DemiBold);
        widest = std::max(widest, QFontMetrics(bold).horizontalAdvance(button->text()));
    }
    const int around = kIconSide + 2 * kPadding + 2 * theme::kMedium + theme::kLarge;
    setFixedWidth(std::max(kLeastWidth, widest + around));
}

void NavigationBar::changeEvent(QEvent* event) {
    QWidget::changeEvent(event);
    if (event->type() == QEvent::FontChange)
        fitWidth();
}

int NavigationBar::current() const {
    return m_group->checkedId();
}

void NavigationBar::setCurrent(int index) {
    if (index >= 0 && index < count())
        m_buttons[static_cast<size_t>(index)]->setChecked(true);
}

void NavigationBar::keyPressEvent(QKeyEvent* event) {
    int by = 0;
    if (event->key() == Qt::Key_Down)
        by = 1;
    else if (event->key() == Qt::Key_Up)
        by = -1;
    const int next = current() + by;
    if (by == 0 || next < 0 || next >= count()) {
        QWidget::keyPressEvent(event);
        return;
    }
    m_buttons[static_cast<size_t>(next)]->setFocus(Qt::TabFocusReason);
    m_buttons[static_cast<size_t>(next)]->click();
}

void NavigationBar::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    painter.setPen(theme::colors().border);
    painter.drawLine(width() - 1, 0, width() - 1, height());
}

void NavigationBar::restyle() {
    const theme::Colors& c = theme::colors();
    setStyleSheet(
        QStringLiteral("#navigation QToolButton { text-align: left; padding: 7px %5px; color: %1; }"
                       "#navigation QToolButton:hover { background: %2; color: %3; }"
                       "#navigation QToolButton:checked { background: %4; color: %3; font-weight: 600; }")
            .arg(c.mutedText.name(), c.raised.name(), c.text.name(), c.accentSoft.name())
            .arg(kPadding));
}

} // namespace diptych::ui
