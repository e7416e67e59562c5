// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/folding_row.h"

#include "ui/theme/theme.h"

#include <QBoxLayout>
#include <QEvent>

#include <algorithm>

namespace diptych::ui {

FoldingRow::FoldingRow(QWidget* parent)
    : QWidget(parent),
      m_lines(new QBoxLayout(QBoxLayout::LeftToRight, this)),
      m_first(new QHBoxLayout),
      m_second(new QHBoxLayout) {
    m_lines->setContentsMargins(0, 0, 0, 0);
    m_lines->setSpacing(theme::kSmall);
    m_lines->setSizeConstraint(QLayout::SetNoConstraint); // minimumSizeHint() is ours
    m_lines->addLayout(m_first);
    m_lines->addLayout(m_second, 1);
    for (QHBoxLayout* line : {m_first, m_second})
        line->setSpacing(theme::kSmall);
    setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Fixed);
}

void FoldingRow::setStretch(int first, int second) {
    m_lines->setStretch(0, first);
    m_lines->setStretch(1, second);
}

bool FoldingRow::folded() const {
    return m_lines->direction() == QBoxLayout::TopToBottom;
}

QSize FoldingRow::minimumSizeHint() const {
    const QSize first = m_first->minimumSize(), second = m_second->minimumSize();
    return {std::max(first.width(), second.width()), folded()
                                                         ? first.height() + theme::kSmall + second.height()
                                                         : std::max(first.height(), second.height())};
}

void FoldingRow::arrange() {
    const int wanted = m_first->sizeHint().width() + theme::kSmall + m_second->sizeHint().width();
    const QBoxLayout::Direction direction =
        width() >= wanted ? QBoxLayout::LeftToRight : QBoxLayout::TopToBottom;
    if (direction == m_lines->direction())
        return;
    m_lines->setDirection(direction);
    updateGeometry();
}

void FoldingRow::resizeEvent(QResizeEvent* event) {
    QWidget::resizeEvent(event);
    arrange();
}

bool FoldingRow::event(QEvent* event) {
    const bool done = QWidget::event(event);
    if (event->type() == QEvent::LayoutRequest || event->type() == QEvent::FontChange)
        arrange();
    return done;
}

} // namespace diptych::ui
