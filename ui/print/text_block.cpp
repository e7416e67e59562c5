// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/print/text_block.h"

#include <QPainter>
#include <QTextLayout>

namespace diptych::ui::print {
namespace {

constexpr qsizetype kMostLetters = 600;
constexpr qreal kLineSpacing = 1.12;

} // namespace

QFont fontOf(Role role, bool strong) {
    QFont font(role == Role::Code ? QStringLiteral("DejaVu Sans Mono") : QStringLiteral("DejaVu Sans"));
    font.setStyleHint(role == Role::Code ? QFont::Monospace : QFont::SansSerif);
    const qreal points = role == Role::Title        ? 18
                         : role == Role::Heading    ? 13
                         : role == Role::Subheading ? 10.5
                         : role == Role::Code       ? 7.5
                                                    : 8.5;
    font.setPixelSize(static_cast<int>(points * kUnit));
    font.setBold(strong || role == Role::Title || role == Role::Heading || role == Role::Subheading);
    font.setHintingPreference(QFont::PreferNoHinting);
    return font;
}

QColor colorOf(Role role) {
    return role == Role::Soft ? QColor(0x5d, 0x66, 0x73) : QColor(0x1c, 0x20, 0x26);
}

TextBlock::TextBlock(const QString& text, const QFont& font, qreal width, Qt::Alignment alignment)
    : m_layout(std::make_shared<QTextLayout>(QString(text).replace(QLatin1Char('\n'), QChar::LineSeparator),
                                             font)) {
    QTextOption option(alignment);
    option.setWrapMode(QTextOption::WrapAtWordBoundaryOrAnywhere);
    option.setTextDirection(text.isRightToLeft() ? Qt::RightToLeft : Qt::LeftToRight);
    m_layout->setTextOption(option);
    m_layout->beginLayout();
    for (QTextLine line = m_layout->createLine(); line.isValid(); line = m_layout->createLine()) {
        line.setLineWidth(width);
        line.setPosition({0, m_height});
        m_height += line.height() * kLineSpacing;
    }
    m_layout->endLayout();
}

void TextBlock::draw(QPainter& painter, QPointF at, const QColor& color) const {
    painter.setPen(color);
    m_layout->draw(&painter, at);
}

int TextBlock::lineCount() const {
    return m_layout->lineCount();
}

qreal TextBlock::lineHeight(int line) const {
    return m_layout->lineAt(line).height() * kLineSpacing;
}

void TextBlock::drawLine(QPainter& painter, int line, QPointF at, const QColor& color) const {
    const QTextLine drawn = m_layout->lineAt(line);
    painter.setPen(color);
    drawn.draw(&painter, at - QPointF(0, drawn.y()));
}

QString shortened(const QString& text) {
    return text.size() <= kMostLetters ? text : text.left(kMostLetters) + QChar(0x2026);
}

} // namespace diptych::ui::print
