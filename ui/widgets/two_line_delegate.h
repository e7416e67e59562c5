// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QStyledItemDelegate>

namespace diptych::ui {

/// List rows of a name and, below it, muted, what @p subtitleRole says.
class TwoLineDelegate : public QStyledItemDelegate {
    Q_OBJECT
public:
    explicit TwoLineDelegate(int subtitleRole, QObject* parent = nullptr)
        : QStyledItemDelegate(parent), m_subtitleRole(subtitleRole) {}
    void paint(QPainter* painter, const QStyleOptionViewItem& option,
               const QModelIndex& index) const override;
    QSize sizeHint(const QStyleOptionViewItem& option, const QModelIndex& index) const override;

private:
    int m_subtitleRole;
};

} // namespace diptych::ui
