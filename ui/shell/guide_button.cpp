// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/shell/guide_button.h"

#include "ui/theme/theme.h"

#include <QEvent>

namespace diptych::ui {
namespace {

constexpr int kSide = theme::kHuge - 2; // the margin of pages is kHuge wide

} // namespace

GuideButton::GuideButton(QWidget* pages) : QToolButton(pages->parentWidget()), m_pages(pages) {
    setObjectName(QStringLiteral("guideButton"));
    setText(QStringLiteral("?"));
    setToolTip(tr("What this page does (F1)"));
    setAccessibleName(tr("Guide to this page"));
    setStyleSheet(QStringLiteral("padding: 0"));
    setFixedSize(kSide, kSide);
    pages->installEventFilter(this);
    place();
}

void GuideButton::place() {
    const QRect area = m_pages->geometry();
    move(area.right() - kSide, area.top() + 1);
    raise();
}

bool GuideButton::eventFilter(QObject* watched, QEvent* event) {
    if (event->type() == QEvent::Resize || event->type() == QEvent::Move || event->type() == QEvent::Show)
        place();
    return QToolButton::eventFilter(watched, event);
}

} // namespace diptych::ui
