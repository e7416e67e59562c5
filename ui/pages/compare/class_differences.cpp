// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/compare/class_differences.h"

#include "core/metrics/number_text.h"
#include "ui/models/formatting.h"
#include "ui/theme/theme.h"

#include <QApplication>
#include <QFont>
#include <QPainter>

#include <algorithm>
#include <cmath>
#include <utility>

namespace diptych::ui {

void ClassDifferencesModel::setClasses(std::vector<ClassDifference> classes) {
    m_widest = 0;
    for (const ClassDifference& one : classes)
        m_widest = std::max(m_widest, std::abs(one.difference()));
    setRows(std::move(classes));
}

QVariant ClassDifferencesModel::header(int column) const {
    switch (column) {
    case Name:
        return tr("Class");
    case Difference:
        return tr("A − B");
    case OnlyA:
        return tr("Only A");
    case OnlyB:
        return tr("Only B");
    case Holm:
        return tr("p (Holm)");
    case Images:
        return tr("Images");
    case A:
        return tr("A right");
    default:
        return tr("B right");
    }
}

QVariant ClassDifferencesModel::cell(const ClassDifference& row, int column, int role) const {
    if (role == kDifferenceRole)
        return column == Difference && m_widest > 0 ? QVariant(row.difference() / m_widest) : QVariant();
    if (role == Qt::FontRole && row.differs) {
        QFont font;
        font.setBold(true);
        return font;
    }
    if (role == Qt::ToolTipRole) {
        const QString verdict = row.differs ? tr("Differs, at 5 % over all classes.")
                                            : tr("Not shown to differ, at 5 % over all classes.");
        return QStringLiteral("<p>%1: %2 → %3. %4</p>")
            .arg(toQString(row.name).toHtmlEscaped(), shareText(row.first), shareText(row.second), verdict);
    }
    const bool sorting = role == kSortRole;
    if (role != Qt::DisplayRole && !sorting)
        return {};
    switch (column) {
    case Name:
        return toQString(row.name);
    case Difference:
        return sorting ? QVariant(row.difference()) : toQString(pointsText(row.difference()));
    case OnlyA:
        return QVariant::fromValue<qulonglong>(row.onlyFirst);
    case OnlyB:
        return QVariant::fromValue<qulonglong>(row.onlySecond);
    case Holm:
        return sorting ? QVariant(row.adjustedP) : numberText(row.adjustedP);
    case Images:
        return QVariant::fromValue<qulonglong>(row.n);
    case A:
        return sorting ? QVariant(row.first) : shareText(row.first);
    default:
        return sorting ? QVariant(row.second) : shareText(row.second);
    }
}

void DifferenceDelegate::paint(QPainter* painter, const QStyleOptionViewItem& option,
                               const QModelIndex& index) const {
    QStyleOptionViewItem item = option;
    initStyleOption(&item, index);
    const QString text = std::exchange(item.text, QString());
    const QStyle* style = item.widget ? item.widget->style() : QApplication::style();
    style->drawControl(QStyle::CE_ItemViewItem, &item, painter, item.widget);
    const double difference = index.data(ClassDifferencesModel::kDifferenceRole).toDouble();
    const QRect inner = item.rect.adjusted(6, 0, -6, 0);
    const int words = item.fontMetrics.horizontalAdvance(QStringLiteral("+100.0")) + 8;
    QRectF track = inner.adjusted(0, 0, -words, 0);
    const double height = std::min(8.0, track.height() - 6);
    track.setTop(inner.center().y() - height / 2);
    track.setHeight(height);
    painter->save();
    painter->setRenderHint(QPainter::Antialiasing);
    const double middle = track.center().x(),
                 length = std::clamp(std::abs(difference), 0.0, 1.0) * track.width() / 2;
    painter->setPen(Qt::NoPen);
    painter->setBrush(theme::chartColor(difference > 0 ? 0 : 1));
    if (length > 0)
        painter->drawRect(QRectF(difference > 0 ? middle - length : middle, track.top(), length, height));
    painter->setPen(theme::colors().border);
    painter->drawLine(QPointF(middle, inner.top() + 3), QPointF(middle, inner.bottom() - 3));
    painter->setFont(item.font);
    painter->setPen(item.palette.color(QPalette::Text));
    painter->drawText(inner, Qt::AlignRight | Qt::AlignVCenter, text);
    painter->restore();
}

QSize DifferenceDelegate::sizeHint(const QStyleOptionViewItem& option, const QModelIndex& index) const {
    QSize size = QStyledItemDelegate::sizeHint(option, index);
    size.setWidth(std::max(size.width(), 112));
    return size;
}

} // namespace diptych::ui
