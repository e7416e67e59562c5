// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/print/page_flow.h"

#include "ui/print/text_block.h"

#include <QPainter>
#include <QSvgRenderer>

#include <algorithm>

namespace diptych::ui::print {
namespace {

constexpr qreal kPixel = 0.75 * kUnit; ///< of CSS
const QColor kLine(0xd5, 0xd9, 0xdf);

} // namespace

PageFlow::PageFlow(QSizeF page, qreal margin)
    : m_page(page), m_margin(margin), m_bottom(page.height() - margin - 14 * kUnit) {
    newPage();
}

void PageFlow::newPage() {
    m_pages.emplace_back();
    m_top = m_margin;
}

void PageFlow::place(const Piece& piece) {
    m_pages.back().push_back(piece.at(m_top));
    m_top += piece.height;
}

void PageFlow::add(Piece piece, bool withNext) {
    if (withNext) {
        m_waiting.push_back(std::move(piece));
        return;
    }
    qreal needed = piece.height;
    for (const Piece& each : m_waiting)
        needed += each.height;
    if (m_top + needed > m_bottom && m_top > m_margin)
        newPage();
    for (const Piece& each : m_waiting)
        place(each);
    m_waiting.clear();
    if (m_top + piece.height > m_bottom && m_top > m_margin)
        newPage();
    place(piece);
}

void PageFlow::pageBreak() {
    if (m_top > m_margin)
        newPage();
}

void PageFlow::space(qreal points) {
    if (m_top > m_margin && m_waiting.empty())
        m_top = std::min(m_bottom, m_top + points * kUnit);
}

void PageFlow::rule() {
    add({6 * kUnit,
         [this](qreal top) -> Draw {
             const QLineF line(m_margin, top + 2 * kUnit, m_page.width() - m_margin, top + 2 * kUnit);
             return [line](QPainter& painter) {
                 painter.setPen(QPen(kLine, 0.7 * kUnit));
                 painter.drawLine(line);
             };
         }},
        true);
}

void PageFlow::text(const QString& text, Role role) {
    if (text.isEmpty())
        return;
    const bool heading = role == Role::Title || role == Role::Heading || role == Role::Subheading;
    const qreal before = (role == Role::Heading ? 12 : role == Role::Subheading ? 9 : 1) * kUnit;
    const qreal after = (heading ? 4 : 2) * kUnit;
    const TextBlock block(heading ? shortened(text) : text, fontOf(role), width());
    const QColor color = colorOf(role);
    if (heading) {
        add({before + block.height() + after,
             [this, block, before, color](qreal top) -> Draw {
                 const QPointF at(m_margin, top + before);
                 return [block, at, color](QPainter& painter) { block.draw(painter, at, color); };
             }},
            true);
        return;
    }
    // Line by line, so that a long text goes on on the next page.
    for (int line = 0; line < block.lineCount(); ++line) {
        const qreal above = line == 0 ? before : 0, below = line + 1 == block.lineCount() ? after : 0;
        add({above + block.lineHeight(line) + below, [this, block, line, above, color](qreal top) -> Draw {
                 const QPointF at(m_margin, top + above);
                 return [block, line, at, color](QPainter& painter) {
                     block.drawLine(painter, line, at, color);
                 };
             }});
    }
}

void PageFlow::drawings(const std::vector<QByteArray>& svgs) {
    struct Placed {
        std::shared_ptr<QSvgRenderer> renderer;
        QSizeF size;
    };
    std::vector<Placed> row;
    qreal used = 0;
    const qreal gap = 14 * kUnit;
    const auto flush = [&] {
        if (row.empty())
            return;
        qreal height = 0;
        for (const Placed& each : row)
            height = std::max(height, each.size.height());
        add({height + 6 * kUnit, [this, row, gap](qreal top) -> Draw {
                 const QPointF at(m_margin, top + 3 * kUnit);
                 return [row, at, gap](QPainter& painter) {
                     QPointF corner = at;
                     for (const Placed& each : row) {
                         each.renderer->render(&painter, QRectF(corner, each.size));
                         corner.rx() += each.size.width() + gap;
                     }
                 };
             }});
        row.clear();
        used = 0;
    };
    for (const QByteArray& svg : svgs) {
        auto renderer = std::make_shared<QSvgRenderer>(svg);
        if (!renderer->isValid())
            continue;
        QSizeF size = QSizeF(renderer->viewBoxF().size()) * kPixel;
        // On a page of its own at worst, with its heading.
        const qreal most = svgs.size() > 1 ? (width() - gap) / 2 : width();
        size *= std::min({1.0, most / size.width(), (room() - 60 * kUnit) / size.height()});
        if (!row.empty() && used + gap + size.width() > width())
            flush();
        used += (row.empty() ? 0 : gap) + size.width();
        row.push_back({std::move(renderer), size});
    }
    flush();
}

void PageFlow::setFooter(const QString& left, const QString& right) {
    m_footerLeft = left;
    m_footerRight = right;
}

void PageFlow::paint(QPainter& painter, int page) const {
    painter.save();
    painter.setRenderHints(QPainter::Antialiasing | QPainter::TextAntialiasing |
                           QPainter::SmoothPixmapTransform);
    for (const Draw& draw : m_pages[static_cast<size_t>(page)])
        draw(painter);
    const qreal top = m_page.height() - m_margin;
    const QFont font = fontOf(Role::Soft);
    QString right = m_footerRight;
    right.replace(QStringLiteral("%p"), QString::number(page + 1))
        .replace(QStringLiteral("%n"), QString::number(pageCount()));
    const qreal number = QFontMetricsF(font).horizontalAdvance(right);
    const QString left =
        QFontMetricsF(font).elidedText(m_footerLeft, Qt::ElideRight, width() - number - 20 * kUnit);
    TextBlock(left, font, width()).draw(painter, {m_margin, top}, colorOf(Role::Soft));
    TextBlock(right, font, width(), Qt::AlignRight).draw(painter, {m_margin, top}, colorOf(Role::Soft));
    painter.restore();
}

} // namespace diptych::ui::print
