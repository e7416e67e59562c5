// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QMetaType>
#include <QStyledItemDelegate>

namespace diptych::ui {

/// A value with its interval and a value to compare with, as shares of the width of the cell's scale: [0, 1].
struct ShownInterval {
    double low = 0, value = 0, high = 0, reference = 0;
    friend bool operator==(const ShownInterval&, const ShownInterval&) = default;
};

/// The ShownInterval of a cell (IntervalDelegate).
inline constexpr int kIntervalRole = Qt::UserRole + 3;

/// Draws cells that carry kIntervalRole as a line from low to high with a dot at the value and a mark at the
/// reference; the text stands beside it. Only paints.
class IntervalDelegate : public QStyledItemDelegate {
    Q_OBJECT

public:
    using QStyledItemDelegate::QStyledItemDelegate;
    void paint(QPainter* painter, const QStyleOptionViewItem& option,
               const QModelIndex& index) const override;
    QSize sizeHint(const QStyleOptionViewItem& option, const QModelIndex& index) const override;
};

} // namespace diptych::ui

Q_DECLARE_METATYPE(diptych::ui::ShownInterval)
