// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/interval_delegate.h"

#include "ui/theme/theme.h"

#include <QApplication>
#include <QPainter>

#include <algorithm>
#include <utility>

namespace diptych::ui {
namespace {

constexpr int kLeastChart = 90, kMargin = 6, kGap = 10;
constexpr double kDot = 3.5, kLine = 3;

int textWidth(const QStyleOptionViewItem& item, const QString& text) {
    return std::max(item.fontMetrics.horizontalAdvance(QStringLiteral("100.0 – 100.0 %")),
                    item.fontMetrics.horizontalAdvance(text));
}

} // namespace

void IntervalDelegate::paint(QPainter* painter, const QStyleOptionViewItem& option,
                             const QModelIndex& index) const {
    const QVariant role = index.data(kIntervalRole);
    if (!role.isValid()) {
        QStyledItemDelegate::paint(painter, option, index);
        return;
    }
    const auto shown = role.value<ShownInterval>();
    QStyleOptionViewItem item = option;
    initStyleOption(&item, index);
    const QString text = std::exchange(item.text, QString());
    const QStyle* style = item.widget ? item.widget->style() : QApplication::style();
    style->drawControl(QStyle::CE_ItemViewItem, &item, painter, item.widget);

    const QRect inner = item.rect.adjusted(kMargin, 0, -kMargin, 0);
    const QRectF chart = QRectF(inner).adjusted(kDot, 0, -textWidth(item, text) - kGap - kDot, 0);
    const double middle = chart.center().y();
    const auto at = [&](double share) { return chart.left() + std::clamp(share, 0.0, 1.0) * chart.width(); };
    const bool selected = item.state.testFlag(QStyle::State_Selected);
    const QColor words = item.palette.color(selected ? QPalette::HighlightedText : QPalette::Text);
    const QColor ink = selected ? words : theme::chartColor(0);
    painter->save();
    painter->setRenderHint(QPainter::Antialiasing);
    if (chart.width() > 0) {
        painter->setPen(QPen(selected ? words : theme::colors().mutedText, 1, Qt::DotLine));
        painter->drawLine(QPointF(at(shown.reference), inner.top() + 2),
                          QPointF(at(shown.reference), inner.bottom() - 2));
        painter->setPen(QPen(ink, kLine, Qt::SolidLine, Qt::RoundCap));
        painter->drawLine(QPointF(at(shown.low), middle), QPointF(at(shown.high), middle));
        painter->setPen(Qt::NoPen);
        painter->setBrush(ink);
        painter->drawEllipse(QPointF(at(shown.value), middle), kDot, kDot);
    }
    painter->setPen(words);
    painter->drawText(inner, Qt::AlignRight | Qt::AlignVCenter, text);
    painter->restore();
}

QSize IntervalDelegate::sizeHint(const QStyleOptionViewItem& option, const QModelIndex& index) const {
    QSize size = QStyledItemDelegate::sizeHint(option, index);
    if (!index.data(kIntervalRole).isValid())
        return size;
    QStyleOptionViewItem item = option;
    initStyleOption(&item, index);
    size.setWidth(std::max(size.width(), textWidth(item, item.text) + kGap + kLeastChart + 2 * kMargin));
    return size;
}

} // namespace diptych::ui
