// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/print/page_flow.h"

#include <QColor>
#include <QFont>

#include <memory>

class QTextLayout;

namespace diptych::ui::print {

QFont fontOf(Role role, bool strong = false);
QColor colorOf(Role role);

/// Words broken into lines of a width, at any letter where a word is wider.
class TextBlock {
public:
    TextBlock(const QString& text, const QFont& font, qreal width, Qt::Alignment alignment = Qt::AlignLeft);
    qreal height() const { return m_height; }
    void draw(QPainter& painter, QPointF at, const QColor& color) const;
    int lineCount() const;
    qreal lineHeight(int line) const; ///< with the space below it
    /// One line by itself, its upper left corner at @p at.
    void drawLine(QPainter& painter, int line, QPointF at, const QColor& color) const;

private:
    std::shared_ptr<QTextLayout> m_layout;
    qreal m_height = 0;
};

/// Long texts would fill pages: the first letters of them.
QString shortened(const QString& text);

} // namespace diptych::ui::print
