// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/bar_delegate.h"

#include "ui/models/table_model.h"
#include "ui/theme/theme.h"

#include <QApplication>
#include <QPainter>

#include <algorithm>
#include <utility>

namespace diptych::ui {

void BarDelegate::paint(QPainter* painter, const QStyleOptionViewItem& option,
                        const QModelIndex& index) const {
    const QVariant share = index.data(kBarRole);
    if (!share.isValid()) {
        QStyledItemDelegate::paint(painter, option, index);
        return;
    }
    QStyleOptionViewItem item = option;
    initStyleOption(&item, index);
    const QString text = std::exchange(item.text, QString());
    const QStyle* style = item.widget ? item.widget->style() : QApplication::style();
    style->drawControl(QStyle::CE_ItemViewItem, &item, painter, item.widget);

    const int textWidth =
        item.fontMetrics.horizontalAdvance(text.endsWith(QLatin1Char('%')) ? QStringLiteral("100.0 %")
                                                                           : QStringLiteral("100.0")) +
        10;
    const QRect inner = item.rect.adjusted(6, 0, -6, 0);
    QRect track = inner.adjusted(0, 0, -textWidth, 0);
    const int height = std::min(8, track.height() - 6);
    track.setTop(inner.center().y() - height / 2);
    track.setHeight(height);
    painter->save();
    painter->setRenderHint(QPainter::Antialiasing);
    painter->setPen(Qt::NoPen);
    painter->setBrush(theme::colors().border);
    painter->drawRoundedRect(track, height / 2.0, height / 2.0);
    QRectF bar = track;
    bar.setWidth(track.width() * std::clamp(share.toDouble(), 0.0, 1.0));
    painter->setBrush(theme::chartColor(0));
    if (bar.width() > 0)
        painter->drawRoundedRect(bar, height / 2.0, height / 2.0);
    const bool selected = item.state.testFlag(QStyle::State_Selected);
    painter->setPen(item.palette.color(selected ? QPalette::HighlightedText : QPalette::Text));
    painter->drawText(inner, Qt::AlignRight | Qt::AlignVCenter, text);
    painter->restore();
}

QSize BarDelegate::sizeHint(const QStyleOptionViewItem& option, const QModelIndex& index) const {
    QSize size = QStyledItemDelegate::sizeHint(option, index);
    if (index.data(kBarRole).isValid())
        size.setWidth(std::max(size.width(), 140));
    return size;
}

} // namespace diptych::ui
