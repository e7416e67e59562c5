// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/two_line_delegate.h"

#include "ui/theme/theme.h"

#include <QPainter>

namespace diptych::ui {

void TwoLineDelegate::paint(QPainter* painter, const QStyleOptionViewItem& option,
                            const QModelIndex& index) const {
    const theme::Colors& c = theme::colors();
    painter->save();
    painter->setRenderHint(QPainter::Antialiasing);
    const bool selected = option.state & QStyle::State_Selected;
    const bool hovered = option.state & QStyle::State_MouseOver;
    if (selected || hovered) {
        painter->setPen(Qt::NoPen);
        painter->setBrush(selected ? c.accentSoft : c.raised);
        painter->drawRoundedRect(option.rect.adjusted(2, 1, -2, -1), theme::kRadius, theme::kRadius);
    }
    const QRect area = option.rect.adjusted(theme::kMedium, theme::kSmall, -theme::kSmall, -theme::kSmall);
    QFont bold = option.font;
    bold.setWeight(QFont::DemiBold);
    painter->setFont(bold);
    painter->setPen(c.text);
    const QFontMetrics metrics(bold);
    const QString name = index.data(Qt::DisplayRole).toString();
    painter->drawText(area, Qt::AlignTop | Qt::AlignLeft,
                      metrics.elidedText(name, Qt::ElideMiddle, area.width()));
    const QFont small = theme::font(theme::Text::Caption);
    const QFontMetrics smallMetrics(small);
    painter->setFont(small);
    painter->setPen(c.mutedText);
    const QString subtitle = index.data(m_subtitleRole).toString();
    painter->drawText(area, Qt::AlignBottom | Qt::AlignLeft,
                      smallMetrics.elidedText(subtitle, Qt::ElideRight, area.width()));
    painter->restore();
}

QSize TwoLineDelegate::sizeHint(const QStyleOptionViewItem& option, const QModelIndex&) const {
    const int height = QFontMetrics(option.font).height() +
                       QFontMetrics(theme::font(theme::Text::Caption)).height() + 2 * theme::kSmall + 2;
    return {120, height};
}

} // namespace diptych::ui
