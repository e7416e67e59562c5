// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/facet_delegate.h"

#include "ui/models/facet_model.h"
#include "ui/models/formatting.h"
#include "ui/theme/theme.h"

#include <QApplication>
#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>

namespace diptych::ui {

namespace {

constexpr int kBarHeight = 3;

FacetModel::RowKind kindOf(const QModelIndex& index) {
    return static_cast<FacetModel::RowKind>(index.data(FacetModel::KindRole).toInt());
}

void paintBars(QPainter& painter, const QRect& area, const QModelIndex& index) {
    const theme::Colors& colors = theme::colors();
    QRect bar(area.left(), area.bottom() - kBarHeight - 1, area.width(), kBarHeight);
    const auto part = [&](int role) {
        QRect filled = bar;
        const double share = index.data(role).toDouble();
        filled.setWidth(share > 0 ? std::max(2, qRound(share * bar.width())) : 0);
        return filled;
    };
    painter.fillRect(part(FacetModel::TotalShareRole), colors.border);
    painter.fillRect(part(FacetModel::ShareRole), colors.accent);
}

} // namespace

void FacetDelegate::paint(QPainter* painter, const QStyleOptionViewItem& option,
                          const QModelIndex& index) const {
    QStyleOptionViewItem line = option;
    initStyleOption(&line, index);
    const FacetModel::RowKind kind = kindOf(index);
    const theme::Colors& colors = theme::colors();
    if (kind == FacetModel::HistogramRow)
        line.text.clear(); // a widget of its own stands here
    if (kind == FacetModel::FacetRow)
        line.font.setBold(true);
    if (kind != FacetModel::ValueRow) {
        if (kind == FacetModel::MoreRow)
            line.palette.setColor(QPalette::Text, colors.accent);
        QApplication::style()->drawControl(QStyle::CE_ItemViewItem, &line, painter, line.widget);
        return;
    }
    const qlonglong count = index.data(FacetModel::CountRole).toLongLong();
    const qlonglong total = index.data(FacetModel::TotalRole).toLongLong();
    const QString counts = count == total
                               ? exactCountText(total)
                               : QStringLiteral("%1 / %2").arg(exactCountText(count), exactCountText(total));
    const QFontMetrics metrics(line.font);
    const int room = metrics.horizontalAdvance(counts) + theme::kSmall;
    const QString name = line.text;
    const QRect text = QApplication::style()->subElementRect(QStyle::SE_ItemViewItemText, &line, line.widget);
    line.text.clear();
    QApplication::style()->drawControl(QStyle::CE_ItemViewItem, &line, painter, line.widget);
    painter->save();
    painter->setFont(line.font);
    const QRect area = QRect(text.left() + 2, option.rect.top(),
                             option.rect.right() - text.left() - theme::kTiny, option.rect.height());
    paintBars(*painter, area, index);
    const QRect words = area.adjusted(0, 0, 0, -kBarHeight - 1);
    painter->setPen(count > 0 ? colors.text : colors.mutedText);
    painter->drawText(words.adjusted(0, 0, -room, 0), Qt::AlignLeft | Qt::AlignVCenter,
                      metrics.elidedText(name, Qt::ElideMiddle, words.width() - room));
    painter->setPen(colors.mutedText);
    painter->drawText(words, Qt::AlignRight | Qt::AlignVCenter, counts);
    painter->restore();
}

QSize FacetDelegate::sizeHint(const QStyleOptionViewItem& option, const QModelIndex& index) const {
    QSize size = QStyledItemDelegate::sizeHint(option, index);
    const FacetModel::RowKind kind = kindOf(index);
    if (kind == FacetModel::HistogramRow)
        size.setHeight(option.fontMetrics.height() + 2 * theme::kSmall + 3 * theme::kHuge);
    else
        size.setHeight(option.fontMetrics.height() + theme::kSmall +
                       (kind == FacetModel::ValueRow ? kBarHeight : 0));
    size.setWidth(0); // as wide as the view
    return size;
}

bool FacetDelegate::editorEvent(QEvent* event, QAbstractItemModel* model, const QStyleOptionViewItem& option,
                                const QModelIndex& index) {
    const FacetModel::RowKind kind = kindOf(index);
    if (kind != FacetModel::ValueRow && kind != FacetModel::MoreRow)
        return false;
    bool meant = false;
    if (event->type() == QEvent::MouseButtonRelease) {
        const auto* mouse = static_cast<QMouseEvent*>(event);
        meant = mouse->button() == Qt::LeftButton && option.rect.contains(mouse->position().toPoint());
    } else if (event->type() == QEvent::KeyPress) {
        const int key = static_cast<QKeyEvent*>(event)->key();
        meant =
            key == Qt::Key_Space || key == Qt::Key_Select || key == Qt::Key_Return || key == Qt::Key_Enter;
    }
    if (!meant)
        return false;
    const bool checked = index.data(Qt::CheckStateRole).toInt() == Qt::Checked;
    return model->setData(index, checked ? Qt::Unchecked : Qt::Checked, Qt::CheckStateRole);
}

} // namespace diptych::ui
